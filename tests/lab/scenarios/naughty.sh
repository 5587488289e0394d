# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# naughty - a host driver hangs, is slow, refuses: only its own device may stay behind, named
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run
sound_is_there() { wait_for 20 test -e /dev/snd/controlC0; }
first=$LAB_NAUGHTY_DEVICE second=$LAB_NAUGHTY_SECOND

naughty_load || skip_all "the driver that misbehaves cannot be built here"
sound_is_there
naughty_profile $p guest-off-after=1
run() { vfio_run demo >/tmp/out 2>&1; }
# expect STATUS TITLE: of the last command, whose output is in /tmp/out
expect() {
	_status=$?
	is $_status "$1" "$2"
	[ $_status = "$1" ] || diag_file /tmp/out
}
said() { like "$(cat /tmp/out)" "$1" "$2"; }
card_is_back() { is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" "bochs-drm snd_hda_intel" "the card is back"; }

# 1. as long as it behaves
drivers_are naughty $first $second
is $? 0 "the driver has both functions"
run # the modules are there from now on
expect 0 "a driver that behaves: exit 0"
sound_is_there # some time after its driver
fingerprint_before
drivers_are naughty $first $second
is $? 0 "it has both functions again"

# 2. a probe that takes 20 s
naughty probe_seconds 20
run
expect 0 "a probe of 20 s: exit 0"
said "$first.*waiting for naughty" "it says what it waits for"
naughty probe_seconds 0
fingerprint_after "everything is back"

# 3. a remove that takes 20 s
if [ -n "${LAB_ALL:-}" ]; then
	naughty remove_seconds 20
	run
	expect 0 "a remove of 20 s: exit 0"
	said "$first.*waiting for naughty" "it says what it waits for"
	naughty remove_seconds 0
	fingerprint_after "everything is back"
fi

# 4. all probes fail; each hook runs once, however many there are who give back
hook=/usr/local/lib/lab-hook
# shellcheck disable=SC2016 # the hook expands
printf '#!/bin/sh\necho "$2" >>/tmp/hooks\n' >$hook && chmod 755 $hook
cp $p /tmp/profile
{
	echo '[hooks]'
	for key in prepare started stopped failed released; do echo "$key = $hook"; done
} >>$p
hooks_run() { tr '\n' ' ' </tmp/hooks; }
: >/tmp/hooks
naughty fail_probes -1
run
expect 5 "every probe fails: exit 5"
said "$first.*(is on no driver|Input/output)" "it names the device"
said 'sudo vfio-run recover' "and what to do"
card_is_back
is "$(driver_of $second)" naughty "the other function is back"
is "$(override_of $first)" "(null)" "the override is as it was"
vfio_run recover >/tmp/out 2>&1
expect 5 "recover while they fail: exit 5"
is "$(hooks_run)" 'prepare started stopped failed ' "the run's hooks were run, and no other"
is "$(override_of $first)" "(null)" "the override is as it was"
naughty fail_probes 0
vfio_run recover >/tmp/out 2>&1
expect 0 "recover when they do not any more"
is "$(hooks_run)" 'prepare started stopped failed released ' "of which it runs the last one, and none again"
cp /tmp/profile $p && rm $hook
fingerprint_after "everything is back"

# 5. a remove that hangs, for ever at first
naughty_load name=snd_naughty hang_remove=1
run
expect 5 "a remove that hangs: exit 5"
said "$first.*snd_naughty does not come back" "it names device and driver"
card_is_back
is "$(naughty_said hanging)" 1 "it hangs"
sound_is_there
# what it learns of the hang it may write down
untouched() { fingerprint --stuck | grep -v 'path /run/vfio-run/'; }
untouched >/tmp/stuck.before
vfio_run recover >/tmp/out 2>&1
expect 5 "recover while it hangs: exit 5"
run
expect 5 "a run while it hangs: exit 5"
timeout 60 $own list >/tmp/out 2>&1
is $? 0 "list does not hang"
untouched >/tmp/stuck.after
diff /tmp/stuck.before /tmp/stuck.after >/tmp/stuck.diff
is $? 0 "none of them changed anything"
diag_file /tmp/stuck.diff
# ... and comes back late: the next run finds that out by itself
naughty hang_remove N
wait_for 20 sh -c "[ \$(cat $naughty_parameters/hanging) = 0 ]"
wait_for 20 sh -c '! grep -q "^w:0000" /proc/[0-9]*/comm'
run
expect 0 "the next run after a late success: exit 0"
drivers_are snd_naughty $first $second
is $? 0 "the driver has both functions"
naughty_load
fingerprint_after "everything is back"
done_testing
