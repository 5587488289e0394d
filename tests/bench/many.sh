# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2086 # lists of words
# many - what a machine with many PCI functions costs: list, plan, start
#
# A scenario of the lab for the topology many:N: lines `many FUNCTIONS FIGURE MILLISECONDS`
# (and system calls). `in_process` is what is left when a start of vfio-run is taken away.
. "$LAB_DIR/lib.sh"
# shellcheck source=/dev/null
. "$VFIO_RUN_BUILD/tests/bench/settings"
# shellcheck source=tests/bench/card.sh
. "$LAB_DIR/../bench/card.sh"

functions=$(walk | cut -d' ' -f1)
say() { diag "many $functions $*"; }
modprobe vfio-pci
settle
vfio_run -n bench >out 2>&1 || diag_file out # warm: QEMU's version, the page cache

say walk_in_process "$(for _ in 1 2 3 4 5 6 7 8 9; do walk; done | awk '{ print $2 / 1e6 }' | sort -n | sed -n 5p)"
say walk "$(lap 9 walk)"
say lspci_nnk "$(lap 5 lspci -nnk)"
say version "$(lap 9 /usr/local/bin/vfio-run --version)"
say list "$(lap 5 /usr/local/bin/vfio-run list all)"
say list_json "$(lap 5 /usr/local/bin/vfio-run list --json all)"
say plan "$(lap 5 /usr/local/bin/vfio-run -n bench)"
calls() { strace -f -c -o calls "$@" >/dev/null 2>&1; awk '/total$/ { print $4 }' calls; }
say list_calls "$(calls /usr/local/bin/vfio-run list all)"
say plan_calls "$(calls /usr/local/bin/vfio-run -n bench)"
say lspci_calls "$(calls lspci -nnk)"

for _ in 1 2 3; do
	stopwatch -w vfio-run -e stop $both -- /usr/local/bin/vfio-run bench >figures 2>>log || diag_file log
	awk '/ (detached|guest|acted_back) / { print "start_" $3, $4 }' figures | while read -r line; do say "$line"; done
	with_qemu -chardev socket,id=m,fd=3 -qmp chardev:m -- \
		stopwatch -w limit -e stop $both -- $own/limit run $both -- >figures 2>>log || diag_file log
	awk '/ (detached|guest|acted_back) / { print "limit_" $3, $4 }' figures | while read -r line; do say "$line"; done
done
pass "measured with $functions functions"
done_testing
