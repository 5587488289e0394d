# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # $run is lib.sh's
# desktop-killed - a real desktop comes back with a picture, whatever is killed
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
desktop=display-manager.service
session_profile $p 'stop = display-manager.service'
ok "before: the picture is of a session of its user" draws

start || diag_file /tmp/out
pkill -KILL -x qemu-standin
wait $run
is $? 1 "QEMU is killed: exit 1"
desktop_back "QEMU is killed"

start || diag_file /tmp/out
keeper=$(pgrep -x vfio-run | grep -vx $run)
kill -KILL $keeper
wait $run
desktop_back "the keeper is killed"

start || diag_file /tmp/out
pkill -KILL -x vfio-standby
ok "the standby is killed: the guest runs on" vfio_run status one
vfio_run stop one >&2
wait $run
is $? 0 "and is powered down: exit 0"
desktop_back "the standby is killed"

start || diag_file /tmp/out
# shellcheck disable=SC2046 # one word each
kill_all $(pgrep -x 'vfio-run|vfio-standby')
wait_for 60 sh -c '! pgrep -x qemu-standin'
ok "both are killed: the desktop is left" inactive
unlike "$(screen)" number "without a picture"
ok "recover" vfio_run recover
desktop_back "both are killed"

start || diag_file /tmp/out
kill -KILL $run
wait $run
ok "the viewer is killed: the guest runs on" vfio_run status one
vfio_run stop one >&2
desktop_back "the viewer is killed"

# A guest that never starts: nobody misses a picture.
switches=exit-1-before-greeting
session_profile $p 'stop = display-manager.service'
pid=$(systemctl show -p MainPID --value $desktop)
setsid /usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null
is $? 1 "a guest that does not start: exit 1"
is "$(systemctl show -p MainPID --value $desktop)" "$pid" "the desktop never ended"
ok "and draws" draws

# Only what uses the card's driver is unloaded, whatever a profile names.
session_profile $p 'stop = display-manager.service' 'unload-modules = virtio_blk'
out=$(setsid /usr/local/bin/vfio-run one -y 2>&1 </dev/null)
is $? 3 "a module of something else: exit 3"
like "$out" 'virtio_blk is not loaded, or does not use the driver' "it says so"

done_testing
