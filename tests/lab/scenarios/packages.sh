# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# packages - installed, replaced, put back to an older one and removed while a VM runs and a card is detached
# init: systemd
#
# By dpkg, with the package's own scripts; its database is one of this test's, which is empty. What
# replaces an installation here is broken on purpose: of what runs nothing may need the new files.
. "$LAB_DIR/lib.sh"
command -v dpkg-deb >/dev/null || skip_all "there is no dpkg on this machine"
packages=$LAB_DIR/../../launcher/packages
own=/usr/bin/vfio-run
unit=vfio-run@one.service

# ---- two versions ----------------------------------------------------------------------------------

# make_deb VERSION: of what the lab has built, with the real scripts
make_deb() {
	root=/tmp/deb/$1
	mkdir -p "$root/DEBIAN" "$root/usr/bin" "$root/usr/libexec" "$root/usr/lib/systemd/system" "$root/etc/vfio-run"
	cp /usr/local/bin/vfio-run "$root/usr/bin/"
	cp -r /usr/local/libexec/vfio-run "$root/usr/libexec/"
	sed 's|/usr/local/bin/|/usr/bin/|' /usr/local/lib/systemd/system/vfio-run@.service >"$root/usr/lib/systemd/system/vfio-run@.service"
	for script in prerm postinst postrm; do
		"$packages/fill" "$packages/debian/vfio-run.$script" "$1" | grep -v '#DEBHELPER#' >"$root/DEBIAN/$script"
		chmod 0755 "$root/DEBIAN/$script"
	done
	printf '%s\n' 'Package: vfio-run' "Version: $1" 'Architecture: amd64' 'Maintainer: lab <lab@lab>' \
		'Description: of the lab' >"$root/DEBIAN/control"
	[ -z "${2:-}" ] || "$2" "$root"
	dpkg-deb -Znone --root-owner-group -b "$root" "/tmp/vfio-run_$1.deb" >&2
	rm -rf "$root"
}
# Every program but the one that is typed: nothing that runs can do with it what it has to do.
broken() { for program in "$1"/usr/libexec/vfio-run/*; do printf '#!/bin/sh\nexit 9\n' >"$program"; done; }
with_dpkg() { dpkg --admindir=/tmp/dpkg --force-unsafe-io "$@" >/tmp/dpkg.out 2>&1; }
mkdir -p /tmp/dpkg/info /tmp/dpkg/updates /tmp/dpkg/triggers
: >/tmp/dpkg/status
install() { with_dpkg -i "/tmp/vfio-run_$1.deb"; }
remove() { with_dpkg -r vfio-run; }

make_deb 0.9.0
make_deb 0.9.1
make_deb 0.9.2 broken
rm -rf /usr/local/bin/vfio-run /usr/local/libexec/vfio-run /usr/local/lib/systemd/system/vfio-run@.service
vfio_run() { $own "$@"; }

ok "0.9.0 is installed" install 0.9.0
ok "with the folder of the profiles" test -d /etc/vfio-run
standin_profile /etc/vfio-run/one.profile say=hello

begins() {
	: >/tmp/out
	$own one >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q running /run/vfio-run/vm/one/status || diag_file /tmp/out
}
# What a first run learns and loads, and systemd makes once.
begins
vfio_run stop one >&2
wait $run
systemctl start $unit && systemctl stop $unit
systemctl reset-failed $unit 2>/dev/null
fingerprint_before
back() {
	wait_for 60 nobody
	systemctl reset-failed $unit 2>/dev/null
	fingerprint_after "$1"
}
goes_on() { kill -0 "$run" && grep -q running /run/vfio-run/vm/one/status && drivers_are vfio-pci $LAB_GPU $LAB_AUDIO; }

# ---- a VM runs ---------------------------------------------------------------------------------------

begins
ok "an upgrade while it runs" install 0.9.1
is "$(grep -c "^vfio-run:" /tmp/dpkg.out)" 0 "says nothing"
ok "the VM runs on" goes_on
like "$(vfio_run status 2>&1)" 'one: running' "the new version sees it"
vfio_run stop one >&2
is $? 0 "and ends it"
wait $run
is $? 0 "as asked"
back "everything is back"

begins
ok "a downgrade while it runs" install 0.9.0
ok "the VM runs on" goes_on
kill -KILL $run
wait $run
back "its keeper is killed: its standby gives everything back"

begins
ok "what is installed over it does not work" install 0.9.2
pkill -KILL -x vfio-qmp
ok "vfio-qmp dies, and is started again" wait_for 30 pgrep -x vfio-qmp
ok "the VM runs on" goes_on
standby=$(pgrep -x vfio-standby)
kill -KILL "$standby"
ok "the standby dies, and another is there" wait_for 30 sh -c "pgrep -x vfio-standby | grep -qvx $standby"
kill -KILL $run
wait $run
back "the keeper is killed: everything is back"

install 0.9.0
begins
ok "removed while it runs" remove
like "$(cat /tmp/dpkg.out)" 'one: running' "the VM is named"
ok "nothing of it is there" test ! -e $own
ok "but the profile" test -e /etc/vfio-run/one.profile
ok "the VM runs on" goes_on
pkill -KILL -x qemu-standin
wait $run
is $? 1 "QEMU is killed"
back "everything is back, without the package"

# ---- as a unit -------------------------------------------------------------------------------------------

install 0.9.0
ok "a unit" systemctl start $unit
ok "is upgraded" install 0.9.1
is "$(systemctl is-active $unit)" active "it is active"
ok "removed" remove
is "$(systemctl is-active $unit)" active "it still is"
like "$(cat /tmp/dpkg.out)" 'systemctl stop' "the removal says how it can be ended"
ok "systemctl stop" systemctl stop $unit
back "everything is back, without the package"

# ---- a card is detached, or a run was interrupted -----------------------------------------------------------

install 0.9.0
vfio_run detach $LAB_GPU
ok "a card is detached: an upgrade" install 0.9.1
ok "a removal" remove
like "$(cat /tmp/dpkg.out)" "^  $LAB_GPU\$" "the card is named"
like "$(cat /tmp/dpkg.out)" 'vfio-run attach' "and what gives it back"
ok "it stays where it was put" drivers_are vfio-pci $LAB_GPU $LAB_AUDIO
ok "installed again, an older one" install 0.9.0
vfio_run attach
is $? 0 "gives it back"
back "everything is back"

begins
# shellcheck disable=SC2046 # one word each
kill_all $run $(pgrep -P $run vfio-standby)
wait $run
ok "all of it is killed" drivers_are vfio-pci $LAB_GPU
ok "removed" remove
like "$(cat /tmp/dpkg.out)" "^  $LAB_GPU\$" "the card is named"
ok "installed again" install 0.9.1
vfio_run recover
is $? 0 "recover by the other version"
back "everything is back"
done_testing
