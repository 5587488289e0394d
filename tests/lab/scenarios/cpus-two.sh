# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# cpus-two - two VMs at once have CPUs of their own, and the host's interrupts are off both's. Rows of
# `make check-all`: whichever ends first, and killed: what, how often
# init: systemd
. "$LAB_DIR/lib.sh"
export PROFILE_QEMU=qemu-system-x86_64
first='' run='' # the keepers
# shellcheck disable=SC2034
times=2 # of row
root=/sys/fs/cgroup

# vm NAME CPU: it and its QEMU are alone there
vm() {
	plain_profile "/etc/vfio-run/$1.profile" "pin = $2" "emulator-pin = $2" '[display]' 'type = none' \
		'[host]' 'isolate-cpus = yes' 'irq-affinity = away'
	sed -i 's/^shutdown-timeout = .*/shutdown-timeout = 1s/' "/etc/vfio-run/$1.profile"
}
vm one 2
vm two 3
systemctl start dbus systemd-logind >&2

# what all other units have
left() { cat $root/system.slice/cpuset.cpus.effective 2>/dev/null || cat $root/cpuset.cpus.effective; }
# on CPU: how many interrupts that are of something may go there
on() {
	for irq in /proc/irq/*/; do
		find "$irq" -mindepth 1 -type d | grep -q . && tr ',' '\n' <"$irq/smp_affinity_list" |
			awk -F- -v cpu="$1" '$1 <= cpu && cpu <= ($2 == "" ? $1 : $2) { found = 1 } END { exit !found }' && echo x
	done | wc -l
}
# stand LEFT ON-2 ON-3
stand() {
	[ "$(left) $(on 2) $(on 3)" = "$*" ] || { echo "expected $*, is $(left) $(on 2) $(on 3)" >>/tmp/out && return 1; }
}
both() {
	begin one two && stand 0-1 "$stay2" "$stay3" &&
		[ "$(cat $root/vfiorun_one.slice/cpuset.cpus.partition $root/vfiorun_two.slice/cpuset.cpus.partition | tr '\n' ' ')" = 'root root ' ]
}
gone() { wait_for 60 sh -c '! pgrep -x qemu-system-x86 && ! pgrep -x vfio-standby' && wait_for 20 fingerprint_same row; }
end() { vfio_run stop --now "$1" >&2; }
all2=$(on 2) all3=$(on 3)
free() { stand 0-3 "$all2" "$all3"; }
begin one two || diag_file /tmp/out
stay2=$(on 2) stay3=$(on 3) # the kernel keeps these
ok "interrupts that can be moved are off both VMs' CPUs" test "$stay2" -lt "$all2" -a "$stay3" -lt "$all3"
end one
end two
wait
# systemd takes its time to give up what no unit needs any more
ok "no cgroup divides CPUs any more" wait_for 60 sh -c "! grep -q cpuset $root/cgroup.subtree_control"

first_first() {
	both && end one && stand 0-2 "$all2" "$stay3" && end two && wait $first && wait $run && free && gone
}
second_first() {
	both && end two && stand 0-1,3 "$stay2" "$all3" && end one && wait $first && wait $run && free && gone
}
first_keeper_killed() {
	both || return
	kill -KILL $first
	wait $first
	wait_for 60 stand 0-2 "$all2" "$stay3" && end two && wait $run && free && gone
}
both_keepers_killed() {
	both || return
	kill_all $first $run
	wait
	gone && free
}
all_killed() {
	both || return
	# shellcheck disable=SC2046 # one word each
	kill_all $first $run $(pgrep -x vfio-standby)
	wait
	wait_for 60 sh -c '! pgrep -x qemu-system-x86' && vfio_run recover >&2 && free && gone
}
reloaded_then_all_killed() {
	both && systemctl daemon-reload && stand 0-1 "$stay2" "$stay3" || return
	# shellcheck disable=SC2046 # one word each
	kill_all $first $run $(pgrep -x vfio-standby)
	wait
	wait_for 60 sh -c '! pgrep -x qemu-system-x86' && vfio_run recover >&2 && free && gone
}
row 'two VMs with CPUs of their own' first_first second_first first_keeper_killed both_keepers_killed all_killed \
	reloaded_then_all_killed
done_testing
