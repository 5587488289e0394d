# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# stuck - a driver hangs, and on top of it the keeper is killed: no other process hangs with it
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile

standin_profile $p guest-off-after=1
fingerprint_before
# shellcheck disable=SC2217 # it is not meant to read it
sleep 1000 </dev/snd/controlC0 &
deaf=$!

: >/tmp/out
/usr/local/bin/vfio-run demo >/tmp/out 2>&1 &
run=$!
ok "the driver does not let go" wait_for 60 grep -q 'waiting for snd_hda_intel' /tmp/out
# shellcheck disable=SC2046 # one word each
kill_all $run $(pgrep -x vfio-standby)
wait $run
out=$(timeout 120 /usr/local/bin/vfio-run recover 2>&1)
is $? 5 "recover leaves the device out: exit 5"
diag "$out"
like "$out" "$LAB_AUDIO.*hangs in its driver" "it names the device"
unlike "$out" 'waiting for the kernel' "and does not touch it"
is "$(driver_of $LAB_GPU)" bochs-drm "the other function is back"
out=$(timeout 60 /usr/local/bin/vfio-run -n demo 2>&1)
isnt $? 124 "a dry run does not hang"
like "$out" 'sudo vfio-run recover' "it says what is left"
timeout 60 /usr/local/bin/vfio-run list --json >/tmp/list 2>/tmp/list.err
is $? 0 "list does not hang"
kill $deaf
wait $deaf 2>/dev/null
wait_for 20 sh -c '! grep -q "^w:0000" /proc/[0-9]*/comm'
vfio_run recover
is $? 0 "when it ends, recover finishes"
fingerprint_after "everything is back"
done_testing
