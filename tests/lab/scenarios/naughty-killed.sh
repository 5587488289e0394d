# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# naughty-killed - a host driver hangs, and the keeper is killed on top of it, or with its standby
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run
first=$LAB_NAUGHTY_DEVICE second=$LAB_NAUGHTY_SECOND

# 10 s of patience, as with every sound driver
naughty_load name=snd_naughty || skip_all "the driver that misbehaves cannot be built here"
wait_for 20 test -e /dev/snd/controlC0
naughty_profile $p guest-off-after=1
vfio_run demo >&2 # the modules are there from now on
wait_for 20 test -e /dev/snd/controlC0
fingerprint_before

hangs() { [ "$(naughty_said hanging)" = 1 ]; }
others_are_back() { drivers_are bochs-drm $LAB_GPU && drivers_are snd_hda_intel $LAB_AUDIO && drivers_are snd_naughty $second; }
standbys_are_gone() { ! pgrep -x vfio-standby; }
workers_are_gone() { ! grep -q '^w:0000' /proc/[0-9]*/comm; }
# killed_while PARAMETER VALUE: a run whose worker hangs there; $run and $standby are its keepers
hang_in() {
	naughty "$1" "$2"
	: >/tmp/out
	$own demo >/tmp/out 2>&1 &
	run=$!
	ok "$1: the worker hangs" wait_for 60 hangs
	standby=$(pgrep -x -P $run vfio-standby)
}

# 1. in remove, before the device is anywhere else; it comes back while the standby waits
hang_in hang_remove Y
kill -KILL $run
wait $run
naughty hang_remove N
ok "released in time: the standby gives all back" wait_for 60 standbys_are_gone
wait_for 20 test -e /dev/snd/controlC0
fingerprint_after "everything is back"

# 2. in remove, for longer than anybody waits
hang_in hang_remove Y
kill -KILL $run
wait $run
ok "the standby gives up the one device, and goes" wait_for 150 standbys_are_gone
ok "all others are back" others_are_back
like "$(cat /tmp/out)" "$first" "it names the device"
naughty hang_remove N
wait_for 20 workers_are_gone
vfio_run recover >/tmp/out 2>&1
is $? 0 "recover finishes when it has come back"
diag_file /tmp/out
fingerprint_after "everything is back"

# 3. keeper and standby at once: the worker that is left holds no lock, nor anything else
hang_in hang_remove Y
kill_all $run "$standby"
wait $run
timeout 100 $own recover >/tmp/out 2>&1
is $? 5 "recover while it hangs: exit 5"
diag_file /tmp/out
unlike "$(cat /tmp/out)" 'another vfio-run' "nobody else is at work"
ok "all others are back" others_are_back
naughty hang_remove N
wait_for 20 workers_are_gone
vfio_run recover >&2
is $? 0 "recover finishes when it has come back"
fingerprint_after "everything is back"

# 4. in probe, on the way back: of the hooks one was run already
hook=/usr/local/lib/lab-hook
cp $p /tmp/profile
# shellcheck disable=SC2016 # the hook expands
printf '#!/bin/sh\necho "$2" >>/tmp/hooks\n' >$hook && chmod 755 $hook
{
	echo '[hooks]'
	for key in prepare started stopped failed released; do echo "$key = $hook"; done
} >>$p
: >/tmp/hooks
hang_in hang_probe Y
wait_for 10 grep -q stopped /tmp/hooks
kill -KILL $run
wait $run
naughty hang_probe N
ok "the keeper killed in a probe: the standby gives all back" wait_for 60 standbys_are_gone
wait_for 60 grep -q released /tmp/hooks
is "$(tr '\n' ' ' </tmp/hooks)" 'prepare started stopped failed released ' "each hook is run once"
rm $hook && cp /tmp/profile $p
wait_for 20 test -e /dev/snd/controlC0
fingerprint_after "everything is back"
done_testing
