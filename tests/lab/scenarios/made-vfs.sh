# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# made-vfs - virtual functions that runs make themselves (`vf`): by the first VM, ended by the last one
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
physical=0000:03:00.0 first=0000:03:00.1 second=0000:03:00.2
a='' b='' # their keepers

# made_profile NAME NUMBER [LINE...]
made_profile() {
	name=$1 number=$2
	shift 2
	plain_profile "/etc/vfio-run/$name.profile" '[display]' 'type = none' '[pci]' "device = $physical" \
		"vf = $number" "$@" '[qemu]' 'argument = -standin' 'argument = say=hello'
}
start() { # NAME: its keeper is in $a or $b
	: >/tmp/out."$1"
	$own "$1" >/tmp/out."$1" 2>&1 &
	eval "$1=$!"
	wait_for 60 grep -q 'the guest runs' /tmp/out."$1" && return
	fail "the guest of $1 runs"
	diag_file /tmp/out."$1"
}
end() { # PID: ends it as a user does
	[ -n "$1" ] || return 99
	kill -INT "$1"
	wait "$1"
}
count() { cat $PCI/$physical/sriov_numvfs; }
count_is() { [ "$(count)" = "$1" ]; }
drivers() { echo "$(driver_of $physical) $(driver_of $first) $(driver_of $second)"; }
standby_of() { pgrep -P "$1" -x vfio-standby; }
qemu_of() { sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out."$1"; }

wait_for 20 test -b /dev/nvme0n1
made_profile a 1 'vfs = 3'
made_profile b 2 'vfs = 3'
made_profile many 3 'vfs = 9'
made_profile third 4
modprobe vfio-pci # what a run loads stays
is "$(count) $(cat $PCI/$physical/sriov_drivers_autoprobe)" "0 1" "there is no virtual function"
fingerprint_before

out=$(vfio_run -n a 2>&1)
is $? 0 "the dry run of a guest that makes some"
like "$out" "virtual functions of $physical: 0 -> 3" "says how many are made"
like "$out" "drivers for virtual functions of $physical: 1 -> 0" "and that no driver takes them"
like "$out" "$first.*driver: none -> vfio-pci" "and which of them goes to the guest"
out=$(vfio_run -n many 2>&1)
is $? 3 "more than it can have are refused"
like "$out" 'can have 4 virtual functions, and 9 are asked for' "in words"
is "$(count)" 0 "and nothing was touched"

start a
is "$(count) $(drivers)" "3 nvme vfio-pci " "the first VM makes them, and has one"
is "$(cat $PCI/$physical/sriov_drivers_autoprobe)" 0 "no driver takes the others"
out=$(vfio_run -n third 2>&1)
is $? 3 "one more than there are is refused"
like "$out" 'has 3 virtual functions now, and no number 4' "in words"
like "$out" 'write .vf = 3. or less' "with what is to be had"
unlike "$out" 'echo 0' "and nobody is told to end them"
start b
is "$(count) $(drivers)" "3 nvme vfio-pci vfio-pci" "another VM takes one of them"
end "$a"
is $? 0 "the one that has made them ends"
is "$(count) $(drivers)" "3 nvme  vfio-pci" "the other one keeps what it has"
end "$b"
is $? 0 "that ends too"
is "$(count)" 0 "and with it they are unmade"
fingerprint_after "everything is back"

start a
start b
end "$b"
is "$(count) $(drivers)" "3 nvme vfio-pci " "the second one ends first: they stay"
kill -KILL "$(qemu_of a)"
wait "$a"
is $? 1 "the QEMU of the one that has made them is killed"
unlike "$(cat /tmp/out.a)" 'gone from the bus' "what the run itself ends is not missed"
fingerprint_after "everything is back"

start a
start b
kill -KILL "$a"
wait "$a"
ok "the keeper that has made them is killed: its device is back" wait_for 30 bound_to $first ''
ok "and nothing of it is left" wait_for 30 test ! -e /run/vfio-run/vm/a
is "$(count) $(drivers)" "3 nvme  vfio-pci" "the other VM keeps what it has"
start a
is "$(count) $(drivers)" "3 nvme vfio-pci vfio-pci" "it starts again beside it"
kill -KILL "$(standby_of "$a")"
end "$a"
is $? 0 "its standby is killed, and it ends"
# shellcheck disable=SC2046 # one word each
kill_all $(pgrep -P "$b") "$b"
wait "$b"
is "$(count) $(drivers)" "3 nvme  vfio-pci" "all of the last one are killed at once: it is left"
ok "recover" vfio_run recover
fingerprint_after "everything is back"

# What another program uses is not ended: the run says so, and `recover` does it later.
start a
echo vfio-pci >$PCI/$second/driver_override
echo $second >/sys/bus/pci/drivers/vfio-pci/bind
end "$a"
is $? 5 "a run whose virtual functions are in use by then"
like "$(cat /tmp/out.a)" "$second: is a virtual function of $physical, and vfio-pci has it" "says by what"
is "$(count) $(drivers)" "3 nvme  vfio-pci" "and leaves them"
echo $second >/sys/bus/pci/drivers/vfio-pci/unbind
echo >$PCI/$second/driver_override
ok "recover" vfio_run recover
fingerprint_after "everything is back"

out=$(vfio_run detach a 2>&1)
is $? 2 "detach by that profile is refused"
like "$out" 'vf = 1: name the virtual function by its address' "with what to do"
fingerprint_after "and nothing was touched"

# Those of the administrator's are nobody's to end.
echo 0 >$PCI/$physical/sriov_drivers_autoprobe
echo 2 >$PCI/$physical/sriov_numvfs
fingerprint_before made
start b
is "$(count) $(drivers)" "2 nvme  vfio-pci" "a VM takes one that is there"
end "$b"
is $? 0 "and ends"
fingerprint_after "they stay" made
echo 0 >$PCI/$physical/sriov_numvfs
echo 1 >$PCI/$physical/sriov_drivers_autoprobe

# The physical function's driver goes away under a virtual one that is in use.
fingerprint_before
start a
echo $physical >/sys/bus/pci/drivers/nvme/unbind
end "$a"
is $? 5 "a run whose physical function has lost its driver cannot unmake what it has made"
like "$(cat /tmp/out.a)" "$first: its physical function $physical was on nvme, and is on no driver" "that is said"
like "$(cat /tmp/out.a)" 'no driver that makes and ends virtual functions: load that' "and what to do"
echo $physical >/sys/bus/pci/drivers/nvme/bind
ok "recover, when it is there again" vfio_run recover
fingerprint_after "everything is back"
done_testing
