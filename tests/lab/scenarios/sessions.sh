# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# sessions - a session is ended with a VM that was started in it: by logging out with KillUserProcesses=yes, by
# systemd-oomd. A row each, of `make check-all`: what, how often, result
# init: systemd
# packages: sudo pkexec polkitd libpam-systemd systemd-oomd
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run

use_packages
echo "vmuser ALL=(root) NOPASSWD: $own" >/etc/sudoers
chmod 0440 /etc/sudoers
echo 'vmuser:*:19000::::::' >>/etc/shadow # PAM asks there
mkdir -p /etc/systemd/logind.conf.d /etc/systemd/oomd.conf.d
printf '[Login]\nKillUserProcesses=yes\nUserStopDelaySec=0\n' >/etc/systemd/logind.conf.d/lab.conf
printf '[OOM]\nDefaultMemoryPressureDurationSec=1s\n' >/etc/systemd/oomd.conf.d/lab.conf
for type in auth account session; do echo "$type required pam_permit.so"; done >/etc/pam.d/lab
echo 'session required pam_systemd.so' >>/etc/pam.d/lab
package_user systemd-oom
polkit_says_yes
systemctl restart systemd-logind

standin_profile /etc/vfio-run/demo.profile say=hello
wait_for 20 test -e /dev/snd/hwC0D0
learn demo
wait_for 20 test -e /dev/snd/hwC0D0
runs() { grep -q running /run/vfio-run/vm/demo/status; }
goes_on() { end_sessions && runs && drivers_are vfio-pci $LAB_GPU $LAB_AUDIO && vfio_run stop demo >&2 && came_back; }

# ---- logging out ---------------------------------------------------------------------------------

# log_in WORD...: a session of logind's. Its leader starts something, and ends when /tmp/leave is there
sessions=0
log_in() {
	rm -f /tmp/leave
	sessions=$((sessions + 1))
	systemd-run --quiet --wait --collect --unit=lab-login-$sessions -p PAMName=lab -p User=vmuser \
		-p StandardOutput=append:/tmp/out -p StandardError=append:/tmp/out \
		sh -c "$* & until [ -e /tmp/leave ]; do sleep 0.1; done" &
	leader=$!
	wait_for 60 logged_in
}
logged_in() { loginctl list-sessions --no-legend | grep -q vmuser; }
# A session that is closing is in the list until its last process is gone.
over() {
	wait $leader
	wait_for 60 sh -c '! loginctl list-sessions --no-legend | grep -q vmuser'
}
begin_in_session() { log_in "$through $own demo" && wait_for 60 runs; }
logged_out() {
	begin_in_session || return
	: >/tmp/leave
	over && $then
}
terminated() {
	begin_in_session || return
	loginctl terminate-user vmuser
	over && $then
}
# sudo stays in the session, and passes on the SIGTERM that ends it: the guest is powered down.
powered_down() { wait_for 60 nobody && end_sessions && came_back && grep -q 'powering the guest down' /tmp/out; }

log_in true
: >/tmp/leave
over
end_sessions
for through in sudo pkexec; do
	if ! command -v $through >/dev/null; then
		skip "KillUserProcesses=yes: $through" "it is not on this machine"
		continue
	fi
	case $through in
	sudo) then=powered_down ;;
	*) then=goes_on ;;
	esac
	row "KillUserProcesses=yes, $through" logged_out terminated
done

# ---- systemd-oomd ---------------------------------------------------------------------------------

kills() { journalctl -q --no-pager -o cat -u systemd-oomd | grep -c '^Killed /user.slice/user-1500.slice'; }
more_kills() { [ "$(kills)" -gt "$before" ]; }
killed_by_oomd() {
	before=$(kills)
	rm -f /tmp/eat
	sessions=$((sessions + 1))
	systemd-run --quiet --scope --slice=user-1500.slice --unit=session-$sessions.scope \
		sh -c "SUDO_USER=vmuser $own demo >>/tmp/out 2>&1 & until [ -e /tmp/eat ]; do sleep 0.1; done
			exec perl -e '\$x = \"x\" x 200_000_000; while (1) { substr(\$x, rand(200e6), 1) = \"y\" }'" &
	leader=$!
	wait_for 60 runs || return
	systemctl set-property --runtime session-$sessions.scope MemoryHigh=32M
	systemctl set-property --runtime user-1500.slice ManagedOOMMemoryPressure=kill ManagedOOMMemoryPressureLimit=1%
	: >/tmp/eat
	wait_for 120 more_kills || { kill -KILL $leader; journalctl -q --no-pager -o cat -u systemd-oomd >>/tmp/out; }
	wait $leader
	more_kills && swapoff /dev/zram0 && swapon -p 1 /dev/zram0 && goes_on
}
if [ -e /proc/pressure/memory ] && modprobe zram && echo 512M >/sys/block/zram0/disksize &&
	mkswap /dev/zram0 >&2 && swapon -p 1 /dev/zram0 && systemctl start systemd-oomd; then
	# as long as this is in user.slice, that has the controller
	systemd-run --quiet --slice=user.slice -p MemoryHigh=1G sleep infinity
	row 'systemd-oomd' killed_by_oomd
else
	skip 'systemd-oomd' "$(cat "$LAB_PACKAGES/why" 2>/dev/null || echo 'it cannot be started here')"
fi
done_testing
