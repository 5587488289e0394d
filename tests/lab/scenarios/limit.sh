# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# limit - the yardstick of tests/bench does what it is compared for, and tidies up
. "$LAB_DIR/lib.sh"

modprobe vfio-pci
fingerprint_before
found=$(limit detach $LAB_GPU $LAB_AUDIO)
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" "vfio-pci vfio-pci" "detach: both functions are on vfio-pci"
# shellcheck disable=SC2086 # one word each
ok "attach takes what detach printed" limit attach $found
fingerprint_after "everything is back"

is "$(limit cycle 3 $LAB_GPU $LAB_AUDIO | awk '$2 > 0 { print $1 }' | sort | uniq -c | tr -s ' \n' ' ')" \
	" 3 detach 3 reattach " "cycle: a time for each way, each time"
fingerprint_after "everything is back"

: >/tmp/marks
limit run $LAB_GPU $LAB_AUDIO -- qemu-system-x86_64 -nodefaults -no-user-config -display none -machine q35,accel=tcg \
	-m 64 -chardev socket,id=m,fd=3 -qmp chardev:m -S \
	-device vfio-pci,host=$LAB_GPU -device vfio-pci,host=$LAB_AUDIO >/tmp/marks &
run=$!
wait_for 60 grep -q 'mark ready' /tmp/marks
kill -TERM $run
kill -TERM $run # the guest is stopped: the second one, which quits, is what ends it
wait_for 5 gone $run || kill -TERM $run
wait $run
is "$(awk '{ print $2 }' /tmp/marks | tr '\n' ' ')" "begin detached started greeting ready gone back " "run: every mark, in order"
fingerprint_after "everything is back"
done_testing
