# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# resets - `reset` in a profile: the device has that one while the VM runs, and all of its own after
#
# However the VM ends. What the card has is not known beforehand: the last one that it lists is taken.
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
card=0000:03:00.0

methods() { cat "$PCI/$card/reset_method"; }
# wants METHOD
wants() {
	plain_profile /etc/vfio-run/other.profile '[display]' 'type = none' '[pci]' "device = $card" "reset = $1" \
		'[qemu]' 'argument = -standin' 'argument = say=hello'
}
start() {
	: >/tmp/out
	$own other >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q 'the guest runs' /tmp/out && return
	fail "the guest runs"
	diag_file /tmp/out
}
had=$(methods)
diag "the card has: $had"
like "$had" . "the card has a reset"
one=${had##* }
wants "$one"
fingerprint_before
start
is "$(methods)" "$one" "while the VM runs it has the one of the profile"
kill -INT $run
wait $run
is $? 0 "the VM has ended"
fingerprint_after "and then all of its own, in their order"

wants none
fingerprint_before
start
is "$(methods)" "" "with none it has none"
kill -KILL $run
wait $run
fingerprint_after "its keeper is killed, and it has its own again"

wants nothing_like_it
fingerprint_before
$own other >/tmp/out 2>&1
is $? 3 "another one is refused"
like "$(cat /tmp/out)" "has no reset nothing_like_it.*" "by its name"
like "$(cat /tmp/out)" "one that it has: $had" "with those that there are"
fingerprint_after "and nothing was touched"

# The kernel has listed `bus` for the card's first function before it had found the second one.
like "$(cat "$PCI/$LAB_GPU/reset_method")" bus "the card's first function lists \`bus\`"
not_ok "which the kernel does not take any more" sh -c "cat $PCI/$LAB_GPU/reset_method >/tmp/list && cat /tmp/list >$PCI/$LAB_GPU/reset_method"
plain_profile /etc/vfio-run/other.profile '[display]' 'type = none' '[gpu]' "device = $LAB_GPU" 'reset = bus'
fingerprint_before
$own other >/tmp/out 2>&1
is $? 3 "so it cannot be named"
plain_profile /etc/vfio-run/other.profile '[display]' 'type = none' '[gpu]' "device = $LAB_GPU" 'reset = none' \
	'[qemu]' 'argument = -standin' 'argument = say=hello'
fingerprint_before
start
kill -KILL $run
wait $run
fingerprint_after "and with none the list stays as it is"
done_testing
