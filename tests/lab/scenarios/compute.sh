# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# compute - services of NVIDIA's hold nodes that are not in sysfs: stopped as units, started again, and what
# the card's driver has no more afterwards is told
#
# Programs and driver are stand-ins: the nodes have that driver's numbers, and /proc shows what it shows. A
# node that no driver has can be open by its path alone. AMD's /dev/kfd stands in /sys/class, where nothing can
# be added: tests/unit/test-checks.c has it.
# init: systemd
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
holders() { plain_profile $p '[gpu]' "device = $LAB_GPU" "holders = $1" '[qemu]' 'argument = -standin' 'argument = say=hello'; }
mount -t tmpfs tmpfs /proc/driver
nvidia() {
	mkdir -p /proc/driver/nvidia/gpus/$LAB_GPU
	printf 'Model: \t\t Stand-in\nDevice Minor: \t %s\n' "$1" >/proc/driver/nvidia/gpus/$LAB_GPU/information
}
nvidia 0
mknod /dev/nvidia0 c 195 0
mknod /dev/nvidiactl c 195 255

# unit NAME PROGRAM NODE
unit() {
	cp "$(command -v vfio-hold)" "/tmp/$2"
	printf '[Service]\nExecStart=/tmp/%s path %s\nRestart=always\n' "$2" "$3" >"/run/systemd/system/$1.service"
	units="$units $1"
}
units=
unit nvidia-persistenced nvidia-persistenced /dev/nvidia0
unit nvidia-powerd nvidia-powerd /dev/nvidiactl
unit nvidia-fabricmanager nv-fabricmanager /dev/nvidiactl
systemctl daemon-reload
systemctl start $units
all() { for u in $units; do systemctl --quiet is-active "$u" || return 1; done; }
none() { for u in $units; do ! systemctl --quiet is-active "$u" || return 1; done; }
ok "the services run" wait_for 20 all

holders refuse
out=$(vfio_run_ascii one 2>&1)
is $? 3 "holders = refuse: refused"
for u in $units; do
	like "$out" "$u.service\\)" "$u is named"
	like "$out" "\`systemctl stop $u(.service)?\`" "$u: with its remedy"
done
ok "and all of them run" all
holders terminate
dry=$(vfio_run -n one 2>&1)
for u in $units; do like "$dry" "service $u.service: running -> stopped" "$u: -n shows it"; done
begins() {
	: >/tmp/out
	setsid /usr/local/bin/vfio-run one >/tmp/out 2>&1 </dev/null &
	run=$!
	wait_for 60 grep -q running /run/vfio-run/vm/one/status || diag_file /tmp/out
}
ends() {
	vfio_run stop one >&2
	wait $run
	code=$?
	is $code 0 "$1: exit 0"
	[ $code = 0 ] || diag_file /tmp/out
}
begins
ok "a VM runs: none of them does" none
ends "a VM"
ok "they are started again" wait_for 20 all
unlike "$(cat /tmp/out)" 'no node for it' "and the card has all its nodes"
begins
kill_all $(pgrep -x 'vfio-run|vfio-standby')
ok "both killed: recover" vfio_run recover
ok "both killed: they are started again" wait_for 20 all

begins
rm -r /proc/driver/nvidia/gpus/$LAB_GPU
ends "a driver that does not make all of it again"
like "$(cat /tmp/out)" "$LAB_GPU .*NVIDIA's driver has no node for it any more, and had /dev/nvidia0" "its node is missed"
ok "the services are started again" wait_for 20 all
nvidia 0
begins
nvidia 1
ends "a driver that numbers anew"
like "$(cat /tmp/out)" "its node is /dev/nvidia1 now, and was /dev/nvidia0: .nvidia-modprobe -c 1." "its new number is told"
systemctl stop $units
umount /proc/driver
done_testing
