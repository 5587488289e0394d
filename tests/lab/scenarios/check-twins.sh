# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# check-twins - two equal cards: ids do not tell them apart, an address does
. "$LAB_DIR/lib.sh"
first="0000:01:00.0 0000:01:00.1" second="0000:02:00.0 0000:02:00.1"
p=/etc/vfio-run/demo.profile

plain_profile $p "[gpu]" "device = 1234:1111"
fingerprint_before
out=$(vfio_run demo 2>&1)
is $? 3 "by ids: exit 3"
like "$out" "2 devices are 1234:1111: 0000:01:00.0 .*, 0000:02:00.0 " "both are listed"
out=$(vfio_run_ascii check demo 2>&1)
like "$out" 'FAIL device +2 devices are 1234:1111' "the row is device"
fingerprint_after "nothing was touched"

plain_profile $p "[gpu]" "device = 0000:02:00.0" "[qemu]" "argument = -standin" "argument = say=hello"
fingerprint_before
/usr/local/bin/vfio-run demo >out 2>&1 &
run=$!
wait_for 60 grep -q "the guest runs" out || diag_file out
# shellcheck disable=SC2086 # two addresses each
{
	ok "the second card moves" drivers_are vfio-pci $second
	is "$(driver_of 0000:01:00.0) $(driver_of 0000:01:00.1)" "bochs-drm snd_hda_intel" "the first does not: $first"
}
kill -TERM $run
wait $run
is $? 0 "exit 0"
fingerprint_after "everything is back"
done_testing
