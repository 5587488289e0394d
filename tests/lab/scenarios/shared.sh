# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shared - two VMs need the same change of the host: the first makes it, the last one undoes it
#
# Huge pages: each VM adds what its memory takes, and takes away its own.
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
pages=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
each=4 # pages of 2 MB for 8 MB
PROFILE_MEMORY=8M
host=/run/vfio-run/state/host-journal
other=0000:02:00.0
a='' b='' c='' # their keepers

plain_profile /etc/vfio-run/a.profile 'hugepages = 2M' '[gpu]' "device = $LAB_GPU" '[qemu]' 'argument = -standin' 'argument = say=hello'
plain_profile /etc/vfio-run/b.profile 'hugepages = 2M' '[gpu]' "device = $other" '[qemu]' 'argument = -standin' 'argument = say=hello'
plain_profile /etc/vfio-run/c.profile 'hugepages = yes' '[display]' 'type = none' '[qemu]' 'argument = -standin' 'argument = say=hello'
wait_for 20 test -e /dev/snd/controlC1
original=0
echo $original >$pages
vfio_run detach $LAB_GPU && vfio_run attach # the modules stay
wait_for 20 test -e /dev/snd/controlC1
# the sound card makes its nodes a moment after its driver has it
wait_for 20 test -e /dev/snd/hwC0D0
fingerprint_before

start() { # NAME: its keeper is in $a, $b or $c
	: >/tmp/out."$1"
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
changed() { is "$(cat $pages)" $((original + $1 * each)) "$2"; } # VMS TEXT
unchanged() {
	is "$(cat $pages)" "$original" "$1"
	not_ok "and the host journal is gone" test -e $host
}

like "$(vfio_run -n a)" 'huge pages of 2048kB: 4 more' "the dry run shows the change"
start a
changed 1 "one runs: its pages are there"
ok "and stand in the host journal" grep -q -a 'hugepages' $host
start b
changed 2 "the other one adds its own"
end "$a"
is $? 0 "the first ends"
changed 1 "and takes away its own"
end "$b"
is $? 0 "the other one ends"
unchanged "nothing is left of either"
fingerprint_after "everything is back"

start a
start b
end "$b"
changed 1 "ended in the other order: the other one's stay"
end "$a"
unchanged "until that one has gone"
fingerprint_after "everything is back"

# Its standby gives back what a killed keeper had.
start a
start b
kill -KILL "$a"
wait "$a"
ok "one is killed: its standby gives its devices back" wait_for 60 is_back a
changed 1 "the other one's pages stay"
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
	changed 2 "one is killed with its standby: its pages stay"
	if [ $last = a ]; then
		end "$b"
		changed 1 "the other one takes away its own"
	fi
	vfio_run recover a
	is $? 0 "recover"
	if [ $last = b ]; then
		changed 1 "those of the one that runs stay"
		end "$b"
	fi
	unchanged "and go with the last"
	fingerprint_after "everything is back"
done
start a
start b
murder "$a"
murder "$b"
changed 2 "both are killed with their standbys: their pages stay"
vfio_run recover
is $? 0 "recover"
unchanged "takes all of them away"
fingerprint_after "everything is back"

# A VM without any device of its own, killed with its standby.
start c
changed 1 "one without a device: its pages are there"
murder "$c"
vfio_run recover
is $? 0 "killed with its standby: recover"
unchanged "takes its pages away"

# The journal of one is damaged, or gone.
start a
start b
murder "$a"
sed -i 's/^change	hugepages/CHANGE	hugepages/' /run/vfio-run/state/a.journal
vfio_run recover
is $? 5 "the line of its change is damaged: recover says that it cannot be read"
changed 1 "its pages are given back by the host journal, and the other one's stay"
ok "the damaged journal is kept to be looked at" test -s /run/vfio-run/state/a.damaged
rm /run/vfio-run/state/a.damaged
vfio_run recover
is $? 0 "and nothing is left for another recover"
end "$b"
unchanged "and go with that one"
start c
murder "$c"
rm /run/vfio-run/state/c.journal
vfio_run recover
is $? 0 "its journal is gone: recover"
unchanged "takes its pages away"
# Two run, and the journal of one is lost with it: the other one's end gives back both parts.
start c
start b
murder "$c"
rm /run/vfio-run/state/c.journal
end "$b"
unchanged "the parts of both are gone with the last"
# An administrator makes them more, or fewer, while a VM has its own.
start a
echo $((original + each + 5)) >$pages
end "$a"
is "$(cat $pages)" $((original + 5)) "what another process has added meanwhile stays"
echo $original >$pages
start a
echo 1 >$pages
end "$a"
is "$(cat $pages)" $original "and what another process has taken away is not put back"
echo $original >$pages
# Not as many as are wanted: all or nothing.
PROFILE_MEMORY=2G plain_profile /etc/vfio-run/d.profile 'hugepages = 1G' '[gpu]' "device = $LAB_GPU" '[qemu]' 'argument = -standin'
gigantic=/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages
before=$(cat $gigantic)
vfio_run d >/tmp/out 2>&1
code=$?
[ $code = 3 ] || is $code 4 "too few pages of 1 GB: refused"
like "$(cat /tmp/out)" 'reserved at boot|available' "and it says what to do"
is "$(cat $gigantic)" "$before" "what could be had of them is given up"
# The host's own, that nobody uses, are used first; QEMU's memory is really made of them.
echo 40 >$pages
PROFILE_MEMORY=64M PROFILE_QEMU=qemu-system-x86_64 plain_profile /etc/vfio-run/e.profile 'hugepages = 2M' '[display]' 'type = none'
: >/tmp/out.e
$own e >/tmp/out.e 2>&1 &
e=$!
wait_for 120 grep -q 'the guest runs' /tmp/out.e || diag_file /tmp/out.e
is "$(cat $pages)" 40 "40 are reserved, 32 are wanted: none is added"
ok "QEMU's memory is made of huge pages" grep -q 'KernelPageSize: *2048 kB' "/proc/$(pgrep -o qemu-system-x86)/smaps"
end "$e"
is "$(cat $pages)" 40 "and none is taken away"
echo $original >$pages
rm /etc/vfio-run/[de].profile
# a cgroup is found by its journal's name: without one its empty directories stay
find /sys/fs/cgroup/vfio-run -depth -type d -exec rmdir {} + 2>/dev/null
# and so is what it has in /run
rm -r /run/vfio-run/vm/c
fingerprint_after "everything is back"
done_testing
