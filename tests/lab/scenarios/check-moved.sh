# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# check-moved - another device is at the card's address: the guard says where the card is now
. "$LAB_DIR/lib.sh"

plain_profile /etc/vfio-run/demo.profile "[gpu]" "device = $LAB_GPU" "id = 1234:1111"
fingerprint_before
out=$(vfio_run demo 2>&1)
is $? 3 "exit 3"
like "$out" "another device is at 0000:01:00.0 .*1b36:0005.*; 1234:1111 is now at 0000:02:00.0" "where it moved"
out=$(vfio_run_ascii check demo 2>&1)
is $? 3 "check is exit 3"
like "$out" 'FAIL device +another device is at' "the row is device"
fingerprint_after "nothing was touched"
done_testing
