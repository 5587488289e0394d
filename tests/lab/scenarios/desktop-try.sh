# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# desktop-try - `vfio-run try` on a real desktop: QEMU with firmware alone, given back without a key
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
# shellcheck disable=SC2034 # lib.sh reads it
desktop=display-manager.service
# shellcheck disable=SC2034 # likewise
PROFILE_QEMU=qemu-system-x86_64 PROFILE_MEMORY=256M
profile $p '[disk]' 'path = /nowhere/disk.qcow2' '[net]' 'mode = user' '[session]' 'stop = display-manager.service'
kept=/home/vmuser/.local/state/vfio-run/one/try.log
ended() { ! pgrep '^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-system)'; }

out=$(vfio_run -n try one 2>&1)
unlike "$out" 'nowhere' "-n: without the disk"
like "$out" 'driver: bochs-drm -> none' "with the card"
out=$(vfio_run try --for 5m one 2>&1)
is $? 2 "--for 5m: exit 2"
like "$out" 'expected seconds from 1s to 3600s' "it says so"
: >/tmp/out
setsid /usr/local/bin/vfio-run try --for 3s one -y >/tmp/out 2>&1 </dev/null &
run=$!
ok "the firmware has the card" wait_for 60 drivers_are vfio-pci $LAB_GPU $LAB_AUDIO
unlike "$(screen)" number "the desktop's picture is gone"
wait $run
is $? 0 "it ends by itself: exit 0"
desktop_back "try"
cp $kept /tmp/kept
diag_file /tmp/kept
like "$(cat /tmp/kept)" "^$LAB_GPU .*driver bochs-drm, reset by: " "kept: what resets the card"
like "$(cat /tmp/kept)" '^ +[0-9]+\.[0-9]{3}  one: the firmware runs, for 3 s' "kept: when the firmware ran"
like "$(cat /tmp/kept)" '^ +[0-9]+\.[0-9]{3}  service weston.service: not running -> running' "kept: when the desktop was back"
like "$(cat /tmp/kept)" "^ +[0-9.]+  $LAB_GPU .*: is on bochs-drm, with 1 of its 1 monitors" "kept: what came back"

# Ended by the power button, stopped by hand, and killed.
: >/tmp/out
setsid /usr/local/bin/vfio-run try --for 1000s one -y >/tmp/out 2>&1 </dev/null &
run=$!
wait_for 60 runs
press_power
wait $run
is $? 0 "the power button: exit 0"
like "$(cat /tmp/out)" "the host's power button was pressed" "it says so"
desktop_back "try, the power button"
: >/tmp/out
setsid /usr/local/bin/vfio-run try --for 1000s one -y >/tmp/out 2>&1 </dev/null &
run=$!
wait_for 60 runs
vfio_run stop one >&2
wait $run
is $? 0 "stopped before its time: exit 0"
desktop_back "try, stopped"
: >/tmp/out
setsid /usr/local/bin/vfio-run try --for 1000s one -y >/tmp/out 2>&1 </dev/null &
run=$!
wait_for 60 runs
kill -KILL "$(pgrep -x vfio-run | grep -vx $run)"
wait $run
desktop_back "try, its keeper killed"
like "$(cat $kept)" 'vfio-run is gone: ending what it began' "kept: that it was killed"
done_testing
