# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# dropped - what a run was started from is gone in its middle: an ssh connection that drops, sudo -b and
# a terminal that is closed; and a /run that fills up in its middle, whose keeper is killed besides
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
session=/sys/fs/cgroup/session
processes='^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-standin)'

naughty_load || skip_all "the driver that misbehaves cannot be built here"
naughty_profile /etc/vfio-run/demo.profile say=hello
mkfifo /tmp/keys
wait_for 20 test -e /dev/snd/controlC0
vfio_run detach $LAB_GPU $LAB_NAUGHTY_DEVICE $LAB_NAUGHTY_SECOND >&2 && vfio_run attach >&2
wait_for 20 test -e /dev/snd/controlC0 # the modules are there from now on
mount -o remount,size=8M /run
fingerprint_before

nobody() { ! pgrep "$processes"; }
hangs() { [ "$(naughty_said hanging)" != 0 ]; }
runs() { grep -q running /run/vfio-run/vm/demo/status; }
on_vfio() { drivers_are vfio-pci $LAB_GPU $LAB_AUDIO $LAB_NAUGHTY_DEVICE $LAB_NAUGHTY_SECOND; }
# back TITLE: nobody helps, and all is as it was
back() {
	ok "$1: it comes to its end" wait_for 60 nobody
	fingerprint_after "$1: everything is back"
}

# ---- who logged in --------------------------------------------------------------------------

# as LOGIN-UID: what check says to a session of that login, started for vmuser; its exit code besides
as() {
	sh -c "echo $1 >/proc/self/loginuid && SUDO_USER=vmuser exec $own check demo" >/dev/null 2>/tmp/out
	echo "exit=$?" | cat /tmp/out -
}
if sh -c 'echo 1500 >/proc/self/loginuid' 2>/dev/null; then
	is "$(as 1500)" exit=0 "who logged in is who starts it: no word"
	like "$(as 4711)" "warning: this session is uid 4711's by its login, and it is started for vmuser" \
		"somebody else logged in, as in run0 or after su: a warning"
	like "$(as 4711)" '^exit=0$' "and no more"
else
	skip "who logged in" "this kernel keeps no login uid"
fi

# ---- a connection that drops ---------------------------------------------------------------

# connect WORD...: a login shell in a session of its own, on a terminal that `script` has the other end
# of, as sshd would; a file of the words is what the other side has seen
connect() {
	mkdir $session
	printf 'echo $$ >%s/cgroup.procs\n%s\n' $session "$*" >/tmp/login
	script -qefc 'sh /tmp/login' /tmp/screen </tmp/keys >/dev/null 2>&1 &
	sshd=$!
	exec 7>/tmp/keys
}
# hang_up: the terminal is gone, and its leader dies of that; drop: and then all that the session still has
hang_up() {
	kill -KILL $sshd
	wait $sshd 2>/dev/null
	exec 7>&-
}
drop() {
	hang_up
	echo 1 >$session/cgroup.kill
	wait_for 20 rmdir $session || fail "something stays in the session"
}
# goes_on TITLE: the VM, which nobody is told of any more
goes_on() {
	ok "$1: the guest runs" wait_for 60 runs
	ok "$1: with its devices" on_vfio
	vfio_run stop demo >/tmp/out 2>&1
	is $? 0 "$1: and ends when it is asked to"
	back "$1"
}

naughty hang_remove Y
connect $own demo
ok "a driver hangs in a start" wait_for 60 hangs
hang_up
naughty hang_remove N
ok "a terminal hangs up in the middle of the start: the guest runs" wait_for 60 runs
vfio_run stop demo >&2
wait_for 60 nobody
wait_for 20 rmdir $session
back "a terminal hangs up in the middle of the start"

# The keeper leaves the session when QEMU stands, which is before a device's driver is asked.
naughty hang_remove Y
connect $own demo
ok "a driver hangs in a start" wait_for 60 hangs
drop
naughty hang_remove N
goes_on "a connection drops in the middle of the start"

connect $own demo
ok "a guest runs" wait_for 60 runs
drop
goes_on "a connection drops while the guest runs"

connect $own demo
ok "a guest runs" wait_for 60 runs
naughty hang_probe Y
printf '\003' >&7
ok "Ctrl-C: a driver hangs on the way back" wait_for 60 hangs
drop
naughty hang_probe N
back "a connection drops on the way back"

# ---- sudo -b ---------------------------------------------------------------------------------

# sudo_b TITLE DEFAULTS SHELL: in the background, of which the terminal is closed, or sudo is killed
sudo_b() {
	printf 'Defaults %s\nvmuser ALL=(root) NOPASSWD: %s\n' "$2" $own >/etc/sudoers
	chmod 0440 /etc/sudoers
	for end in stop kill; do
		connect "${3}setpriv --reuid=vmuser --regid=vmuser --clear-groups sudo -b $own demo; sleep 1000"
		ok "$1: the guest runs" wait_for 60 runs
		runs || diag_file /tmp/screen
		drop
		case $end in
		stop) goes_on "$1, and the terminal is closed" ;;
		kill)
			pkill -KILL -x 'sudo|vfio-run'
			back "$1, and both are killed"
			;;
		esac
	done
}

echo 'vmuser:*:19000::::::' >>/etc/shadow # PAM asks there
if command -v sudo >/dev/null; then
	# Who writes to such a terminal from the background is stopped; with a terminal of its own
	# (Debian 13's default) sudo does so itself, before it has begun.
	sudo_b "sudo -b, a terminal that stops who writes" '!use_pty' 'stty tostop; '
	sudo_b "sudo -b with a terminal of its own" use_pty ''
else
	skip "sudo -b" "there is no sudo on this machine"
fi

# ---- a full /run -----------------------------------------------------------------------------

# begin WHERE: a run whose driver hangs at the start or on the way back, in which /run fills up
begin() {
	naughty hang_"$1" Y
	: >/tmp/out
	$own demo >/tmp/out 2>&1 &
	run=$!
	if [ "$1" = probe ]; then
		wait_for 60 runs
		kill -TERM $run
	fi
	ok "a driver hangs in its $1" wait_for 60 hangs
	busybox dd if=/dev/zero of=/run/filler bs=4k 2>/dev/null
	not_ok "/run is full" sh -c 'echo more >/run/more'
}
# over CODE TITLE
over() {
	wait $run
	is $? "$1" "$2: exit $1"
	ok "$2: it comes to its end" wait_for 60 nobody
	rm -f /run/filler /run/more
	fingerprint_after "$2: everything is back"
	like "$(cat /tmp/out)" 'everything is back as it was' "$2: it says so"
	unlike "$(cat /tmp/out)" 'error|could not|cannot' "$2: and nothing else"
}
begin remove
naughty hang_remove N
ok "the guest runs all the same" wait_for 60 runs
kill -TERM $run
over 0 "/run fills up in the middle of the start"
begin probe
naughty hang_probe N
over 0 "/run fills up on the way back"
for where in remove probe; do
	begin $where
	kill -KILL $run
	naughty hang_$where N
	over 137 "/run fills up, and the keeper is killed, while a driver hangs in its $where"
done
mount -o remount,size=1G /run
rmmod naughty
done_testing
