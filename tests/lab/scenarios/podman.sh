# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# podman - a container of a real podman holds the card: refused by its name, stopped by podman, started again
# init: systemd
# packages: podman crun conmon
# shellcheck disable=SC2016 # backquotes are looked for
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
use_packages
command -v podman >/dev/null || skip_all "there is no podman: $(cat "${LAB_PACKAGES:-/nonexistent}/why" 2>/dev/null)"
node=/dev/dri/$(basename "$(ls -d $PCI/$LAB_GPU/drm/card*)")
holders() { plain_profile $p '[gpu]' "device = $LAB_GPU" "holders = $1" '[qemu]' 'argument = -standin' 'argument = say=hello'; }
holds() { find /proc/[0-9]*/fd -lname "$node" 2>/dev/null | grep -q .; }
free() { ! holds; }
begins() {
	: >/tmp/out
	setsid /usr/local/bin/vfio-run one >/tmp/out 2>&1 </dev/null &
	run=$!
	wait_for 120 grep -q running /run/vfio-run/vm/one/status || diag_file /tmp/out
}
ends() {
	vfio_run stop one >&2
	wait $run
	code=$?
	is $code 0 "$1: exit 0"
	[ $code = 0 ] || diag_file /tmp/out
}

# An image takes a registry; a folder with one program does as well, and the kernel's overlay on an overlay
# is not needed then.
mkdir -p /srv/root/bin /srv/root/dev /srv/root/proc /srv/root/sys /srv/root/run /srv/root/tmp /srv/root/etc /etc/containers
cp "$(command -v busybox)" /srv/root/bin/busybox
ln -s busybox /srv/root/bin/sh
ln -s busybox /srv/root/bin/sleep
printf '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n' >/etc/containers/storage.conf
podman run --detach --name lab --network none --restart always --device "$node" --rootfs /srv/root \
	sh -c "exec 3<>$node; exec sleep 100000" >/tmp/id 2>/tmp/podman || diag_file /tmp/podman
id=$(tail -n 1 /tmp/id)
diag "$(podman --version), $(readlink -f /proc/1/exe), $(tail -n 1 "/proc/$(pgrep -f 'sleep 100000' | head -n 1)/cgroup")"
if ! wait_for 60 holds; then
	podman logs lab >/tmp/podman 2>&1
	diag_file /tmp/podman
	fail "a container of podman's holds the card"
	done_testing
	exit
fi

holders refuse
out=$(vfio_run_ascii one 2>&1)
is $? 3 "refused"
like "$out" "podman container $(printf %.12s "$id")\\).*\`podman stop $(printf %.12s "$id")\`" "it is named, with its remedy"
holders terminate
like "$(vfio_run -n one 2>&1)" "container podman/$id: running -> stopped" "-n shows it"
begins
ok "it is stopped" free
is "$(podman inspect --format '{{.State.Status}}' lab)" exited "by podman, which does not start it again"
like "$(cat /tmp/out)" "this ends what uses the card: podman container $(printf %.12s "$id")" "and that was said"
ends "a VM in its place"
ok "it is started again" wait_for 60 holds
is "$(podman inspect --format '{{.State.Status}}' lab)" running "by podman"
begins
kill_all $(pgrep -x 'vfio-run|vfio-standby')
wait_for 60 sh -c '! pgrep -x vfio-hooks'
ok "both killed: recover" vfio_run recover
ok "both killed: it is started again" wait_for 60 holds
podman rm --force --time 1 lab >&2

podman run --detach --rm --name lab2 --network none --device "$node" --rootfs /srv/root \
	sh -c "exec 3<>$node; exec sleep 100000" >&2
wait_for 60 holds
begins
ok "one of --rm: it is stopped" free
ends "one of --rm"
not_ok "and is no more" podman container exists lab2
ok "the card is on its driver" drivers_are bochs-drm $LAB_GPU
done_testing
