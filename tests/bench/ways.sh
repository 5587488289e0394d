# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2046,SC2086 # lists of words
# ways - limit, script, libvirt and vfio-run take turns with the same card, QEMU and guest
#
# A scenario of the lab, for tests/bench/run: what it says with diag is the data, lines
# `WAY ENDING FIGURE MILLISECONDS`. Each way, each ending, in each of BENCH_ROUNDS rounds.
. "$LAB_DIR/lib.sh"
# shellcheck source=/dev/null
. "$VFIO_RUN_BUILD/tests/bench/settings"
# shellcheck source=tests/bench/card.sh
. "$LAB_DIR/../bench/card.sh"

# ---- the ways: each runs once, and ends as $1 says -----------------------------------------------

# With the guest's memory touched beforehand, as vfio-run's is.
run_limit() {
	with_arguments "$(touched cold.bench)" -chardev socket,id=m,fd=3 -qmp chardev:m -- \
		stopwatch -w limit -e "$1" $both -- $own/limit run $both --
}
run_script() {
	with_qemu -qmp unix:/run/bench.qmp,server=on,wait=off -- \
		stopwatch -w script -e "$1" -s 'qmp-say -c /run/bench.qmp qmp_capabilities system_powerdown' \
		$both -- "$bench/script"
}
run_libvirt() {
	stopwatch -w libvirt -e "$1" -l /run/bench.words -s 'virsh -q shutdown vm --mode acpi' $both -- virsh -q start vm
	wait_for 20 sh -c '! virsh -q domstate vm | grep -q running'
}
run_vfio_run() { stopwatch -w vfio-run -e "$1" $both -- /usr/local/bin/vfio-run bench; }
run_parent() { as_parent stopwatch -w parent -e "$1" $both -- /usr/local/bin/vfio-run bench; }

# ---- the dark: from what goes first to the guest's first instruction ---------------------------------
#
# Its limit is a QEMU that stands, with its memory touched, before the devices are taken. The
# others as people run them; `touched` is the script with a QEMU that touches its memory first.

dark_limit() {
	with_arguments "arguments.$1" -S -chardev socket,id=m,fd=3 -qmp chardev:m -- \
		stopwatch -w limit -e kill $both -- $own/limit late "late.$1" $both --
}
dark_vfio_run() { stopwatch -w vfio-run -e kill $both -- /usr/local/bin/vfio-run "$1"; }
dark_parent() { as_parent stopwatch -w parent -e kill $both -- /usr/local/bin/vfio-run "$1"; }
dark_script() { with_arguments "cold.$1" -- stopwatch -w script -e kill $both -- "$bench/script"; }
dark_touched() { with_arguments "$(touched "cold.$1")" -- stopwatch -w touched -e kill $both -- "$bench/script"; }
dark_libvirt() {
	stopwatch -w libvirt -e kill -l /run/bench.words $both -- virsh -q start vm1g
	wait_for 20 sh -c '! virsh -q domstate vm1g | grep -q running'
}

say_figures() { while read -r line; do diag "$line"; done <figures; }

# dark NAME LABEL WAY...: lines `WAY dark LABEL MILLISECONDS`
dark() {
	name=$1 label=$2
	shift 2
	for way; do
		dark_$way "$name" >figures 2>>log || diag_file log
		awk -v label="$label" '$3 == "dark" { print $1, "dark", label, $4 }' figures >dark && mv dark figures
		say_figures
	done
}

# ---- rounds -----------------------------------------------------------------------------------

# A cold start, before anything of VFIO is loaded and before QEMU's version is remembered.
run_vfio_run kill >cold 2>>log
sed 's/^vfio-run kill/vfio-run cold/' cold | while read -r line; do diag "$line"; done
! has libvirt || start_libvirt >&2 || {
	diag "# libvirt is left out: it is not there, or did not start"
	BENCH_WAYS=${BENCH_WAYS%libvirt}
}
settle
# of BENCH_WAYS, those of WAY...
of() { for _way; do ! has $_way || echo $_way; done; }

round=0
while [ $round -lt "$BENCH_ROUNDS" ]; do
	for ending in stop kill; do
		for way in $BENCH_WAYS; do
			run_$way $ending >figures 2>>log || diag_file log
			say_figures
		done
	done
	run_vfio_run keeper >figures 2>>log || diag_file log
	say_figures
	limit cycle 1 $both | awk '{ printf "raw cycle %s %.3f\n", $1, $2 / 1e6 }' >figures
	say_figures
	dark bench 256M $(of limit vfio_run parent)
	round=$((round + 1))
done
bench_profile bench1g 1G && plan_of bench1g
for _ in $(seq $((BENCH_ROUNDS < 3 ? BENCH_ROUNDS : 3))); do
	dark bench1g 1G $(of limit vfio_run parent script) $(has script && echo touched) $(of libvirt)
done
pass "$round rounds of: $BENCH_WAYS"
ok "the card is on its host drivers" sh -c "! readlink $PCI/$GPU/driver $PCI/$AUDIO/driver | grep -q vfio"
done_testing
