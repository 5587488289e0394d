# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# faults - a step fails, a device goes, a driver does not let go: all else comes back
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run
vfio=/sys/bus/pci/drivers/vfio-pci

three=/etc/vfio-run/three.profile
stays=/etc/vfio-run/stays.profile

standin_profile $p guest-off-after=1
standin_profile $stays say=hello
profile $three '[pci]' 'device = 0000:02:00.0' '[qemu]' 'argument = -standin' 'argument = guest-off-after=1'
fingerprint_before

# inject PATH WHAT COMMAND...: lets writes to one file fail, and proves that one did
inject() {
	path=$1 what=$2
	shift 2
	strace -f -o /tmp/strace -P "$path" -e "inject=write:$what" "$@" >/tmp/out 2>&1
	code=$?
	grep -q INJECTED /tmp/strace || fail "nothing was injected into $path"
	return $code
}

# QEMU's jail cannot be built, or not yet: nothing was touched
strace -f -o /tmp/strace -e inject=mount_setattr:error=ENOSYS $own demo >/tmp/out 2>&1
is $? 3 "a kernel without mount_setattr(2): exit 3"
like "$(grep -c INJECTED /tmp/strace)" '[1-9]' "it was met"
unlike "$(cat /tmp/out)" 'driver: ' "no driver was touched"
like "$(cat /tmp/out)" 'QEMU was not started: restricting .*: Function not implemented' "it says why"
fingerprint_after "nothing was touched"

profile /etc/vfio-run/disk.profile '[disk]' 'path = /home/vmuser/disk.raw' '[qemu]' 'argument = -standin' \
	'argument = guest-off-after=1'
busybox dd if=/dev/zero of=/home/vmuser/disk.raw bs=1M count=1 2>/dev/null
chown vmuser /home/vmuser/disk.raw
truncate -s 0 /tmp/out /tmp/strace
strace -f -o /tmp/strace -P /home/vmuser/disk.raw -e inject=openat2:delay_enter=20000000 $own disk >/tmp/out 2>&1 &
strace=$!
# the keeper's opening: the checks before it, which open the file too, do not take a descriptor of it
opens() { grep -q 'openat2(.*O_PATH' /tmp/strace; }
ok "a file's opening hangs" wait_for 60 opens
keeper=$(pgrep -o -x vfio-run)
kill -INT "$keeper"
wait $strace
is $? 4 "Ctrl-C then: exit 4"
unlike "$(cat /tmp/out)" 'driver: ' "no driver was touched"
rm -f /home/vmuser/disk.raw /etc/vfio-run/disk.profile
fingerprint_after "nothing was touched"

inject $vfio/bind error=EBUSY $own demo
is $? 4 "a bind that is refused: exit 4"
like "$(cat /tmp/out)" 'IOMMU group open' "it says what that means"
fingerprint_after "everything is back"

inject $vfio/bind error=EINVAL:when=2 $own demo
is $? 4 "the second bind is refused: exit 4"
fingerprint_after "everything is back"

inject /sys/bus/pci/drivers/bochs-drm/unbind error=EIO $own demo
is $? 4 "an unbind fails: exit 4"
fingerprint_after "everything is back"

inject "$(realpath $PCI/$LAB_GPU)/driver_override" error=ENOMEM:when=1 $own demo
is $? 4 "an override fails: exit 4"
fingerprint_after "everything is back"

# The way back, rung by rung.
bochs=/sys/bus/pci/drivers/bochs-drm/bind
inject $bochs error=EIO:when=1 $own demo
is $? 0 "its driver refuses the card once: it is tried again"
like "$(cat /tmp/out)" 'loading bochs again' "it says what it tries"
fingerprint_after "everything is back"
inject $bochs error=EIO $own demo
is $? 0 "its driver refuses the card for ever: it is taken from the bus and found again"
like "$(cat /tmp/out)" "$LAB_GPU: taking it from the bus" "it says so"
unlike "$(cat /tmp/out)" 'resetting it' "and does not reset the bus of a card of two functions"
fingerprint_after "everything is back"
inject $bochs error=EIO -P "$(realpath $PCI/$LAB_GPU)/remove" $own demo
is $? 5 "not even that works: exit 5"
like "$(cat /tmp/out)" 'sudo vfio-run recover' "it says what to do"
is "$(driver_of $LAB_AUDIO) $(override_of $LAB_GPU)" "snd_hda_intel (null)" "all but its driver is as it was"
vfio_run recover -n >/tmp/out
is $? 5 "recover -n: something is left"
like "$(cat /tmp/out)" 'bochs-drm' "it names what recover would put back"
vfio_run recover
is $? 0 "recover finishes"
fingerprint_after "everything is back"
# Killed while the card is off the bus: it may not be taken for one that was unplugged.
inject $bochs error=EIO -P "/sys/class/pci_bus/0000:01/rescan" $own demo
is $? 5 "it is taken from the bus and cannot be found again: exit 5"
like "$(cat /tmp/out)" "$LAB_GPU.*was taken from the bus" "it says so"
not_ok "it is not there" test -e $PCI/$LAB_GPU
vfio_run recover
is $? 0 "recover finds it"
fingerprint_after "everything is back"

# A device that goes in the middle: what can be given back is.
truncate -s 0 /tmp/out /tmp/strace
strace -f -o /tmp/strace -P $vfio/bind -e inject=write:delay_enter=4000000:when=3 $own three >/tmp/out 2>&1 &
run=$!
wait_for 60 bound_to $LAB_AUDIO vfio-pci
echo 1 >$PCI/0000:02:00.0/remove
wait $run
is $? 4 "a device is gone in the middle: exit 4"
diag_file /tmp/out
like "$(cat /tmp/out)" '0000:02:00.0.*gone from the bus' "it says which"
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" "bochs-drm snd_hda_intel" "the others are back"
echo 1 >/sys/bus/pci/rescan
wait_for 10 test -e $PCI/0000:02:00.0
fingerprint_after "everything is as it was, the device rescanned"

# Without a driver before, without after; on vfio-pci before, there after.
vfio_run three
is $? 0 "with a device that has no driver"
is "$(driver_of 0000:02:00.0)" "" "it has none afterwards"
fingerprint_after "everything is back"
echo vfio-pci >$PCI/0000:02:00.0/driver_override
echo 0000:02:00.0 >$vfio/bind
fingerprint_before vfio
vfio_run three
is $? 0 "with a device that was on vfio-pci before"
is "$(driver_of 0000:02:00.0)" vfio-pci "it stays there"
fingerprint_after "everything is back" vfio
echo 0000:02:00.0 >$vfio/unbind
printf '\n' >$PCI/0000:02:00.0/driver_override

# detach, a run on the kept devices, attach
vfio_run detach $LAB_GPU
vfio_run demo
is $? 0 "a run on devices that were detached before"
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" "vfio-pci vfio-pci" "they stay detached"
: >/tmp/out
$own stays >/tmp/out 2>&1 &
run=$!
wait_for 60 grep -q "the guest runs" /tmp/out
out=$(vfio_run attach 2>&1)
is $? 3 "attach while a VM runs on them: refused"
like "$out" 'VM' "it says why"
kill -TERM $run
wait $run
vfio_run attach $LAB_AUDIO
is $? 0 "attach by any of its addresses"
fingerprint_after "everything is back"

# A client of the sound card that does not let go.
# shellcheck disable=SC2217 # it is not meant to read it
sleep 1000 </dev/snd/controlC0 &
deaf=$!
vfio_run demo >/tmp/out 2>&1
is $? 5 "a deaf sound client: exit 5"
diag_file /tmp/out
like "$(cat /tmp/out)" "process $deaf .*sleep" "its name is told"
is "$(driver_of $LAB_GPU)" bochs-drm "everything but that function is back"
vfio_run recover >/tmp/out 2>&1
is $? 5 "recover while it lives: exit 5"
out=$(vfio_run demo 2>&1)
is $? 5 "the next run begins nothing new: exit 5"
kill $deaf
wait $deaf 2>/dev/null
wait_for 20 sh -c '! grep -q "^w:0000" /proc/[0-9]*/comm'
vfio_run demo
is $? 0 "when it ends, the next run notices, gives back what was left, and runs"
fingerprint_after "everything is back"

# One that has closed the card's node, and has it mapped still.
sound-client -m /dev/snd/pcmC0D0p &
deaf=$!
wait_for 10 grep -q pcmC0D0p /proc/$deaf/maps
vfio_run demo >/tmp/out 2>&1
is $? 3 "a sound client that has the card mapped: exit 3"
diag_file /tmp/out
like "$(cat /tmp/out)" "pcmC0D0p is played on by sound-client .pid $deaf," "its name is told"
kill $deaf
wait $deaf 2>/dev/null
fingerprint_after "nothing was touched"
done_testing
