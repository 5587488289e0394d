# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# outside-holder - another process has the VFIO device open when it is to come back
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run

standin_profile $p guest-off-after=20
plain_profile /etc/vfio-run/other.profile '[display]' 'type = none' '[pci]' 'device = 0000:02:00.0' \
	'[qemu]' 'argument = -standin' 'argument = guest-off-after=20'
# QEMU gives its descriptors away before it ends, by an abstract socket: one behind passt has a
# network namespace of its own and cannot reach it
[ ! -e /usr/bin/passt ] || mount --bind /dev/null /usr/bin/passt
gives=/etc/vfio-run/gives.profile
profile $gives '[net]' 'mode = user' '[qemu]' 'argument = -standin' 'argument = guest-off-after=500,give-away=friend'
# or sends them to vfio-qmp, or gives the monitor away
standin_profile /etc/vfio-run/sends.profile guest-off-after=2000,send-devices
profile /etc/vfio-run/talks.profile '[net]' 'mode = user' \
	'[qemu]' 'argument = -standin' 'argument = guest-off-after=500,give-monitor=friend'
wait_for 20 test -e /dev/snd/controlC0
vfio_run demo >&2
wait_for 20 test -e /dev/snd/controlC0
fingerprint_before
card() { echo "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)"; }

# 1. a program that has opened a kept device
vfio_run detach $LAB_GPU
: >/tmp/held
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
# give [HOW]: a run whose QEMU does; $holder has the devices then, $run is the keeper
give() {
	: >/tmp/held
	vfio-hold "${1:-socket}" friend >/tmp/held 2>&1 &
	holder=$!
	wait_for 20 grep -q listening /tmp/held
	: >/tmp/out
	$own gives >/tmp/out 2>&1 &
	run=$!
	ok "the descriptors are handed to a process outside" wait_for 60 grep -q holding /tmp/held
	ok "the keeper waits for it" wait_for 60 grep -q 'waiting for it to let go' /tmp/out
	diag_file /tmp/out
}
give
like "$(cat /tmp/out)" "process $holder .*vfio-hold" "it names it"
is "$(card)" "vfio-pci vfio-pci" "the card stays"
kill $holder
wait $run
is $? 0 "when it lets go: exit 0"
fingerprint_after "everything is back"

give
kill -INT $run
wait $run
is $? 5 "Ctrl-C does not wait: exit 5"
like "$(cat /tmp/out)" 'sudo vfio-run recover' "it says what to do"
vfio_run recover >/tmp/out 2>&1
is $? 5 "recover while it holds it: exit 5"
like "$(cat /tmp/out)" "process $holder .*vfio-hold" "it names it"
kill $holder
vfio_run recover
is $? 0 "recover when it is gone"
fingerprint_after "everything is back"

give
kill -KILL $run
wait $run
ok "the keeper is killed: its standby waits" wait_for 20 grep -q 'its devices come back when it lets go' /tmp/out
vfio_run other >&2
is $? 0 "a VM with another device does not wait for it: exit 0"
vfio_run demo >/tmp/refused 2>&1
is $? 3 "one with this device is refused: exit 3"
unlike "$(cat /tmp/refused)" ' -> ' "nothing was changed"
is "$(card)" "vfio-pci vfio-pci" "the card stays"
kill $holder
ok "and gives back when it is gone" wait_for 30 bound_to $LAB_GPU bochs-drm
fingerprint_after "everything is back"

# Nobody has them in a table: they are on their way, in a socket that is on its way itself.
give flight
like "$(cat /tmp/out)" 'still open, and no process is seen that has it: somebody may hold it in flight' "it says that they may be in flight"
unlike "$(cat /tmp/out)" 'held by process' "and names no process that has nothing"
is "$(card)" "vfio-pci vfio-pci" "the card stays"
kill $holder
wait $run
is $? 0 "when what has the socket ends: exit 0"
fingerprint_after "everything is back"

# 3. it was sent over the monitor, and lies unread with a vfio-qmp that does not run
: >/tmp/out
$own sends >/tmp/out 2>&1 &
run=$!
ok "a VM whose QEMU will send its devices with its last word" wait_for 60 grep -q 'the guest runs' /tmp/out
kill -STOP "$(pgrep -x vfio-qmp)"
ok "vfio-qmp is ended, for it holds the card" wait_for 30 gone $run
wait $run
is $? 0 "exit 0"
diag_file /tmp/out
fingerprint_after "everything is back"

# 4. another process has the monitor and sends on when QEMU is dead
: >/tmp/held
vfio-hold talk friend >/tmp/held 2>&1 &
friend=$!
wait_for 20 grep -q listening /tmp/held
: >/tmp/out
$own talks >/tmp/out 2>&1 &
run=$!
ok "a process outside is given the monitor" wait_for 60 grep -q holding /tmp/held
ok "it is not read for ever" wait_for 30 gone $run
kill -KILL $run 2>/dev/null
wait $run
is $? 0 "exit 0"
diag_file /tmp/out
ok "and it sees the hang-up" wait_for 10 gone $friend
fingerprint_after "everything is back"
done_testing
