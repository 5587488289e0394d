# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # $run is lib.sh's
# desktop-twenty - a real desktop's card goes and comes back twenty times, and how long the way back takes
#
# What is measured, in the same boot and by the same clock; times end when a number that is chosen then is on the
# screen of that one card, drawn by a new session's terminal:
#	back	  from SIGKILL of QEMU: its end, the devices back, udev's work on them, the desktop started
#	restarted the display manager stopped and started by systemctl, on a card that never went; a user's manager
#		  runs on, as it does in `back`, where the guest runs for less than the ten seconds that it stays: on a
#		  machine so busy that it takes longer `back` has the start of that and of its sound server in it
#	rebound	  the devices given back by writes to sysfs, until the last one returns; udev has not begun by then
#	started	  the display manager started by systemctl right behind that: what `back` is without vfio-run,
#		  but for QEMU's end. It has udev's work in it; its own unit waits for the seat, as `back` does
# The limit is held against restarted + rebound. So `back` has in it what these have not: QEMU's end, and udev's and
# the sound server's work on a card that is new to them, on one processor; they have the old session's end.
. "$LAB_DIR/lib.sh"
. "$LAB_DIR/desktop/handover.sh"
p=/etc/vfio-run/one.profile
desktop=display-manager.service
session_profile $p 'stop = display-manager.service'
ok "before: the picture is of a session of its user" draws
times=20 row 'from a terminal of the session' terminal

# ---- the way back -----------------------------------------------------------------------------------

hundredths() { read -r _up _ </proc/uptime && echo "${_up%.*}${_up#*.}"; }
# pictured NAME: since $began, until the new session draws
pictured() {
	wait_for 60 new_terminal && draws && echo $(($(hundredths) - began)) >>/tmp/lab/"$1"
}
ended_by_kill() {
	start || diag_file /tmp/out
	began=$(hundredths)
	pkill -KILL -x qemu-standin
	pictured back
	wait "$run"
}
restarted() {
	began=$(hundredths)
	systemctl restart $desktop
	pictured restarted
}
# limit prints nanoseconds.
rebound() {
	systemctl stop $desktop
	limit cycle 1 $LAB_GPU $LAB_AUDIO | awk '$1 == "reattach" { print int($2 / 10000000) }' >>/tmp/lab/rebound
	began=$(hundredths)
	systemctl start $desktop
	pictured started
}
median() { sort -n "/tmp/lab/$1" | sed -n 3p; }
for _ in 1 2 3 4 5; do
	ended_by_kill
	restarted
	rebound
done
for what in back restarted rebound started; do
	is "$(wc -l </tmp/lab/$what)" 5 "five times: $what"
	diag "| $what | $(sort -n /tmp/lab/$what | tr '\n' ' ')| median $(median $what) hundredths of a second |"
done
journalctl -q --no-pager -o short-monotonic -t vfio-run -n 30 >/tmp/out
diag_file /tmp/out
diag "| back / (restarted + rebound) | $(($(median back) * 100 / ($(median restarted) + $(median rebound)))) of 100 |"
diag "| back / (started + rebound) | $(($(median back) * 100 / ($(median started) + $(median rebound)))) of 100 |"
limit=$((($(median restarted) + $(median rebound)) * 115))
ok "the picture is back in at most 1.15 times what it takes without vfio-run" [ $(($(median back) * 100)) -le $limit ]
done_testing
