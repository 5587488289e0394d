# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034 # lib.sh and handover.sh read them
# desktop-ways - ways to start a VM that gets a real desktop's card. A row each, of `make check-all`: what, how often
. "$LAB_DIR/lib.sh"
. "$LAB_DIR/desktop/handover.sh"
p=/etc/vfio-run/one.profile
desktop=display-manager.service
session_profile $p 'stop = display-manager.service'
ok "before: the picture is of a session of its user" draws

# ---- sudo, and what else logind ends with a session ------------------------------------------------------

sudo_has() { echo "Defaults $1" >/etc/sudoers.d/lab-pty; }
kills() { busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager KillUserProcesses; }
said() { [ "$(kills)" = "b $1" ]; }
# logind reads it again, and goes on: started anew it would lose the desktop's session.
logind_kills() { # yes|no true|false
	mkdir -p /run/systemd/logind.conf.d
	printf '[Login]\nKillUserProcesses=%s\n' "$1" >/run/systemd/logind.conf.d/lab.conf
	systemctl kill -s HUP systemd-logind
	ok "logind has KillUserProcesses=$1" wait_for 20 said "$2"
}
# tmux is left of the session, where logind leaves anything of it.
in_tmux() {
	goes type_in "tmux new-session -d -s lab '${line:?}; sleep 1000000'" && must 'exit 6: handed over' exits 6 &&
		ends_by vfio_run stop one && must 'what is left of tmux ends' no_tmux && comes
}
no_tmux() {
	pkill -KILL '^tmux: server'
	wait_for 20 sh -c '! pgrep "^tmux: server"'
}

# ---- from elsewhere -------------------------------------------------------------------------------------

ssh_server() {
	mkdir -p /run/sshd /home/vmuser/.ssh
	ssh-keygen -A >&2
	ssh-keygen -q -N '' -f /tmp/key
	cp /tmp/key.pub /home/vmuser/.ssh/authorized_keys
	chown -R 1500:1500 /home/vmuser/.ssh
	systemd-run --quiet --unit=lab-ssh /usr/sbin/sshd -D
	wait_for 60 over_ssh true
}
over_ssh() { ssh -n -i /tmp/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null vmuser@127.0.0.1 "$@"; }
type_over_ssh() { over_ssh "$line" >&2 & }
ssh_session() {
	goes type_over_ssh && ends_by vfio_run stop one && must 'exit 0: it went on' exits 0 && wait && comes
}
unit() { goes systemctl start vfio-run@one && ends_by systemctl stop vfio-run@one && comes; }

for kill in 'no false' 'yes true'; do
	# shellcheck disable=SC2086 # two words
	logind_kills $kill
	kill=KillUserProcesses=${kill% *}
	for pty in use_pty '!use_pty'; do
		sudo_has "$pty"
		row "a terminal of the session, sudo with $pty, $kill" terminal
	done
	sudo_has use_pty
	row "tmux in the session, $kill" in_tmux
	[ -e /tmp/key ] || ok "an ssh server" ssh_server
	row "ssh, $kill" ssh_session
	row "systemctl start vfio-run@one, $kill" unit
done
logind_kills no false

# ---- a display server that no unit is of -------------------------------------------------------------------

systemctl stop $desktop
cat >/etc/vfio-run/up <<'UP'
#!/bin/sh
/etc/vfio-run/known
exec openvt -c 9 -s -f -- su -l vmuser -c 'exec weston --backend=drm-backend.so --use-pixman --shell=kiosk-shell.so'
UP
cat >/etc/vfio-run/down <<'DOWN'
#!/bin/sh
pkill -x weston
while pgrep -x weston; do sleep 0.1; done
DOWN
chmod 0755 /etc/vfio-run/up /etc/vfio-run/down
up='pgrep -x weston'
rm -f /run/user/1500/keys
/etc/vfio-run/up >&2
ok "started by a command: it draws" draws
session_profile $p 'stop-command = /etc/vfio-run/down' 'start-command = /etc/vfio-run/up'
row 'commands alone, no unit' terminal udev_late udev_asleep
/etc/vfio-run/down >&2
up=active

# startx: Xorg is a child of who is logged in on a text console.
desktop=getty@tty8.service
mkdir -p /run/systemd/system/$desktop.d
printf '[Service]\nExecStartPre=/etc/vfio-run/known\nExecStart=\nExecStart=-/sbin/agetty --autologin vmuser --noclear %%I linux\n' \
	>/run/systemd/system/$desktop.d/lab.conf
# shellcheck disable=SC2016 # the shell of that login expands
echo '[ "$(tty)" != /dev/tty8 ] || startx /usr/lib/lab/xsession >/tmp/typed/startx 2>&1' >/home/vmuser/.bash_profile
systemctl daemon-reload
rm -f /run/user/1500/keys
systemctl start $desktop
chvt 8
ok "startx: it draws" draws
session_profile $p "stop = $desktop"
row 'startx on a console that logs in by itself' terminal unit udev_late udev_asleep
done_testing
