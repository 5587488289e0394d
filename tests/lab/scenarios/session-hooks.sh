# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# session-hooks - hooks, a desktop that no unit is of, holders that are ended, and all that in a unit
# init: systemd
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
desktop_make
standin_profile $p say=hello
sed -i '/^\[qemu\]/i [session]\nstop = display-manager.service\nstop = lab-other' $p

systemctl start $desktop
wait_for 20 holds
start || diag_file /tmp/out
vfio_run stop one >&2 # what a first run loads and learns is there from now on
wait $run

# Hooks, and a desktop that no unit is of.
mkdir -p /etc/vfio-run/hooks
cat >/etc/vfio-run/hooks/all <<'HOOK'
#!/bin/sh
echo "$2 $1 $VFIO_RUN_NAME $(awk '/^CapEff/ { print $2 }' /proc/self/status)" >>/tmp/hooks
readlink /proc/self/fd/0 >>/tmp/hooks
[ ! -p "/tmp/gate-$2" ] || { read -r _ <"/tmp/gate-$2" && echo finished >>/tmp/hooks; }
[ "$2" != "$(cat /tmp/fails 2>/dev/null)" ]
HOOK
chmod 0755 /etc/vfio-run/hooks/all
cp $p /tmp/profile
{
	echo '[hooks]'
	for hook in prepare started stopped failed released; do echo "$hook = /etc/vfio-run/hooks/all"; done
} >>$p
all_caps=$(awk '/^CapEff/ { print $2 }' /proc/self/status)
run_hooks() { awk '/one/ { printf "%s ", $1 }' /tmp/hooks; }
like "$(vfio_run -n one 2>&1)" 'released +/etc/vfio-run/hooks/all' "-n shows the hooks"
rm -f /tmp/hooks
fingerprint_before
start || diag_file /tmp/out
vfio_run stop one >&2
wait $run
is $? 0 "with hooks: exit 0"
wait_for 10 grep -q released /tmp/hooks
is "$(run_hooks)" 'prepare started stopped released ' "the hooks of a run, in order"
is "$(grep -c "one one $all_caps\$" /tmp/hooks)" 4 "each with all that root has"
is "$(grep -c '^/dev/null' /tmp/hooks)" 4 "and an empty stdin"
back "a run with hooks"
rm /tmp/hooks
start || diag_file /tmp/out
kill_all $(pgrep -x 'vfio-run')
wait_for 60 grep -q released /tmp/hooks
is "$(run_hooks)" 'prepare started stopped failed released ' "the keeper is killed: its standby runs the last ones"
back "a keeper with hooks is killed"
rm /tmp/hooks
start || diag_file /tmp/out
kill_all $(pgrep -x 'vfio-run|vfio-standby')
wait_for 60 sh -c '! pgrep -x vfio-hooks'
is "$(run_hooks)" 'prepare started ' "both are killed: no hook is run"
like "$(vfio_run -n recover)" . "recover -n"
is "$(run_hooks)" 'prepare started ' "which runs none"
ok "recover" vfio_run recover
is "$(run_hooks)" 'prepare started failed released ' "and recover runs the last ones"
is "$(grep -c "one one $all_caps\$" /tmp/hooks)" 4 "each with all that root has"
back "both are killed, with hooks"
# One that runs when all of vfio-run is killed may have done its work: it goes on by itself, and is not run again.
rm /tmp/hooks
mkfifo /tmp/gate-stopped
start || diag_file /tmp/out
vfio_run stop one >&2 &
wait_for 60 grep -q stopped /tmp/hooks
kill_all $(pgrep -x 'vfio-run|vfio-standby|vfio-hooks')
wait
ok "all is killed while a hook runs: recover" vfio_run recover
is "$(run_hooks)" 'prepare started stopped failed released ' "which runs the last ones, and not that again"
not_ok "that one waits" grep -q finished /tmp/hooks
timeout 10 sh -c 'echo >/tmp/gate-stopped'
ok "it comes to its end by itself" wait_for 20 grep -q finished /tmp/hooks
back "all is killed while a hook runs"
rm /tmp/hooks /tmp/gate-stopped
mkfifo /tmp/gate-released
start || diag_file /tmp/out
vfio_run stop one >&2 &
wait_for 60 grep -q released /tmp/hooks
kill_all $(pgrep -x 'vfio-run|vfio-standby|vfio-hooks')
wait
ok "all is killed while the last hook runs: recover" vfio_run recover
timeout 10 sh -c 'echo >/tmp/gate-released'
ok "it comes to its end by itself" wait_for 20 grep -q finished /tmp/hooks
is "$(run_hooks)" 'prepare started stopped released ' "and is not run again"
back "all is killed while the last hook runs"
rm /tmp/hooks /tmp/gate-released
echo prepare >/tmp/fails
setsid /usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null
is $? 3 "prepare fails: exit 3"
ok "the desktop runs on" active
rm /tmp/fails
back "prepare fails"
chmod 0777 /etc/vfio-run/hooks/all
setsid /usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null
is $? 3 "a hook that others can write: exit 3"
like "$(cat /tmp/out)" 'prepare = /etc/vfio-run/hooks/all: others than root can change it' "it says so"
rm -r /etc/vfio-run/hooks
cp /tmp/profile $p

cat >/etc/vfio-run/down <<DOWN
#!/bin/sh
systemctl stop $desktop
DOWN
sed s/stop/start/ /etc/vfio-run/down >/etc/vfio-run/up
chmod 0755 /etc/vfio-run/down /etc/vfio-run/up
sed -i -e '/^stop = lab-other/d' -e 's|^stop = .*|stop-command = /etc/vfio-run/down\nstart-command = /etc/vfio-run/up|' $p
fingerprint_before
start || diag_file /tmp/out
ok "a command: the desktop has ended" inactive
kill_all $(pgrep -x 'vfio-run|vfio-standby')
wait_for 60 sh -c '! pgrep -x vfio-hooks'
ok "recover" vfio_run recover
back "both are killed, of a run with commands"

# Whoever is killed while the session is being stopped: it is started when it has stopped, and not before.
cat >/etc/vfio-run/down <<DOWN
#!/bin/sh
touch /tmp/down-begins
read -r _ </tmp/gate-down
systemctl stop $desktop
echo down >>/tmp/order
DOWN
printf '#!/bin/sh\necho up >>/tmp/order\nsystemctl start %s\n' $desktop >/etc/vfio-run/up
mkfifo /tmp/gate-down
start_until_down() {
	rm -f /tmp/order /tmp/down-begins
	: >/tmp/out
	setsid /usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null &
	run=$!
	wait_for 60 test -e /tmp/down-begins || diag_file /tmp/out
}
# It has been asked for, whether it waits or not: what starts hooks receives nothing (recvfrom is 45), as it polls.
asked() { [ -e /tmp/order ] || ! pgrep -x vfio-hooks | sed 's|.*|/proc/&/syscall|' | xargs cat | grep -q '^45 '; }
open_gate() { timeout 10 sh -c 'echo >/tmp/gate-down'; }
order() { [ ! -e /tmp/order ] || tr '\n' ' ' </tmp/order; }
fingerprint_before
start_until_down
kill_all $(pgrep -x vfio-run)
ok "the keeper is killed while its command stops the session: its standby asks for the other" wait_for 60 asked
ok "which comes second" open_gate
back "the keeper is killed while its command stops the session"
is "$(order)" "down up " "the keeper is killed while its command stops the session: in that order"
start_until_down
kill_all $(pgrep -x 'vfio-run|vfio-standby')
: >/tmp/recovered
vfio_run recover >/tmp/recovered 2>&1 &
recover=$!
ok "both are killed while it does: recover waits for it" wait_for 60 grep -q 'waiting for its session-command' /tmp/recovered
is "$(order)" "" "both are killed while it does: the other one has not run"
ok "it goes on" open_gate
wait $recover
is $? 0 "both are killed while it does: recover: exit 0"
back "both are killed while it does"
is "$(order)" "down up " "both are killed while it does: in that order"
start_until_down
kill_all $(pgrep -x 'vfio-run|vfio-standby|vfio-hooks')
: >/tmp/recovered
vfio_run recover >/tmp/recovered 2>&1 &
recover=$!
ok "all are killed while it does: recover waits for it" wait_for 60 grep -q 'waiting for its session-command' /tmp/recovered
ok "it goes on" open_gate
wait $recover
is $? 0 "all are killed while it does: recover: exit 0"
back "all are killed while it does"
is "$(order)" "down up " "all are killed while it does: in that order"
rm /tmp/gate-down
cp /tmp/profile $p

# Holders that are no session: a unit is stopped and started again, a process is ended for good.
plain_profile $p '[gpu]' "device = $LAB_GPU" 'holders = ask' '[qemu]' 'argument = -standin' 'argument = say=hello'
fingerprint_before
cat >/tmp/deaf <<DEAF
trap '' TERM
exec 3<>$node
touch /tmp/deaf-holds
while :; do sleep 1 3>&-; done # its children hold nothing
DEAF
deaf() {
	rm -f /tmp/deaf-holds
	systemd-run --quiet --scope --unit=lab-deaf sh /tmp/deaf &
	wait_for 20 test -e /tmp/deaf-holds
	deaf=$(pgrep -f 'sh /tmp/deaf$' | tail -n 1)
}
deaf
out=$(vfio_run -n one 2>&1)
like "$out" "service $desktop: running -> stopped" "holders = ask: the unit of one is stopped"
like "$out" "^  sh \(pid $deaf, user root, lab-deaf.scope\)" "a process is named"
out=$(setsid /usr/local/bin/vfio-run one 2>&1 </dev/null)
is $? 3 "and not ended without a yes"
ok "the process lives" kill -0 "$deaf"
start || diag_file /tmp/out
ok "with a yes the unit has ended" inactive
ok "and the process, which ignores SIGTERM" gone "$deaf"
like "$(cat /tmp/out)" 'this ends what uses the card: .*lab-desktop.service.*lab-deaf.scope' "both were named"
ok "vfio-run stop" vfio_run stop one
wait $run
back "holders = ask"
sed -i 's/^holders.*/holders = terminate/' $p
fingerprint_before
: >/tmp/out
setsid /usr/local/bin/vfio-run one >/tmp/out 2>&1 </dev/null &
run=$!
wait_for 60 grep -q running /run/vfio-run/vm/one/status || diag_file /tmp/out
ok "terminate asks nothing" inactive
kill_all $(pgrep -x 'vfio-run|vfio-standby')
ok "recover" vfio_run recover
back "holders = terminate, both killed"
cp /tmp/profile $p

# As a unit of its own.
sed -i 's/^name = .*//' $p
systemctl start vfio-run@one || { systemctl status --no-pager -n 30 vfio-run@one >/tmp/status 2>&1; diag_file /tmp/status; }
ok "the unit: the desktop has ended" inactive
systemctl kill -s KILL vfio-run@one
ok "all of it is killed: the desktop runs" wait_for 60 active
systemctl reset-failed vfio-run@one
ok "it has the card" wait_for 20 holds
ok "the card is on its driver" drivers_are bochs-drm $LAB_GPU

done_testing
