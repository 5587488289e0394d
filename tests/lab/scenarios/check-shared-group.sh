# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# check-shared-group - five members in one group: named, taken or held; the bridge stays
. "$LAB_DIR/lib.sh"
card=0000:02:01.0
others="0000:02:02.0 0000:02:03.0 0000:02:04.0"
bridge=0000:01:00.0
p=/etc/vfio-run/demo.profile

shared_profile() {
	plain_profile $p "[gpu]" "device = $card" "$@" "[qemu]" "argument = -standin" \
		"argument = ${switches:-guest-off-after=1}"
}

shared_profile
fingerprint_before
out=$(vfio_run demo 2>&1)
is $? 3 "refused"
for other in $others; do
	like "$out" "also holds $other" "$other is named"
done
unlike "$out" "holds $bridge|bridge $bridge" "the bridge is no obstacle"
like "$out" 'group = hold' "the remedy is named"
out=$(vfio_run_ascii check demo 2>&1)
is $? 3 "check refuses it, too"
like "$out" "FAIL group-members +group [0-9]+ also holds 0000:02:02.0" "the row is group-members"
fingerprint_after "nothing was touched"

# given PROFILE-LINE: which devices the stand-in gets, which are on vfio-pci while it runs
run_with() {
	switches=say=hello
	shared_profile "$1"
	fingerprint_before
	/usr/local/bin/vfio-run demo >out 2>&1 &
	run=$!
	wait_for 60 grep -q "the guest runs" out || diag_file out
	ok "$1: all four are on vfio-pci" drivers_are vfio-pci $card $others
	is "$(driver_of $bridge)" "$bridge_driver" "$1: the bridge stays"
	qemu=$(sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' out)
	held=$(find /proc/"$qemu"/fd -lname 'anon_inode:\[vfio-device\]' | wc -l)
	is "$held" "$2" "$1: the guest has $2 of them"
	kill -TERM $run
	wait $run
	is $? 0 "$1: exit 0"
	fingerprint_after "$1: everything is back"
}
bridge_driver=$(driver_of $bridge)
run_with "group = all" 4
run_with "group = hold" 1
done_testing
