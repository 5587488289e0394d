# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# started-by - under systemd, by a user in a session of their own: through sudo with use_pty, doas, pkexec. A
# row each, of `make check-all`: what, how often, result
# init: systemd
# packages: sudo opendoas pkexec polkitd libpam-systemd
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run

use_packages
printf 'Defaults use_pty\nvmuser ALL=(root) NOPASSWD: %s\n' $own >/etc/sudoers
chmod 0440 /etc/sudoers
echo 'vmuser:*:19000::::::' >>/etc/shadow # PAM asks there
echo "permit nopass vmuser as root cmd $own" >/etc/doas.conf
polkit_says_yes

standin_profile /etc/vfio-run/demo.profile say=hello
mkfifo /tmp/keys
runs() { grep -q running /run/vfio-run/vm/demo/status; }
came_back() { wait_for 60 nobody && end_sessions && wait_for 20 fingerprint_same row; }
# sudo's monitor, when it sees sudo dead, ends what it has started: in order or after two seconds by SIGKILL
ends_or_goes_on() { if wait_for 5 nobody; then came_back; else goes_on; fi; }
goes_on() { drivers_are vfio-pci $LAB_GPU $LAB_AUDIO && vfio_run stop demo >&2 && came_back; }

# ---- through what -----------------------------------------------------------------------------

# start: in a session on a terminal, from the user's shell, through $through; `script` has the other end, as sshd
# would
sessions=0
start() {
	sessions=$((sessions + 1))
	session=session-$sessions.scope
	script -qefc "systemd-run --quiet --scope --slice=user-1500.slice --unit=$session setpriv --reuid=vmuser --regid=vmuser --init-groups sh -c '$through $own demo; exit \$?'" \
		/tmp/out </tmp/keys >/dev/null 2>&1 &
	sshd=$!
	exec 7>/tmp/keys
	wait_for 60 runs
}
hang_up() {
	kill -KILL $sshd
	wait $sshd 2>/dev/null
	exec 7>&-
}
of_whom() { vfio_run status --json demo | tr -d ' \n' | grep -q '"user":"vmuser"'; }
stopped() { start && of_whom && vfio_run stop demo >&2 && wait $sshd && exec 7>&- && came_back; }
connection_dropped() {
	start || return
	hang_up
	systemctl kill -s KILL $session 2>/dev/null
	end_sessions
	ends_or_goes_on
}
keeper_killed() {
	start || return
	pkill -KILL -x vfio-run
	hang_up
	came_back
}
# sudo alone stays beside what it starts; with use_pty it ends that when it is killed
starter_killed() {
	start || return
	pkill -KILL -o -x "${through%% *}"
	hang_up
	ends_or_goes_on
}

systemd-run --quiet --scope --slice=user-1500.slice true # user.slice is there from now on
end_sessions
for through in sudo doas pkexec; do
	if ! command -v $through >/dev/null; then
		skip "$through" "it is not on this machine"
		continue
	fi
	: >/tmp/out
	$own demo >/tmp/out 2>&1 & # what is made once
	wait_for 60 runs
	vfio_run stop demo >&2
	wait
	end_sessions
	case $through in
	sudo) row 'sudo with use_pty' stopped connection_dropped keeper_killed starter_killed ;;
	*) row $through stopped connection_dropped keeper_killed ;;
	esac
done
skip run0 "there is no row yet: it comes with systemd 256, and this is $(systemctl --version | sed -n '1s/systemd //p')"

done_testing
