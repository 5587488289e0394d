# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# governor - two VMs want their CPUs fast: the first sets the governor, the last one puts back what was there
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
setting=/sys/devices/system/cpu/cpufreq/policy0/scaling_governor
a='' b='' # their keepers

plain_profile /etc/vfio-run/a.profile '[host]' 'governor = performance' '[display]' 'type = none'
out=$(vfio_run a 2>&1)
is $? 3 "a host without cpufreq: exit 3"
like "$out" 'this host does not choose the clock of its CPUs \(no cpufreq\)' "it says so"
[ -n "${LAB_NAUGHTY:-}" ] || { skip "the governor is put back" "no module can be built here"; done_testing; exit 0; }
insmod "$(dirname "$LAB_NAUGHTY")/clock.ko" >&2
original=$(cat $setting)
for name in a b; do
	plain_profile /etc/vfio-run/$name.profile '[host]' 'governor = performance' '[display]' 'type = none' \
		'[qemu]' 'argument = -standin' 'argument = say=hello'
done
fingerprint_before

start() { # NAME: its keeper is in $a or $b
	: >/tmp/out."$1"
	$own "$1" >/tmp/out."$1" 2>&1 &
	eval "$1=$!"
	wait_for 60 grep -q 'the guest runs' /tmp/out."$1" || diag_file /tmp/out."$1"
}
end() { # PID: ends it as a user does
	kill -INT "$1"
	wait "$1"
}

isnt "$original" performance "it is another one at first"
like "$(vfio_run -n a)" 'governor of policy0: .* -> performance' "the dry run shows the change"
start a
is "$(cat $setting)" performance "one runs: its governor is set"
start b
end "$a"
is "$(cat $setting)" performance "the first ends: the other one's stays"
end "$b"
is "$(cat $setting)" "$original" "both have ended: it is back"
start a
start b
end "$b"
is "$(cat $setting)" performance "in the other order: the first one's stays"
# shellcheck disable=SC2046 # one word each
kill_all "$a" $(pgrep -x vfio-standby)
wait "$a"
vfio_run recover >&2
is "$(cat $setting)" "$original" "everything killed: recover puts it back"
fingerprint_after "everything is back"
done_testing
