# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# again - what was stopped for a card and is hard to start again: told, and in no other VM's way
# init: systemd
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
node=/dev/dri/$(basename "$(ls -d $PCI/$LAB_GPU/drm/card*)")
id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
holders() { plain_profile $p '[gpu]' "device = $LAB_GPU" "holders = $1" '[qemu]' 'argument = -standin' 'argument = say=hello'; }
holds() { find /proc/[0-9]*/fd -lname "$node" 2>/dev/null | grep -q .; }
held() { wait_for 20 holds || diag "nobody holds $node"; }
free() { ! holds; }
begins() {
	: >/tmp/out
	setsid /usr/local/bin/vfio-run one >/tmp/out 2>&1 </dev/null &
	run=$!
	wait_for 60 grep -q running /run/vfio-run/vm/one/status || diag_file /tmp/out
}
ends() {
	vfio_run stop one >&2
	wait $run
	code=$?
	is $code 0 "$1: exit 0"
	[ $code = 0 ] || diag_file /tmp/out
}
# goes: begins, with the question answered
goes() {
	: >/tmp/out
	setsid /usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null &
	run=$!
	wait_for 60 grep -q running /run/vfio-run/vm/one/status || diag_file /tmp/out
}
# blocks_nobody WHAT REGEX: the run ends with 5 and names it, so does recover; the next start goes
blocks_nobody() {
	vfio_run stop one >&2
	wait $run
	is $? 5 "$1: exit 5"
	like "$(cat /tmp/out)" "$2" "$1: it is named"
	vfio_run recover >/tmp/out 2>&1
	is $? 5 "$1: recover tries again, and says so"
	holders terminate
	begins
	like "$(cat /tmp/out)" "$2.*is left to you" "$1: the next start goes on without it"
	ends "$1: and ends"
	ok "$1: nothing is left" vfio_run recover
}
# killed WHAT: keeper and standby at once
killed() {
	kill_all $(pgrep -x 'vfio-run|vfio-standby')
	wait_for 60 sh -c '! pgrep -x vfio-hooks'
	ok "$1, both killed: recover" vfio_run recover
}
busybox su -s /bin/sh vmuser -c 'mkdir -p ~/.config/systemd/user'
# No udev gives the node to a user here: the unit waits for who does that in its place.
while sleep 0.2; do chmod 666 "$node"; done 2>/dev/null &
printf '[Service]\nExecStart=/bin/sh -c "until [ -w %s ]; do sleep 0.1; done; exec 3<>%s && exec sleep 100000"\n' "$node" "$node" >/home/vmuser/.config/systemd/user/lab-user.service
cat >'/run/systemd/system/user@1500.service' <<'UNIT' # without PAM and logind, which this root may not have
[Service]
User=1500
Type=notify
ExecStart=/lib/systemd/systemd --user
Environment=XDG_RUNTIME_DIR=/run/user/1500
Delegate=yes
Slice=user-1500.slice
KillMode=mixed
UNIT
systemctl daemon-reload
ok "the user's own service manager" systemctl start user@1500
user() { busybox su -s /bin/sh vmuser -c "XDG_RUNTIME_DIR=/run/user/1500 systemctl --user $*"; }
container() { systemd-run --quiet --scope --unit="docker-$id" sh -c "exec 3<>$node && exec sleep 100000" & }
# ---- a user's service manager that hangs costs its time once, and the card none
sed 's/sleep 100000/sleep 100001/' /home/vmuser/.config/systemd/user/lab-user.service >/home/vmuser/.config/systemd/user/lab-second.service
user daemon-reload
holders terminate
user start lab-user lab-second
both() { pgrep -x -f 'sleep 100000' && pgrep -x -f 'sleep 100001'; }
neither() { ! pgrep -x -f 'sleep 100000|sleep 100001'; }
ok "two units of a user's hold it" wait_for 20 both
driver=$(driver_of "$LAB_GPU")
begins
ok "both are stopped" neither
manager=$(systemctl show -p MainPID --value user@1500)
kill -STOP "$manager"
from=$(now)
vfio_run stop one >&2 &
ok "the user's service manager hangs: the card is back in seconds" wait_for 15 bound_to "$LAB_GPU" "$driver"
wait $run
is $? 5 "the user's service manager hangs: exit 5"
took=$(($(now) - from))
ok "the user's service manager hangs: it is waited for once (took $took s)" test $took -lt 60
is "$(grep -c "is not as it was: the user's service manager does not answer" /tmp/out)" 2 "and both are named"
kill -CONT "$manager"
ok "it goes on: recover" vfio_run recover
ok "and both are started again" wait_for 20 both
user stop lab-user lab-second
wait_for 20 neither

# ---- what can never be started again: told, and no VM waits for a reboot
holders ask
# As a desktop starts applications, and as who types systemd-run does.
busybox su -s /bin/sh vmuser -c "XDG_RUNTIME_DIR=/run/user/1500 systemd-run --user --quiet --unit=lab-once sh -c 'until [ -w $node ]; do sleep 0.1; done; exec 3<>$node && exec sleep 100000'"
held
like "$(vfio_run -n one 2>&1)" 'service of user 1500/lab-once.service: temporary -> stopped' "a transient unit of a user's: -n shows it"
goes
ok "a transient unit of a user's: it is stopped" free
like "$(cat /tmp/out)" 'cannot start again afterwards: lab-once.service of user vmuser' "and what becomes of it was said"
ends "a transient unit of a user's"
ok "a transient unit of a user's: it is not started again" free
systemd-run --quiet --unit=lab-once sh -c "exec 3<>$node && exec sleep 100000"
held
goes
ok "a transient unit: it is stopped" free
like "$(cat /tmp/out)" 'cannot start again afterwards: lab-once.service' "and what becomes of it was said"
ends "a transient unit"
systemd-run --quiet --unit=lab-once sh -c "exec 3<>$node && exec sleep 100000"
held
goes
killed "a transient unit, both killed"
holders terminate
# One that does what it does, and ends.
printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo >>/tmp/once; [ -e /tmp/through ] && exit; exec 3<>%s && exec sleep 100000"\n' "$node" >/run/systemd/system/lab-oneshot.service
systemctl daemon-reload
: >/tmp/once
systemctl start --no-block lab-oneshot
held
begins
ok "a unit that ends by itself: it is stopped" free
: >/tmp/through
ends "a unit that ends by itself, and does so when it is started again"
is "$(wc -l </tmp/once)" 2 "it was started again, once"
rm /tmp/through
systemctl start --no-block lab-oneshot
held
begins
printf '[Service]\nType=oneshot\nExecStart=/bin/false\n' >/run/systemd/system/lab-oneshot.service
systemctl daemon-reload
blocks_nobody "a unit that fails" lab-oneshot.service
systemctl reset-failed lab-oneshot
# Its file goes while the guest runs.
printf '[Service]\nExecStart=/bin/sh -c "exec 3<>%s && exec sleep 100000"\n' "$node" >/run/systemd/system/lab-gone.service
systemctl daemon-reload
systemctl start lab-gone
held
begins
rm /run/systemd/system/lab-gone.service
systemctl daemon-reload
blocks_nobody "a unit whose file goes meanwhile" lab-gone.service
# A container that is replaced while the guest runs, and one whose runtime refuses, or is gone.
cat >/usr/bin/docker <<DOCKER
#!/bin/sh
case \$1 in
inspect | ps) cat /tmp/temporary; exec /tmp/\$1 ;;
stop) systemctl stop docker-$id.scope ;;
start) echo "Error response from daemon: No such container: \$2" >&2; exit 1 ;;
esac
DOCKER
chmod 0755 /usr/bin/docker
echo false >/tmp/temporary
says() { printf '#!/bin/sh\nexit %s\n' "$2" >/tmp/$1; chmod 0755 /tmp/$1; }
says inspect 1
says ps 0
container
held
begins
ends "a container that is replaced meanwhile"
like "$(cat /tmp/out)" "container docker/$id: its runtime has no such container any more" "and that is said"
says ps 1
container
held
begins
blocks_nobody "a container whose runtime does not answer" "docker/$id"
says inspect 0
says ps 0
container
held
begins
blocks_nobody "a container whose runtime refuses" "docker/$id"
rm /usr/bin/docker
printf '#!/bin/sh\nexit 0\n' >/etc/vfio-run/down
printf '#!/bin/sh\necho >>/tmp/ups\nexit 1\n' >/etc/vfio-run/up
chmod 0755 /etc/vfio-run/down /etc/vfio-run/up
printf '[session]\nstop-command = /etc/vfio-run/down\nstart-command = /etc/vfio-run/up\n' >>$p
goes
blocks_nobody "a start-command that fails" /etc/vfio-run/down
holders terminate

# ---- a unit without D-Bus
printf '[Service]\nRestart=always\nRestartSec=0\nExecStart=/bin/sh -c "exec 3<>%s && exec sleep 100000"\n' "$node" >/run/systemd/system/lab-again.service
systemctl daemon-reload
systemctl start lab-again
held
holders terminate
begins
mv /run/dbus/system_bus_socket /run/dbus/away
ends "D-Bus is gone when the guest ends"
ok "D-Bus is gone when the guest ends: the unit is started again" wait_for 20 holds
begins
ok "D-Bus is not there: the unit is stopped" free
mv /run/dbus/away /run/dbus/system_bus_socket
ends "D-Bus was not there"
ok "D-Bus was not there: it is started again" wait_for 20 holds

systemctl stop lab-again
# ---- a user logs out while the guest ends
printf '[Service]\nExecStart=/bin/sleep 100002\nExecStop=/bin/sleep 40\n' >/home/vmuser/.config/systemd/user/lab-slow.service
user daemon-reload
holders terminate
user start lab-slow lab-user
held
begins
systemctl --no-block stop user@1500
wait_for 20 pgrep -x -f '/bin/sleep 40'
ends "a user's service manager that is ending"
like "$(cat /tmp/out)" 'lab-user.service: the user has logged out' "and that is said"
pkill -KILL -x -f '/bin/sleep 40'
wait_for 30 sh -c '! systemctl --quiet is-active user@1500'

done_testing
