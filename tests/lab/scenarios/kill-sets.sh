# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# kill-sets - each process of a running VM is killed, each pair of them, all of them
#
# Whatever is killed, the VM ends where it must, nothing of it stays, and the devices come back:
# by themselves as long as keeper or standby is left, else with the next command.
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run

standin_profile $p say=hello
wait_for 20 test -e /dev/snd/controlC0
fingerprint_before

# child_of PID PATTERN: its child whose name matches
child_of() { pgrep -P "$1" "$2" | head -n 1; }
# shellcheck disable=SC2034 # kill_set reads them by name
start() {
	: >/tmp/out
	$own demo >/tmp/out 2>&1 &
	keeper=$!
	wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
	qemu=$(sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out)
	standby=$(child_of $keeper '^vfio-standby')
	worker=$(child_of $keeper '^w:')
	qmp=$(child_of $keeper '^vfio-qmp')
}
has() { case " $killed " in *" $1 "*) ;; *) false ;; esac; }
# Not the job's own: what is left of the VM.
nothing_is_left() { ! pgrep '^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-standin)' && [ ! -e /run/vfio-run/vm ]; }
dead() { ! pgrep '^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-standin)'; }

# kill_set NAME...: kills these at once, then looks
kill_set() {
	killed=$*
	pids=
	start
	for name; do
		eval "pid=\$$name"
		# shellcheck disable=SC2154
		[ -n "$pid" ] || fail "$killed: there is no $name"
		pids="$pids $pid"
	done
	# shellcheck disable=SC2086
	kill -KILL $pids
	has keeper || has qemu || kill -TERM $keeper # the VM goes on until then
	wait $keeper
	code=$?
	if has keeper; then wanted=137; elif has qemu; then wanted=1; else wanted=0; fi
	[ $code = $wanted ] || { fail "$killed: exit code $code, not $wanted"; diag_file /tmp/out; }
	if has keeper && has standby; then
		wait_for 30 dead || fail "$killed: something of it lives on"
		vfio_run recover >/tmp/recover 2>&1 || { fail "$killed: recover"; diag_file /tmp/recover; }
		by="with recover"
	else
		wait_for 60 nothing_is_left || { fail "$killed: something of it is left"; diag "$(pgrep -a '^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-standin)')"; }
		by="by themselves"
	fi
	fingerprint_after "$killed killed: the devices come back $by"
}

all='keeper standby worker qmp qemu'
rest=$all
for one in $all; do
	kill_set "$one"
	rest=${rest#"$one"}
	rest=${rest# }
	for other in $rest; do
		kill_set "$one" "$other"
	done
done
kill_set keeper standby worker qmp qemu
# A standby that is killed is replaced, so one death later there is still one.
start
first=$standby
kill -KILL "$first"
replaced() { standby=$(child_of $keeper '^vfio-standby'); [ -n "$standby" ] && [ "$standby" != "$first" ]; }
ok "a standby that is killed is replaced" wait_for 20 replaced
kill -KILL $keeper
wait $keeper
ok "the keeper killed then: nothing of the VM stays" wait_for 60 nothing_is_left
fingerprint_after "everything is back"
done_testing
