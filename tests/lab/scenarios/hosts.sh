# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# hosts - the same on hosts that are arranged otherwise: cgroup v1, hybrid, none at all; AppArmor. A row
# each, of `make check-all`: what, how often, result
# packages: apparmor
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
processes='^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-standin)'

use_packages
standin_profile /etc/vfio-run/one.profile say=hello
wait_for 20 test -e /dev/snd/controlC0
: >/tmp/out
$own one >/tmp/out 2>&1 & # what a first run loads and learns
wait_for 60 grep -q running /run/vfio-run/vm/one/status
vfio_run stop one >&2
wait
wait_for 20 test -e /dev/snd/controlC0
nobody() { ! pgrep "$processes"; }

# begin NAME...: VMs that run; $run is the last one's keeper
begin() {
	for name; do
		$own $name >>/tmp/out 2>&1 &
		run=$!
		wait_for 60 grep -q running /run/vfio-run/vm/$name/status || return
	done
}
came_back() { wait_for 60 nobody && wait_for 20 fingerprint_same row; }

# the ways in which a run ends; each is a try of a row
stopped() {
	begin one && vfio_run stop one >&2 && wait $run && came_back
}
keeper_killed() {
	begin one || return
	kill -KILL $run
	wait $run
	[ $? = 137 ] && came_back
}
all_killed() {
	begin one || return
	# shellcheck disable=SC2046 # one word each
	kill_all $run $(pgrep -P $run vfio-standby)
	wait $run
	vfio_run recover >&2 && came_back
}
detached() {
	vfio_run detach $LAB_GPU >&2 && drivers_are vfio-pci $LAB_GPU $LAB_AUDIO && vfio_run attach >&2 && came_back
}

# ---- cgroups -----------------------------------------------------------------------------

row 'cgroup v2' stopped keeper_killed all_killed detached
umount /sys/fs/cgroup
row 'no cgroups' stopped keeper_killed all_killed detached
mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
for controller in cpu,cpuacct cpuset memory pids freezer devices; do
	mkdir /sys/fs/cgroup/$controller
	mount -t cgroup -o $controller cgroup /sys/fs/cgroup/$controller || diag "cgroup v1 without $controller"
done
mkdir /sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
like "$(cat /proc/self/cgroup)" ':memory:/' "the controllers are cgroup v1's"
row 'cgroup v1' stopped keeper_killed all_killed detached
mkdir /sys/fs/cgroup/unified
mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
row 'cgroup hybrid' stopped keeper_killed all_killed detached
begin one
like "$(cat "/proc/$run/cgroup")" '0::/vfio-run/one/keeper' "hybrid: what there is of cgroup v2 is used"
vfio_run stop one >&2
wait
umount -R /sys/fs/cgroup
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 /sys/fs/cgroup

# ---- AppArmor ------------------------------------------------------------------------------

[ -e /sys/kernel/security/apparmor ] || mount -t securityfs securityfs /sys/kernel/security
if [ "$(cat /sys/module/apparmor/parameters/enabled)" = Y ] && command -v apparmor_parser >/dev/null; then
	printf '%s\n' 'profile lab-qemu /usr/bin/qemu-standin flags=(attach_disconnected) {' \
		' file,' ' unix,' ' signal,' ' network,' ' capability,' '}' >/tmp/apparmor
	ok "AppArmor has a profile for QEMU" apparmor_parser -r /tmp/apparmor
	for file in /etc/apparmor.d/*; do
		[ ! -f "$file" ] || apparmor_parser -r "$file" >&2 || diag "not loaded: $file"
	done
	diag "$(wc -l </sys/kernel/security/apparmor/profiles) profiles are loaded"
	row 'AppArmor' stopped keeper_killed all_killed detached
	begin one
	# An exec that changes the profile takes PDEATHSIG away (begin_new_exec() in fs/exec.c): when keeper and
	# standby are killed at once, `recover` ends QEMU.
	diag "QEMU is confined by: $(cat "/proc/$(pgrep -x qemu-standin)/attr/current")"
	vfio_run stop one >&2
	wait
	apparmor_parser -R /tmp/apparmor
else
	skip "AppArmor" "$(cat "$LAB_PACKAGES/why" 2>/dev/null || echo "this kernel has none")"
fi

done_testing
