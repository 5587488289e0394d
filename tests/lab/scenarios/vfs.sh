# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# vfs - real virtual functions (SR-IOV): given to guests one by one, and back however that ends
#
# The first one has queues, and nvme for its driver; the second one has neither, and no driver. The
# kernel binds no virtual function by itself here (sriov_drivers_autoprobe), as on hosts that make
# them for guests: it must come back to its driver all the same.
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
physical=0000:03:00.0 first=0000:03:00.1 second=0000:03:00.2
a='' b='' # their keepers; a has the first, b the second

# vf_profile NAME ADDRESS
vf_profile() {
	plain_profile "/etc/vfio-run/$1.profile" '[display]' 'type = none' '[pci]' "device = $2" 'group = slot' \
		'[qemu]' 'argument = -standin' 'argument = say=hello'
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
	kill -INT "$1"
	wait "$1"
}
qemu_of() { sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out."$1"; }
standby_of() { pgrep -P "$1" -x vfio-standby; }
has_other_standby() { has=$(standby_of "$1") && [ "$has" != "$2" ]; }
drivers() { echo "$(driver_of $physical) $(driver_of $first) $(driver_of $second)"; }
drivers_of_both_are() { bound_to $first "$1" && bound_to $second "$2"; }

# give_queues N: what the Nth virtual function needs before a driver can take it
give_queues() {
	nvme-virt /dev/nvme0 "$1" 8 queues 2 && nvme-virt /dev/nvme0 "$1" 8 interrupts 1 && nvme-virt /dev/nvme0 "$1" 9
}
make_functions() {
	wait_for 20 test -b /dev/nvme0n1 || return
	nvme-virt /dev/nvme0 0 1 queues 0 && nvme-virt /dev/nvme0 0 1 interrupts 0 || return
	echo 1 >/sys/class/nvme/nvme0/reset_controller
	echo 0 >$PCI/$physical/sriov_drivers_autoprobe
	echo 2 >$PCI/$physical/sriov_numvfs
	give_queues 1 || return
	echo nvme >$PCI/$first/driver_override
	echo $first >/sys/bus/pci/drivers/nvme/bind
	echo >$PCI/$first/driver_override
	wait_for 20 test -d /sys/class/nvme/nvme1/nvme0c1n1 # it has found its disk
}

ok "there are two virtual functions" make_functions
is "$(drivers)" "nvme nvme " "the host uses one of them"
is "$(head -c 4 $PCI/$first/config | od -An -tx1 | tr -d ' ')" ffffffff "its ids read as ones"
fingerprint_before
out=$(vfio_run detach --at-boot -n $second 2>&1)
is $? 3 "at every boot it cannot"
like "$out" "$second is a virtual function of $physical" "as its driver makes it after that"
ok "it can be detached" vfio_run detach $first
is "$(drivers)" "nvme vfio-pci " "it alone is"
ok "and attached" vfio_run attach
fingerprint_after "everything is back"
vf_profile a $first
vf_profile b $second
fingerprint_before

like "$(vfio_run list 2>&1)" "$first.*VF of" "list says whose it is"
out=$(vfio_run -n a 2>&1)
is $? 0 "the dry run of a guest that has it"
like "$out" "$first.*driver: nvme -> none" "it is moved"
unlike "$out" "($physical|$second).*->" "and neither its physical function nor its sister is"
out=$(vfio_run detach $physical 2>&1)
is $? 3 "the physical function cannot go"
like "$out" 'has 2 virtual functions' "because of its virtual ones"
like "$out" 'name one of the virtual functions instead' "one of which is to be had instead"

start a
is "$(drivers)" "nvme vfio-pci " "a guest has the one"
ok "the host's disk can be read all the while" dd if=/dev/nvme0n1 of=/dev/null bs=4k count=1 iflag=direct
start b
is "$(drivers)" "nvme vfio-pci vfio-pci" "another guest has the other one"
out=$(vfio_run detach $physical 2>&1)
is $? 3 "the physical function still cannot go"
like "$out" "$first is on vfio-pci" "what has them is named"
unlike "$out" 'echo 0' "and nobody is told to end them"
end "$a"
is $? 0 "the first guest ends"
is "$(drivers)" "nvme nvme vfio-pci" "the other one keeps what it has"
end "$b"
is $? 0 "the other one ends"
fingerprint_after "everything is back"

start a
start b
end "$b"
is $? 0 "the other one ends first"
is "$(drivers)" "nvme vfio-pci " "the first one keeps what it has"
standby=$(standby_of "$a")
kill -KILL "$standby"
ok "its standby is killed, and replaced" wait_for 20 has_other_standby "$a" "$standby"
kill -KILL "$(qemu_of a)"
wait "$a"
is $? 1 "its QEMU is killed"
fingerprint_after "everything is back"

start a
start b
kill -KILL "$b"
wait "$b"
is $? 137 "the other one's keeper is killed"
ok "that is back, and the first one keeps what it has" wait_for 30 drivers_of_both_are vfio-pci ''
# shellcheck disable=SC2046 # one word each
kill_all $(pgrep -P "$a") "$a" # the keeper last: who is dead waits for it
wait "$a"
is "$(drivers)" "nvme vfio-pci " "all of the first one's are killed at once: it is left"
ok "recover" vfio_run recover
fingerprint_after "everything is back"

# The physical function takes them away from a running guest. The stand-in ends when the host wants
# its device back, and nothing is left to be put back.
start a
echo 0 >$PCI/$physical/sriov_numvfs
not_ok "it is gone" test -e $PCI/$first
wait "$a"
is $? 0 "the VM ends"
like "$(cat /tmp/out.a)" "$first.*is gone from the bus" "it says what became of the device"
not_ok "nothing of it is left" test -e /run/vfio-run/vm/a
done_testing
