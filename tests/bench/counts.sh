# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2086 # lists of words
# counts - processes, programs, system calls and QMP commands of a run; memory and wake-ups of a VM
#
# A scenario of the lab, for tests/bench/run: lines `count WAY FIGURE NUMBER`.
. "$LAB_DIR/lib.sh"
# shellcheck source=/dev/null
. "$VFIO_RUN_BUILD/tests/bench/settings"
# shellcheck source=tests/bench/card.sh
. "$LAB_DIR/../bench/card.sh"

say() { diag "count $*"; }
modprobe vfio-pci
[ -d /run/bench-modules ] || settle

# ---- what strace sees: from the command to its end -------------------------------------------------
#
# `before` counts until QEMU is executed (the question for its version, which is remembered, is
# asked before). A process is a clone that is no thread; a program is an exec that succeeded. The
# search of /proc for whoever has the devices open grows with the processes of the machine, so the
# rest is counted, too.

traced() { # WAY TRACE
	awk -v way="$1" '
		function call(line) { sub(/^[0-9]+ +/, "", line); sub(/\(.*/, "", line); return line }
		/<\.\.\. / || /--- SIG/ || /\+\+\+ / {
			if ($0 ~ /<\.\.\. execve(at)? resumed>.* = 0$/) programs++
			if ($0 ~ /<\.\.\. (v?fork|clone3?) resumed>.* = [0-9]+$/ && !thread[$1]) processes++
			next
		}
		{ pid = $1; name = call($0) }
		/exec[a-z]*\("[^"]*qemu-system-x86/ && !started { started = 1; qemu = pid }
		pid == qemu || qemu_child[pid] { next }
		name ~ /^(clone3?|v?fork)$/ { thread[pid] = /CLONE_THREAD/ }
		{ calls++; if (!started) before++ }
		/^[0-9]+ +readlinkat\([0-9]+, "[0-9]+\/exe"/ && !started { if (!scan_began) scan_began = before; scan_end = before }
		name ~ /^(clone3?|v?fork)$/ && !/CLONE_THREAD/ && / = [0-9]+$|=> .* = [0-9]+$/ { processes++ }
		name ~ /^exec/ && / = 0$/ { programs++ }
		END {
			print way, "calls_before_qemu", before
			if (scan_began) print way, "calls_without_scan", before - (scan_end - scan_began + 1)
			print way, "calls_in_all", calls
			print way, "processes", processes
			print way, "programs", programs
		}' "$2" | while read -r line; do say "$line"; done
	awk '!/<\.\.\. |---|\+\+\+/ { sub(/^[0-9]+ +/, ""); if (/^exec[a-z]*\("[^"]*qemu-system/) exit; sub(/\(.*/, ""); print }' "$2" |
		sort | uniq -c | sort -rn | head -n 25 | awk -v way="$1" '{ printf "%s:%s ", $2, $1 } END { print "" }' >top
	diag "$1 before QEMU: $(cat top)"
	awk '/exec[a-z]*\("[^"]*qemu-system-x86/ { exit } !/<\.\.\. |---|\+\+\+/ { n[$1]++ } END { for (pid in n) printf "%s:%s ", pid, n[pid] }' "$2" >top
	diag "$1 by process: $(cat top)"
}

# until_guest FILE: the guest has spoken; the limit's own words can stand between its letters
guest_spoke() { sed 's/mark [a-z]* [0-9]*//' "$1" | tr -d '\n' | grep -q guest-runs; }
until_guest() { wait_for 120 guest_spoke "$1"; }

# trace_own WAY: vfio-run, when what is remembered of QEMU is remembered
trace_own() {
	/usr/local/bin/vfio-run bench >out 2>&1 &
	run=$!
	until_guest out
	kill -TERM $run
	wait $run

	strace -f -s 120 -o "trace.$1" /usr/local/bin/vfio-run bench >out 2>&1 &
	until_guest out
	# commands of QMP: vfio-qmp is the only one who writes these
	say "$1" qmp_commands "$(grep -c '"{\\"execute\\"' "trace.$1")"
	kill -TERM "$(pgrep -x vfio-run | head -n 1)"
	wait
	traced "$1" "trace.$1"
}
trace_own vfio-run
! has parent || as_parent trace_own parent

with_qemu -chardev socket,id=m,fd=3 -qmp chardev:m -- \
	strace -f -s 120 -o trace.limit $own/limit run $both -- >out 2>&1 &
until_guest out
kill -TERM "$(pgrep -x limit)"
wait
traced limit trace.limit

if has script; then
	with_qemu -qmp unix:/run/bench.qmp,server=on,wait=off -- strace -f -s 120 -o trace.script "$bench/script" >out 2>&1 &
	until_guest out
	qmp-say -c /run/bench.qmp qmp_capabilities system_powerdown
	wait
	traced script trace.script
fi

# ---- while a VM runs: memory, wake-ups, processor time ------------------------------------------------
#
# A desktop's programs share libc's pages; the lab's own are static, so these stand for them.

others=
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	/usr/bin/tail -f /dev/null &
	others="$others $!"
done

# the sum of a field of all processes' files: field FILE PATTERN PIDS
sum() {
	_file=$1 _field=$2
	shift 2
	for pid; do cat "/proc/$pid/$_file"; done | awk -v field="$_field" '$1 == field ":" { sum += $2 } END { print sum + 0 }'
}
# processor time in milliseconds
cpu_ms() { for pid; do cat "/proc/$pid/schedstat"; done | awk '{ sum += $1 } END { printf "%.3f\n", sum / 1e6 }'; }
each() {
	for pid in $2; do
		diag "$1: $(cat "/proc/$pid/comm"): PSS $(sum smaps_rollup Pss "$pid") kB, USS $(($(sum smaps_rollup Private_Clean "$pid") + $(sum smaps_rollup Private_Dirty "$pid"))) kB"
	done
}
# idle WAY PIDS: sixty seconds in which nothing happens
idle() {
	each "$1" "$2"
	before_switches=$(sum status voluntary_ctxt_switches $2) before_cpu=$(cpu_ms $2)
	sleep "${BENCH_IDLE:-60}"
	say "$1" wakeups $(($(sum status voluntary_ctxt_switches $2) - before_switches))
	say "$1" cpu_ms "$(echo "$before_cpu $(cpu_ms $2)" | awk '{ printf "%.3f", $2 - $1 }')"
	say "$1" own_processes "$(echo $2 | wc -w)"
	say "$1" pss_kb "$(sum smaps_rollup Pss $2)"
	say "$1" uss_kb $(($(sum smaps_rollup Private_Clean $2) + $(sum smaps_rollup Private_Dirty $2)))
}

idle_own() { # WAY
	/usr/local/bin/vfio-run bench >out 2>&1 &
	run=$!
	until_guest out
	# all that it started but QEMU
	ours="$run $(pgrep -P $run | while read -r pid; do grep -q qemu-system "/proc/$pid/comm" || echo "$pid"; done)"
	idle "$1" "$ours"
	kill -TERM $run
	wait $run
}
idle_own vfio-run
! has parent || as_parent idle_own parent

with_qemu -chardev socket,id=m,fd=3 -qmp chardev:m -- $own/limit run $both -- >out 2>&1 &
until_guest out
idle limit "$(pgrep -x limit)"
kill -TERM "$(pgrep -x limit)"
wait "$!"

if has script; then
	with_qemu -qmp unix:/run/bench.qmp,server=on,wait=off -- "$bench/script" >out 2>&1 &
	until_guest out
	idle script "$(pgrep -f "$bench/script" | head -n 1)"
	qmp-say -c /run/bench.qmp qmp_capabilities system_powerdown
	wait "$!"
fi

if [ -n "$(libvirt_processes)" ] || start_libvirt >&2; then
	stopwatch -w libvirt -e stop -l /run/bench.words -s true $both -- virsh -q start vm >out 2>&1 &
	wait_for 120 grep -q guest-runs out
	idle libvirt "$(libvirt_processes)"
	virsh -q destroy vm
	wait "$!"
fi
kill $others
pass "counted"
done_testing
