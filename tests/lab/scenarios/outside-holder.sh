# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# outside-holder - somebody else has the VFIO device open when it is to come back
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/sbin/vfio-run

standin_profile $p guest-off-after=20
# QEMU gives its descriptors away before it ends
gives=/etc/vfio-run/gives.profile
profile $gives '[net]' 'mode = user' '[qemu]' 'argument = -standin' 'argument = guest-off-after=500,give-away=friend'
wait_for 20 test -e /dev/snd/controlC0
vfio_run demo >&2
wait_for 20 test -e /dev/snd/controlC0
fingerprint_before
card() { echo "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)"; }

# 1. a program that has opened a kept device
vfio_run detach $LAB_GPU
vfio-hold open "$(group_of $LAB_GPU)" $LAB_GPU >/tmp/held 2>&1 &
holder=$!
ok "a program opens the device" wait_for 20 grep -q holding /tmp/held
vfio_run attach >/tmp/out 2>&1
status=$?
ok "attach: exit 3 or 5" [ $status = 3 ] || [ $status = 5 ]
diag_file /tmp/out
is "$(card)" "vfio-pci vfio-pci" "the card stays"
ok "nothing hangs in the kernel" sh -c '! grep -q "^w:0000" /proc/[0-9]*/comm'
kill $holder
wait $holder 2>/dev/null
vfio_run attach
is $? 0 "attach when it is gone"
fingerprint_after "everything is back"

# 2. one that QEMU has given its descriptors to
# give: a run whose QEMU does; $holder has the devices then, $run is the keeper
give() {
	: >/tmp/held
	vfio-hold socket friend >/tmp/held 2>&1 &
	holder=$!
	wait_for 20 grep -q listening /tmp/held
	$own gives >/tmp/out 2>&1 &
	run=$!
	ok "the descriptors are handed to somebody outside" wait_for 60 grep -q holding /tmp/held
	ok "the keeper waits for him" wait_for 60 grep -q 'waiting for it to let go' /tmp/out
	diag_file /tmp/out
}
give
like "$(cat /tmp/out)" "process $holder .*vfio-hold" "it names him"
is "$(card)" "vfio-pci vfio-pci" "the card stays"
kill $holder
wait $run
is $? 0 "when he lets go: exit 0"
fingerprint_after "everything is back"

give
kill -INT $run
wait $run
is $? 5 "Ctrl-C does not wait: exit 5"
like "$(cat /tmp/out)" 'sudo vfio-run recover' "it says what to do"
vfio_run recover >/tmp/out 2>&1
is $? 5 "recover while he holds it: exit 5"
like "$(cat /tmp/out)" "process $holder .*vfio-hold" "it names him"
kill $holder
vfio_run recover
is $? 0 "recover when he is gone"
fingerprint_after "everything is back"

give
kill -KILL $run
wait $run
ok "the keeper is killed: its twin waits" wait_for 20 grep -q 'its devices come back when it lets go' /tmp/out
kill $holder
ok "and gives back when he is gone" wait_for 30 bound_to $LAB_GPU bochs-drm
fingerprint_after "everything is back"
done_testing
