# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# render - the real QEMU draws by the render node of a card that stays, in the jail
. "$LAB_DIR/lib.sh"
export PROFILE_QEMU=qemu-system-x86_64
own=/usr/local/bin/vfio-run
[ -e "$(find /usr/lib -name kms_swrast_dri.so | head -n 1)" ] || skip_all "no Mesa is installed"
plain_profile /etc/vfio-run/drawn.profile '[display]' 'type = egl-headless' 'video = std'
like "$($own -n drawn 2>&1)" 'no graphics card of this host has a render node' "without a render node it is refused"
# vgem is a card that only memory stands for
modprobe vgem 2>/dev/null || { skip "a render node" "none can be made here"; done_testing; exit 0; }
wait_for 20 sh -c 'ls /dev/dri/renderD*'
node=$(basename /dev/dri/renderD*)
chmod 600 /dev/dri/$node
like "$($own -n drawn 2>&1)" "user vmuser may use no render node .*usermod -aG render vmuser" "nor by a user who may not use it"
chown vmuser /dev/dri/$node
like "$($own -n drawn)" "rendernode=/dev/dri/$node" "the dry run names it"
fingerprint_before
: >/tmp/out
$own drawn >/tmp/out 2>&1 &
run=$!
wait_for 300 grep -q 'the guest runs' /tmp/out || { fail "the guest runs"; diag_file /tmp/out; }
qemu=$(pgrep -x qemu-system-x86)
like "$(ls -l /proc/"$qemu"/fd)" "/dev/dri/$node" "QEMU has it open"
is "$(find /proc/"$qemu"/root/dev/dri -type c)" "/proc/$qemu/root/dev/dri/$node" "and no other in its jail"
kill -INT $run
wait $run
is $? 0 "exit 0"
fingerprint_after "nothing is left"
done_testing
