# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# vhost - a real QEMU gets queues of /dev/vhost-net that its user may open, and none where it may not
# shellcheck disable=SC2015 # it may run then too
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
export PROFILE_QEMU=qemu-system-x86_64
modprobe tun && modprobe vhost_net || skip_all "this kernel has no vhost-net"
ip tuntap add dev tap7 mode tap user vmuser || skip_all "no taps here"
ip link set tap7 up
chmod 666 /dev/net/tun
plain_profile /etc/vfio-run/net.profile '[display]' 'type = none' '[net]' 'mode = tap' 'tap = tap7'
sed -i 's/^shutdown-timeout = .*/shutdown-timeout = 3s/' /etc/vfio-run/net.profile

# with MODE: a run of it; what QEMU has of /dev/vhost-net, and how many threads the kernel has for it
with() {
	chmod "$1" /dev/vhost-net
	: >/tmp/out
	$own net >/tmp/out 2>&1 &
	run=$!
	wait_for 120 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
	qemu=$(sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out)
	open=$(find "/proc/$qemu/fd" -lname /dev/vhost-net 2>/dev/null | wc -l)
	threads=$(cat /proc/[0-9]*/task/*/comm 2>/dev/null | grep -c "^vhost-$qemu")
	kill -INT $run
	wait $run
	code=$?
}
chmod 666 /dev/vhost-net # as udev has it on most hosts; the fingerprint has modes
fingerprint_before
with 666
is $code 0 "a VM ends as it should"
is "$open" 1 "QEMU has one queue of the kernel's"
is "$threads" 1 "and the kernel moves its frames: the filter lets QEMU ask for that"
unlike "$(cat /tmp/out)" "vhost.*(initiali|falling back)" "QEMU has nothing to say about it"
fingerprint_after "nothing is left of it"
chmod 600 /dev/vhost-net
fingerprint_before
with 600
is $code 0 "where its user may not open it, there is a VM all the same"
is "$open $threads" "0 0" "without it"
fingerprint_after "nothing is left of that"
done_testing
