# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# oopsed - a host driver makes the kernel stumble: its device is not touched any more
#
# The last scenario of its boot: the device is locked for good.
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run
first=$LAB_NAUGHTY_DEVICE second=$LAB_NAUGHTY_SECOND

naughty_load || skip_all "the driver that misbehaves cannot be built here"
wait_for 20 test -e /dev/snd/controlC0
echo 0 >/proc/sys/kernel/panic_on_oops
naughty_profile $p guest-off-after=1
vfio_run demo >/tmp/out 2>&1
is $? 0 "a driver that behaves: exit 0"

naughty_for_good
naughty oops_remove 1
timeout 200 $own demo >/tmp/out 2>&1
is $? 5 "an oops in remove: exit 5"
diag_file /tmp/out
like "$(cat /tmp/out)" "$first.*killed by the kernel, which oopsed" "it says what happened"
like "$(cat /tmp/out)" "$first: the kernel says: .*(BUG|Oops|RIP)" "and what the kernel says"
unlike "$(cat /tmp/out)" 'waiting for' "and waits for nothing"
like "$(cat /tmp/out)" 'reboot' "and what to do"
dmesg -c | grep -q 'Oops:'
is $? 0 "the kernel did stumble"
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO) $(driver_of $second)" "bochs-drm snd_hda_intel naughty" "all others are back"
is "$(override_of $LAB_GPU) $(override_of $second)" "(null) (null)" "and their overrides"

timeout 100 $own recover >/tmp/out 2>&1
is $? 5 "recover: exit 5"
diag_file /tmp/out
unlike "$(cat /tmp/out)" 'waiting for' "it does not touch the device"
like "$(cat /tmp/out)" 'reboot' "and says what to do"
timeout 100 $own demo >/tmp/out 2>&1
is $? 5 "a run: exit 5"
timeout 100 $own list >/tmp/out 2>&1
is $? 0 "list comes back"
not_ok "no process waits for the device's lock" grep -q '^w:0000' /proc/[0-9]*/comm
done_testing
