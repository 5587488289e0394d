# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2086 # lists of words
# vms - 1, 4 and 16 VMs at once, each with a slot of eight functions and a stand-in for QEMU
#
# A scenario of the lab for the topology many:128: lines `vms COUNT WAY FIGURE MILLISECONDS`.
. "$LAB_DIR/lib.sh"
# shellcheck source=/dev/null
. "$VFIO_RUN_BUILD/tests/bench/settings"

say() { diag "vms $*"; }
modprobe vfio-pci
now_ms() { limit now | awk '{ printf "%.3f", $1 / 1e6 }'; }
since() { echo "$1 $(now_ms)" | awk '{ printf "%.3f", $2 - $1 }'; }

# The slots below the topology's ports: those of its devices with a function 7.
slots=$(for path in "$PCI"/*.7; do [ "$(cat "$path/device")" != 0x0011 ] || basename "$path" .7; done)
n=0
for slot in $slots; do
	n=$((n + 1))
	plain_profile /etc/vfio-run/vm$n.profile '[pci]' "device = $slot.0" 'group = slot' '[display]' 'type = none'
	sed -i 's/^memory = .*/memory = 16M/' /etc/vfio-run/vm$n.profile
done
is $n 16 "there are sixteen slots"

running() { [ "$(cat out.* | grep -c 'the guest runs')" = "$1" ]; }
all_back() { ! find $PCI/*/driver -lname '*vfio-pci' 2>/dev/null | grep -q .; }
for count in 1 4 16; do
	rm -f out.*
	begin=$(now_ms) pids=
	for n in $(seq $count); do
		/usr/local/bin/vfio-run vm$n >out.$n 2>&1 &
		pids="$pids $!"
	done
	tries=0
	until running $count || [ $tries = 6000 ]; do
		tries=$((tries + 1))
		busybox usleep 20000
	done
	running $count || { fail "$count VMs run" && diag_file out.1; break; }
	say $count vfio-run all_run "$(since "$begin")"
	total=0
	for pid in $pids $(for p in $pids; do pgrep -P "$p"; done); do
		grep -q standin "/proc/$pid/comm" || total=$((total + $(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")))
	done
	say $count vfio-run pss_kb_each $((total / count))
	begin=$(now_ms)
	kill -TERM $pids
	wait $pids
	say $count vfio-run all_back "$(since "$begin")"
	all_back || diag "not all are back"

	# the least: the same devices by one program after the other, without a VM
	begin=$(now_ms) all=
	for n in $(seq $count); do
		slot=$(echo $slots | cut -d' ' -f$n)
		for f in 0 1 2 3 4 5 6 7; do all="$all $slot.$f"; done
		limit detach $slot.0 $slot.1 $slot.2 $slot.3 $slot.4 $slot.5 $slot.6 $slot.7 >>found
	done
	say $count limit detached "$(since "$begin")"
	begin=$(now_ms)
	xargs -n 8 limit attach <found
	say $count limit attached "$(since "$begin")"
	rm found
done
ok "every device is back" all_back
done_testing
