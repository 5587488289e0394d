# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# qemu-first - QEMU stands before a device is taken: what it dislikes touches none; what fails later,
# while its memory is touched, while it is given devices, gives them back
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
p=/etc/vfio-run/demo.profile

standin_profile $p guest-off-after=1
wait_for 20 test -e /dev/snd/controlC0
vfio_run demo >&2 # the modules are there from now on, and what is learnt about the stand-in
wait_for 20 test -e /dev/snd/controlC0
# A sound card's probe asks for modules that are there by now, or that do not exist.
echo >/proc/sys/kernel/modprobe
fingerprint_before

# ---- the order ------------------------------------------------------------------------------------

out=$(vfio_run -n demo 2>&1)
like "$(printf '%s\n' "$out" | sed -n 's/^  device_add .*"host":"\([^"]*\)".*/\1/p' | tr '\n' ' ')" \
	"^$LAB_AUDIO $LAB_GPU \$" "a dry run shows the commands: function 0 last"
like "$out" '^  system_reset$' "and the reset"
unlike "$(printf '%s\n' "$out" | sed -n '/^Command line/,$p')" 'vfio-pci' "no device of the host's is on QEMU's command line"
like "$(vfio_run -n --json demo)" "\"plug\":\[\{\"driver\":\"vfio-pci\",\"host\":\"$LAB_AUDIO\"" "so does JSON"

# The journal's lines, as they are written: "process", "change", tabs between what they hold.
trace() {
	strace -f -s 200 -e trace=write,pwrite64,writev -o /tmp/trace "$@" >/tmp/out 2>&1
}
no_device_row() { ! grep -E '"change\\t[a-z0-9_]+\\t0000:01:00' /tmp/trace; }
qemu_then_device() {
	awk '/"process\\tqemu/ { qemu = NR } /"change\\t[a-z0-9_]+\\t0000:01:00/ && !device { device = NR }
		END { exit !(qemu && device && qemu < device) }' /tmp/trace
}
trace $own demo
is $? 0 "a run"
ok "QEMU is in the journal before the first device" qemu_then_device
not_ok "its trace shows device rows" no_device_row
fingerprint_after "everything is back"

# ---- what only QEMU knows: exit 1, no device row -------------------------------------------------------

# refused NAME PATTERN KEY LINE...: with the real QEMU; KEY is one of [vm], or empty
refused() {
	name=$1 pattern=$2 key=$3
	shift 3
	PROFILE_QEMU=qemu-system-x86_64 profile /etc/vfio-run/real.profile "$@"
	sed -i "s/^\\[vm\\]/[vm]\\n$key/" /etc/vfio-run/real.profile
	fingerprint_before
	trace $own real
	is $? 1 "$name: exit 1"
	like "$(cat /tmp/out)" "$pattern" "$name: QEMU's words are shown"
	like "$(cat /tmp/out)" 'no device was touched' "$name: it says that no device was touched"
	ok "$name: no device row in the journal" no_device_row
	fingerprint_after "$name: nothing was touched"
}
refused "an unknown CPU flag" 'nosuchflag' 'cpu = max,+nosuchflag'
refused "an unknown device" 'nosuchdevice' '' '[qemu]' 'argument = -device' 'argument = nosuchdevice'
refused "an unknown property" 'nosuchproperty' '' '[qemu]' 'argument = -device' 'argument = pvpanic-pci,nosuchproperty=1'
refused "a port that is root's" 'host forwarding' '' '[qemu]' 'argument = -netdev' 'argument = user,id=n,hostfwd=tcp::80-:80'

# ---- later: everything is given back ---------------------------------------------------------------------

# run_with SWITCHES CODE PATTERN NAME
run_with() {
	standin_profile $p "$1,guest-off-after=1"
	fingerprint_before
	trace $own demo
	is $? "$2" "$4: exit $2"
	like "$(cat /tmp/out)" "$3" "$4: it says so"
	fingerprint_after "$4: everything is back"
}
run_with refuse=qom-set 1 'demo: qom-set: told to refuse' "the memory is refused"
ok "no device row then" no_device_row
run_with crash-in=qom-set 1 'no device was touched' "QEMU dies while it touches its memory"
ok "no device row then" no_device_row
run_with refuse=device_add1 1 'demo: device_add: told to refuse' "the first device is refused"
run_with refuse=device_add2 1 'QEMU refuses a device' "the second device is refused"
run_with crash-in=device_add2 1 'signal 11|status 139' "QEMU dies at the second device"
run_with crash-in=system_reset 1 'signal 11|status 139' "QEMU dies at the reset"
run_with refuse=system_reset 1 'system_reset: told to refuse' "the reset is refused"

# killed WHO WHEN CODE NAME: SIGKILL while QEMU does not answer that command
killed() {
	standin_profile $p "hang-in=$2"
	fingerprint_before
	$own demo >/tmp/out 2>&1 &
	run=$!
	case $2 in
	qom-set) at='profile' ;;
	*) at="none -> vfio-pci" ;;
	esac
	wait_for 60 pgrep -x qemu-standin
	wait_for 60 grep -q "$at" /tmp/out
	sleep 1
	pkill -KILL -x "$1"
	wait $run
	code=$?
	[ "$1" != vfio-run ] || wait_for 60 nobody
	is $code "$3" "$4: exit $3"
	fingerprint_after "$4: everything is back"
}
for when in qmp_capabilities qom-set device_add2 system_reset; do
	killed qemu-standin $when 1 "QEMU is killed in $when"
	killed vfio-run $when 137 "vfio-run is killed in $when"
done
for when in qom-set device_add2 system_reset; do
	killed vfio-qmp $when 1 "vfio-qmp is killed in $when"
	like "$(cat /tmp/out)" 'vfio-qmp has ended while QEMU was given' "and it says so"
done

# interrupted WHEN: before the guest runs
interrupted() {
	standin_profile $p "hang-in=$1"
	fingerprint_before
	$own demo >/tmp/out 2>&1 &
	run=$!
	wait_for 60 pgrep -x qemu-standin
	[ "$1" = qom-set ] || wait_for 60 grep -q 'none -> vfio-pci' /tmp/out
	sleep 1
	kill -INT $run
	wait $run
	is $? 4 "Ctrl-C in $1: exit 4"
	fingerprint_after "Ctrl-C in $1: everything is back"
}
interrupted qom-set
interrupted device_add2
done_testing
