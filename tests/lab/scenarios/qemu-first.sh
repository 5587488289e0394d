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

# ---- what only QEMU knows: exit 1, no device row; what is asked before: exit 3, QEMU is not started ---------

# refused NAME CODE PATTERN KEY LINE...: with the real QEMU; KEY is one of [vm], or empty
refused() {
	name=$1 code=$2 pattern=$3 key=$4
	shift 4
	PROFILE_QEMU=qemu-system-x86_64 profile /etc/vfio-run/real.profile "$@"
	[ -z "$key" ] || sed -i "/^${key%% *} = /d; s/^\\[vm\\]/[vm]\\n$key/" /etc/vfio-run/real.profile
	fingerprint_before
	case $code in
	1) trace $own real ;;
	*) $own real >/tmp/out 2>&1 ;;
	esac
	like $? "^$code\$" "$name: exit $code"
	like "$(cat /tmp/out)" "$pattern" "$name: it says so"
	if [ "$code" = 1 ]; then
		like "$(cat /tmp/out)" 'no device was touched' "$name: it says that no device was touched"
		ok "$name: no device row in the journal" no_device_row
	else
		unlike "$(cat /tmp/out)" '0000:01:00.* -> ' "$name: no device is changed"
	fi
	fingerprint_after "$name: nothing was touched"
}
refused "an unknown CPU flag" 1 'nosuchflag' 'cpu = max,+nosuchflag'
refused "an unknown device" 1 'nosuchdevice' '' '[qemu]' 'argument = -device' 'argument = nosuchdevice'
refused "an unknown property" 1 'nosuchproperty' '' '[qemu]' 'argument = -device' 'argument = pvpanic-pci,nosuchproperty=1'
refused "a port that is root's" 1 'host forwarding' '' '[qemu]' 'argument = -netdev' 'argument = user,id=n,hostfwd=tcp::80-:80'
refused "a port that is root's, of the profile" 3 'port 80 of TCP' '' '[net]' 'mode = user' 'forward = tcp:80:80'
ip link set lo up
busybox nc -l -p 2222 </dev/null >/dev/null 2>&1 &
holder=$!
wait_for 20 grep -q ':08AE .* 0A ' /proc/net/tcp /proc/net/tcp6
refused "a port that is taken" 3 '2222' '' '[net]' 'mode = user' 'forward = tcp:2222:22'
kill $holder
refused "a machine that this QEMU has not got" 3 'pc-q35-99.9' 'machine = pc-q35-99.9'
: >/home/vmuser/empty.rom
refused "an empty ROM" 3 'empty.rom: is empty' '' 'rom = /home/vmuser/empty.rom'
qemu-img create -q -f qcow2 /home/vmuser/locked.qcow2 4M && chown vmuser /home/vmuser/locked.qcow2
mkfifo /tmp/locks
: >/tmp/locked
qemu-io /home/vmuser/locked.qcow2 </tmp/locks >/tmp/locked 2>&1 &
exec 5>/tmp/locks
echo help >&5
wait_for 20 grep -q aio_read /tmp/locked
refused "an image that another QEMU has" 3 'locked.qcow2' '' '[disk]' 'path = /home/vmuser/locked.qcow2'
exec 5>&-
refused "more memory than there is" 3 'memory' 'memory = 64G'
refused "more huge pages than there is memory for" 3 "the guest's 8192M are taken at once" 'memory = 8G\nhugepages = 2M'
refused "huge pages that cannot be had" '[34]' 'reserved at boot|available' 'memory = 2G\nhugepages = 1G'

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
	: >/tmp/out
	$own demo >/tmp/out 2>&1 &
	run=$!
	case $2 in
	qmp_capabilities | qom-set) at='profile' ;;
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
	: >/tmp/out
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
