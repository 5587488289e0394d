# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2086 # lists of words
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

run_limit() {
	with_qemu -chardev socket,id=m,fd=3 -qmp chardev:m -- \
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

# ---- rounds -----------------------------------------------------------------------------------

# A cold start, before anything of VFIO is loaded and before QEMU's version is remembered.
run_vfio_run kill >cold 2>>log
sed 's/^vfio-run kill/vfio-run cold/' cold | while read -r line; do diag "$line"; done
ways="limit script vfio_run"
if start_libvirt >&2; then ways="$ways libvirt"; else diag "# libvirt is left out: it is not there, or did not start"; fi
settle

round=0
while [ $round -lt "$BENCH_ROUNDS" ]; do
	for ending in stop kill; do
		for way in $ways; do
			run_$way $ending >figures 2>>log || diag_file log
			while read -r line; do diag "$line"; done <figures
		done
	done
	run_vfio_run keeper >figures 2>>log || diag_file log
	while read -r line; do diag "$line"; done <figures
	limit cycle 1 $both | awk '{ printf "raw cycle %s %.3f\n", $1, $2 / 1e6 }' >figures
	while read -r line; do diag "$line"; done <figures
	round=$((round + 1))
done
pass "$round rounds of: $ways"
ok "the card is on its host drivers" sh -c "! readlink $PCI/$GPU/driver $PCI/$AUDIO/driver | grep -q vfio"
done_testing
