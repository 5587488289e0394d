# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # lib.sh and handover.sh read them
# desktop-sleep - the host sleeps while a guest has a real desktop's card, as the card goes, and as it comes
#
# It is suspend-to-idle in the kernel's own test (pm_test): processes are frozen, each device is suspended by its
# driver, and all wakes up by itself some seconds later. An emulated PC has nothing else that would wake it.
. "$LAB_DIR/lib.sh"
. "$LAB_DIR/desktop/handover.sh"
p=/etc/vfio-run/one.profile
desktop=display-manager.service
session_profile $p 'stop = display-manager.service'
[ -w /sys/power/pm_test ] || skip_all "this kernel has no test of sleep"
echo devices >/sys/power/pm_test
slept() { cat /sys/power/suspend_stats/success; }
sleeps() {
	_before=$(slept)
	echo freeze >/sys/power/state && [ "$(slept)" = $((_before + 1)) ]
}
ok "before: the picture is of a session of its user" draws
ok "it sleeps, and wakes up" sleeps
ok "after that it draws" draws

is_on() { bound_to $LAB_GPU "$1"; }
is_off() { ! is_on "$1"; }
asleep_as_it_runs() {
	goes start && must 'the host sleeps' sleeps && must 'the guest runs' runs && ends_by vfio_run stop one && comes
}
start_and_sleep() {
	setsid $own one -y >/tmp/out 2>&1 </dev/null &
	wait_for 60 is_off bochs-drm && sleeps
}
asleep_as_it_goes() { goes start_and_sleep && ends_by vfio_run stop one && comes; }
stop_and_sleep() {
	vfio_run stop one >&2 &
	wait_for 60 is_off vfio-pci && sleeps
}
asleep_as_it_comes() { goes start && ends_by stop_and_sleep && comes; }
row 'the host sleeps' asleep_as_it_runs asleep_as_it_goes asleep_as_it_comes
done_testing
