# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# two-vms - two VMs at once, a card each. A row of `make check-all`: what, how often, result
. "$LAB_DIR/lib.sh"
second=0000:02:00.0 second_audio=0000:02:00.1
first='' run='' # the keepers

standin_profile /etc/vfio-run/one.profile say=hello
sed "s/^device = .*/device = $second/" /etc/vfio-run/one.profile >/etc/vfio-run/two.profile
wait_for 20 test -e /dev/snd/hwC1D0
learn one two
wait_for 20 test -e /dev/snd/hwC1D0

# both_end NAME NAME: in this order, each with 0
both_end() {
	begin one two || return
	drivers_are vfio-pci $LAB_GPU $LAB_AUDIO $second $second_audio &&
		vfio_run stop "$1" >&2 && vfio_run stop "$2" >&2 && wait $first && wait $run && came_back
}
first_first() { both_end one two; }
second_first() { both_end two one; }
# one ends, and the other one keeps its card
one_killed_one_runs() {
	begin one two || return
	kill -KILL $first
	wait $first
	wait_for 60 drivers_are bochs-drm $LAB_GPU && drivers_are vfio-pci $second $second_audio &&
		vfio_run stop two >&2 && wait $run && came_back
}
both_keepers_killed() {
	begin one two || return
	kill_all $first $run
	wait
	came_back
}
all_of_both_killed() {
	begin one two || return
	# shellcheck disable=SC2046 # one word each
	kill_all $first $run $(pgrep -x vfio-standby)
	wait
	vfio_run recover >&2 && came_back
}
# They meet at what they share: modules, locks, the tree of cgroups.
started_and_ended_at_once() {
	/usr/local/bin/vfio-run one >>/tmp/out 2>&1 &
	first=$!
	/usr/local/bin/vfio-run two >>/tmp/out 2>&1 &
	run=$!
	for name in one two; do wait_for 60 grep -q running /run/vfio-run/vm/$name/status || return; done
	kill -TERM $first $run
	wait $first && wait $run && came_back
}
row 'two VMs at once' first_first second_first one_killed_one_runs both_keepers_killed all_of_both_killed \
	started_and_ended_at_once
done_testing
