# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shared - two VMs need the same change of the host: the first makes it, the last one undoes it
#
# The programs are built with -DVFIO_RUN_TEST_CHANGE: every run changes a kernel parameter.
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
parameter=/sys/module/printk/parameters/always_kmsg_dump
host=/run/vfio-run/state/host-journal
other=0000:02:00.0
a='' b='' c='' # their keepers

plain_profile /etc/vfio-run/a.profile '[gpu]' "device = $LAB_GPU" '[qemu]' 'argument = -standin' 'argument = say=hello'
plain_profile /etc/vfio-run/b.profile '[gpu]' "device = $other" '[qemu]' 'argument = -standin' 'argument = say=hello'
plain_profile /etc/vfio-run/c.profile '[display]' 'type = none' '[qemu]' 'argument = -standin' 'argument = say=hello'
wait_for 20 test -e /dev/snd/controlC1
original=$(cat $parameter)
vfio_run detach $LAB_GPU && vfio_run attach # the modules stay
wait_for 20 test -e /dev/snd/controlC1
# the sound card makes its nodes a moment after its driver has it
wait_for 20 test -e /dev/snd/hwC0D0
fingerprint_before

start() { # NAME: its keeper is in $a, $b or $c
	$own "$1" >/tmp/out."$1" 2>&1 &
	eval "$1=$!"
	wait_for 60 grep -q 'the guest runs' /tmp/out."$1" || diag_file /tmp/out."$1"
}
end() { # PID: ends it as a user does
	kill -INT "$1"
	wait "$1"
}
# murder PID: the keeper, and its standby at once
murder() {
	# shellcheck disable=SC2046 # one word each
	kill_all "$1" $(pgrep -P "$1" -x vfio-standby)
	wait "$1"
}
is_back() { [ ! -e "/run/vfio-run/vm/$1" ]; }
changed() { is "$(cat $parameter)" Y "$1"; }
unchanged() {
	is "$(cat $parameter)" "$original" "$1"
	not_ok "and the host journal is gone" test -e $host
}

is "$original" N "the parameter is off"
like "$(vfio_run -n a)" 'always_kmsg_dump.*N -> Y' "the dry run shows the change"
start a
changed "one runs: it is on"
ok "and stands in the host journal" grep -q -a 'always_kmsg_dump' $host
start b
end "$a"
is $? 0 "the first ends"
changed "it stays on for the other one"
end "$b"
is $? 0 "the other one ends"
unchanged "it is off"
fingerprint_after "everything is back"

start a
start b
end "$b"
changed "ended in the other order: it stays on"
end "$a"
unchanged "until the last one has gone"
fingerprint_after "everything is back"

# Its standby gives back what a killed keeper had.
start a
start b
kill -KILL "$a"
wait "$a"
ok "one is killed: its standby gives its devices back" wait_for 60 is_back a
changed "it stays on for the other one"
end "$b"
unchanged "until that one has gone"
start a
start b
end "$a"
kill -KILL "$b"
wait "$b"
ok "the last one is killed: its standby gives its devices back" wait_for 60 is_back b
unchanged "and puts it back"
fingerprint_after "everything is back"

# Keeper and standby are killed: the next command does it.
for last in a b; do
	start a
	start b
	murder "$a"
	changed "one is killed with its standby: it stays on"
	[ $last = b ] || end "$b"
	changed "for the one that is not recovered yet, or for the other"
	vfio_run recover a
	is $? 0 "recover"
	if [ $last = b ]; then
		changed "it stays on for the one that runs"
		end "$b"
	fi
	unchanged "and is off with the last"
	fingerprint_after "everything is back"
done
start a
start b
murder "$a"
murder "$b"
changed "both are killed with their standbys: it is on"
vfio_run recover
is $? 0 "recover"
unchanged "it is off"
fingerprint_after "everything is back"

# A VM without any device of its own, killed with its standby.
start c
changed "one without a device: it is on"
murder "$c"
vfio_run recover
is $? 0 "killed with its standby: recover"
unchanged "puts it back"

# The journal of one is damaged, or gone.
start a
start b
murder "$a"
sed -i 's/^change	test/CHANGE	test/' /run/vfio-run/state/a.journal
vfio_run recover
is $? 0 "the line of its change is damaged: recover"
changed "it stays on for the one that runs"
end "$b"
unchanged "and is off with that one"
start c
murder "$c"
rm /run/vfio-run/state/c.journal
vfio_run recover
is $? 0 "its journal is gone: recover"
unchanged "puts it back"
# a cgroup is found by its journal's name: without one its empty directories stay
find /sys/fs/cgroup/vfio-run -depth -type d -exec rmdir {} + 2>/dev/null
fingerprint_after "everything is back"
done_testing
