# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# mutants - is the crash matrix any good? Each seeded bug has to be seen by it
#
# tests/lab/mutants/build has made a keeper of each. A sample of the matrix, or a scenario, is run
# with it and has to fail; then with the real one what it left is put right by hand.
. "$LAB_DIR/lib.sh"
keeper=/usr/local/libexec/vfio-run/keeper
real=/usr/local/libexec/vfio-run/keeper.good

standin_profile /etc/vfio-run/demo.profile guest-off-after=20
wait_for 20 test -e /dev/snd/controlC0
vfio_run demo >&2 # the modules are there from now on
wait_for 20 test -e /dev/snd/controlC0
cp $keeper $real
fingerprint_before
cp /tmp/lab/fingerprint.before /tmp/mutants.before

# Its processes are dying: a directory goes when the last one is gone.
no_naughty_is_left() {
	[ ! -e /sys/module/naughty ] || { naughty hang_remove N && naughty hang_probe N && rmmod naughty; }
}
no_leaf_is_left() { find /sys/fs/cgroup/vfio-run -depth -type d -exec rmdir {} + 2>/dev/null; [ ! -e /sys/fs/cgroup/vfio-run ]; }
put_right() {
	for process in vfio-run vfio-standby vfio-qmp w: qemu- lab-tracer; do pkill -KILL "^$process"; done
	cp $real $keeper.new && mv $keeper.new $keeper
	rm -rf /run/vfio-run/state /run/vfio-run/vm /run/vfio-run/detach /tmp/lab/matrix.spec $keeper.real
	rm -f /etc/vfio-run/[abc].profile # of `shared`
	wait_for 20 no_naughty_is_left
	wait_for 20 no_leaf_is_left
	for address in $LAB_GPU $LAB_AUDIO; do
		printf '\n' >$PCI/$address/driver_override
		[ ! -e $PCI/$address/driver ] || echo $address >$PCI/$address/driver/unbind
		echo $address >/sys/bus/pci/drivers_probe
	done
	wait_for 20 test -e /dev/snd/controlC0
	standin_profile /etc/vfio-run/demo.profile guest-off-after=20
}

for bug in "$LAB_DIR"/mutants/*.sed; do
	name=$(basename "$bug" .sed)
	matrix=$(sed -n 's/^# matrix: //p' "$bug") scenario=$(sed -n 's/^# scenario: //p' "$bug")
	boot=$(sed -n 's/^# boot: //p' "$bug")
	[ -n "$boot" ] || boot=dgpu
	[ -z "$scenario" ] || ! grep -q 'naughty_load' "$LAB_DIR/scenarios/$scenario.sh" || boot=naughty
	[ $boot = "$LAB_TOPOLOGY" ] || continue # in the boot of that topology
	cp "$VFIO_RUN_BUILD/mutants/$name/keeper" $keeper.new && mv $keeper.new $keeper
	if [ -n "$matrix" ]; then
		eval "matrix -q -T 30 $matrix" >/tmp/mutant 2>&1
		# not by what a run without a fault does
		! grep -qE 'matrix-total: .*, [1-9][0-9]* violations' /tmp/mutant
		seen=$?
	else
		# shellcheck source=/dev/null
		(. "$LAB_DIR/scenarios/$scenario.sh") >/tmp/mutant 2>&1
		cp /tmp/mutants.before /tmp/lab/fingerprint.before # it took its own
		! grep -q '^not ok' /tmp/mutant
		seen=$?
	fi
	isnt $seen 0 "$(sed -n '1s/^# //p' "$bug") Seen by: ${matrix:-$scenario}"
	grep -E 'matrix: (NOT|WRONG)|matrix-total|^not ok' /tmp/mutant | head -n 3 | sed 's/^/#   /'
	put_right
	fingerprint_after "$name: and put right"
done
done_testing
