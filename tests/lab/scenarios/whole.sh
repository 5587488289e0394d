# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# whole - a Linux guest has everything at once: card, TPM, share, two networks, USB stick, keyboard, shared
# memory; values are chosen now on one side and read on the other
# shellcheck disable=SC2016,SC2034,SC2059,SC2086,SC2154 # the guest's shell expands; lists are words; values by eval
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
share=/srv/share said=/srv/share/said # where no fingerprint is taken
LAB_PROCESSES='^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-system|swtpm|virtiofsd|passt)'
none_serves() { ! pgrep '^(qemu-system|swtpm|virtiofsd|passt)' >/dev/null; }
for program in swtpm_setup passt ip; do command -v $program >/dev/null || skip_all "no $program here"; done
[ -e "$LAB_SCRIPT_INITRD" ] || skip_all 'no modules for such a guest'
random() { od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'; }

# ---- the host: a stick with a file, a keyboard, a network with a server -------------------------------------

find_usb() { grep -l "$1" /sys/bus/usb/devices/*/"$2" 2>/dev/null | sed "s,.*/\\([^/]*\\)/$2,\\1,"; }
usb_driver() { basename "$(readlink "/sys/bus/usb/devices/$1/driver" 2>/dev/null)" 2>/dev/null; }
driven_by() { [ "$(usb_driver "$1")" = "$2" ]; }
disk_of_stick() { basename /sys/bus/usb/devices/"$port":1.0/host*/target*/*/block/sd?; }
has_disk() { [ -b "/dev/$(disk_of_stick)" ]; }
plug() { outer "{\"execute\":\"device_add\",\"arguments\":$1}" >&2; }
plug_stick() { plug "{\"driver\":\"usb-storage\",\"id\":\"$1\",\"drive\":\"stick\",\"bus\":\"xhci.0\",\"port\":\"1\"}"; }
unplug() { outer "{\"execute\":\"device_del\",\"arguments\":{\"id\":\"$1\"}}" >&2; }
event_of() { for e in /sys/class/input/event*; do ! grep -q "$1" "$e/device/name" || basename "$e"; done; }

has_stick() { [ -n "$(find_usb 46f4 idVendor)" ]; }
wait_for 30 has_stick
port=$(find_usb 46f4 idVendor)
wait_for 30 has_disk
for value in on-stick to-stick ours theirs tpm; do eval "value_$(echo $value | tr - _)=$(random 32)"; done
frame=$(random 4) ports=$((20000 + $(random 2 | sed 's/^/0x/') % 10000))
modprobe ext4
busybox mke2fs -F "/dev/$(disk_of_stick)" >&2 && mount -t ext4 "/dev/$(disk_of_stick)" /mnt
echo "$value_on_stick" >/mnt/value && umount /mnt
modprobe veth
[ -e /sys/class/net/ext0 ] || ip link add ext0 type veth peer name ext1 && ip link set ext1 up && ip addr add 192.0.2.2/24 dev ext0 && ip link set ext0 up && ip route add default via 192.0.2.1
mkdir /tmp/www && echo "$value_ours" >/tmp/www/value
busybox httpd -p 127.0.0.1:8088 -h /tmp/www
dd if=/dev/zero of=/dev/shm/looking-glass bs=1M count=1 status=none && chown vmuser: /dev/shm/looking-glass && chmod 600 /dev/shm/looking-glass

# ---- the guest ------------------------------------------------------------------------------------------------

mkdir -p $share
echo "$value_ours" >$share/value
echo "$value_tpm" >$share/value-tpm
echo "$value_to_stick" >$share/value-stick
echo "$value_theirs" >$share/value-theirs
cat >$share/dhcp <<'SCRIPT'
#!/bin/sh
case $1 in bound | renew) ;; *) exit ;; esac
ifconfig $interface "$ip" netmask "${subnet:-255.255.255.0}"
[ $interface = eth0 ] || exit 0
route add -host "${router%% *}" dev eth0
route add default gw "${router%% *}"
echo "${router%% *}" >/gateway
SCRIPT
cat >$share/script <<'SCRIPT'
say() {
	read -r up _ </proc/uptime
	echo "$*" >>/share/said
	echo "$up $*" >>/share/times
}
asked() { until [ -e "/share/$1" ]; do sleep 1; done; }
hash() { sha256sum "$1" | cut -c 1-64; }
say "share: $(hash /share/value)"

bytes() { printf "$(echo "$1" | sed 's/../\\x&/g')"; }
tpm() { exec 3<>/dev/tpm0; bytes "$1" >&3; dd bs=4096 count=1 <&3 2>/dev/null | od -An -v -tx1 | tr -d ' \n'; exec 3>&-; }
# TPM2_PCR_Extend of PCR 12 by an empty password, then TPM2_Shutdown(STATE): PCRs become a part of its state
extend=800200000041000001820000000c # header, PCR
extend=${extend}00000009400000090000000000 # the session of an empty password
say "extended: $(tpm ${extend}00000001000b$(cat /share/value-tpm))"
say "PCR 12: $(cat /sys/class/tpm/tpm0/pcr-sha256/12)"
say "TPM: $(tpm 80010000000c000001450001)"

for device in /sys/bus/pci/devices/*; do
	read -r vendor <$device/vendor
	read -r id <$device/device
	case $vendor:$id in
	0x1234:0x1111)
		echo 1 >$device/enable
		say "card: $(devmem $(($(sed -n '3s/ .*//p' $device/resource) + 0x500)) 16)" ;;
	0x1af4:0x1110) # KVMFR---
		echo 1 >$device/enable
		memory=$(sed -n '3s/ .*//p' $device/resource)
		devmem $memory 32 0x464d564b
		devmem $((memory + 4)) 32 0x2d2d2d52
		devmem $((memory + 16)) 32 0x$(cat /share/frame)
		say frame ;;
	esac
done

load virtio_net
ifconfig lo up
cp /share/dhcp /dhcp && chmod 755 /dhcp
for interface in eth0 eth1; do
	ifconfig $interface up
	udhcpc -i $interface -s /dhcp -n -q -t 20
done
mkdir /www && cp /share/value-theirs /www/value
httpd -p 22 -h /www
say "network: $(wget -q -O - http://$(cat /gateway):8088/value | sha256sum | cut -c 1-64)"

load xhci_pci usb_storage sd_mod ext4
disk() { for d in /sys/block/sd*; do [ ! -e $d ] || echo /dev/${d##*/}; done; }
with_stick() {
	until [ -n "$(disk)" ]; do sleep 1; done
	mount -t ext4 $(disk) /mnt
	say "$1: $(hash /mnt/value)"
	cp /share/value-stick /mnt/$2
	umount /mnt
	say "$1 is let go"
}
with_stick stick first
until [ -z "$(disk)" ]; do sleep 1; done
say 'stick is gone'
with_stick 'stick again' second

load usbhid hid_generic evdev
# letters alone: both control keys are the toggle
typed() { hexdump -v -e '12/2 "%u " "\n"' /typed | awk '$9 == 1 && $11 == 1 && $10 < 29 { printf " %d", $10 }'; }
keyboard() { for e in /sys/class/input/event*; do ! grep -q 'USB Keyboard' $e/device/name 2>/dev/null || echo ${e##*/}; done; }
until [ -n "$(keyboard)" ]; do sleep 1; done
exec 4</dev/input/$(keyboard) # before it is said: the kernel keeps keys for those who have it open
cat <&4 >/typed &
say 'keys can be typed'
# as many as there should be by then; what is typed for the host is not waited for here
for n in 1 2 3 4; do
	asked keys-$n
	read -r wanted </share/keys-$n
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		set -- $(typed)
		[ $# -lt $wanted ] || break
		sleep 1
	done
	say "keys $n:$(typed)"
done
asked end
poweroff -f
SCRIPT
echo "$frame" >$share/frame
chown -R vmuser: $share
# Where its kernel is unpacked QEMU would lay the initrd over SeaBIOS's ACPI tables, once there is a TPM's log
# among them: so it is put elsewhere, which the kernel is told to keep off. What a processor's younger features cost is saved.
place=0xa000000 initrd="-initrd $LAB_SCRIPT_INITRD" options=
if [ "$(busybox dd if="$LAB_GUEST_KERNEL" bs=1 skip=1 count=3 2>/dev/null)" = ELF ]; then
	initrd="-device loader,file=$LAB_SCRIPT_INITRD,addr=$place,force-raw=on"
	size=$(stat -c %s "$LAB_SCRIPT_INITRD")
	options="initrdmem=$place,$size memmap=$((size / 1048576 + 1))M\$$place"
fi
options="$options console=ttyS0 quiet panic=-1 no_timer_check nowatchdog rcupdate.rcu_cpu_stall_suppress=1 mitigations=off"
options="$options norandmaps nokaslr clearcpuid=112 cryptomgr.notests"
PROFILE_QEMU=qemu-system-x86_64 PROFILE_MEMORY=256M profile /etc/vfio-run/whole.profile '[tpm]' 'version = 2.0' '[share]' \
	"path = $share" 'tag = share' '[net]' 'mode = user' '[net]' 'mode = user' "forward = tcp:$ports:22" \
	'[usb]' 'device = 46f4:0001' '[input]' 'evdev = /dev/input/by-id/usb-keys-event-kbd' \
	'[looking-glass]' 'size = 1M' '[display]' 'type = none' '[qemu]' \
	'argument = -kernel' "argument = $LAB_GUEST_KERNEL" "argument = ${initrd% *}" "argument = ${initrd#* }" \
	'argument = -append' "argument = \"$options\"" 'argument = -serial' 'argument = stdio'
sed -i 's/^accel = tcg/&\ncpu = max,erms=off,fsrm=off,la57=off,smap=off,smep=off/' /etc/vfio-run/whole.profile

said() { grep -q "^$1" $said; }
# Once a second, as each look is taken from the guest's time, until the guest has said it or has ended.
looks() {
	_end=$(($(now) + 600))
	until said "$1"; do
		[ "$(now)" -lt $_end ] && ! gone $run || return 1
		sleep 1
	done
}
# comes WHAT NAME: the guest says it; without that there is nothing more to see
comes() {
	if looks "$1"; then
		pass "$2"
		return
	fi
	fail "$2"
	diag_file /tmp/out
	diag_file $said
	vfio_run log whole | tail -n 20 | sed 's/^/# /'
	vfio_run stop --now whole >&2
	done_testing
	exit
}
hash() { printf '%s\n' "$1" | sha256sum | cut -c 1-64; }
state() { od -An -v -tx1 /home/vmuser/.local/state/vfio-run/whole/tpm/tpm2-00.permall | tr -d ' \n'; }

# Their nodes have other numbers each time that they are plugged in.
nothing_plugged_in() { ! ls -d /sys/bus/usb/devices/[0-9]*-[1-9]* >/dev/null 2>&1; } # 1-0 is a root hub's own
plug_keyboard() { plug '{"driver":"usb-kbd","id":"keys","bus":"xhci.0","port":"2"}'; }
has_keyboard() { [ -n "$(event_of 'USB Keyboard')" ]; }
# What is unplugged before the kernel has come to it is a device for a moment afterwards.
wait_for 60 has_keyboard || fail "the keyboard is there"
unplug stick0
unplug keys
wait_for 60 nothing_plugged_in || fail "both are unplugged before"
fingerprint_before
plug_keyboard
plug_stick stick1
wait_for 30 has_keyboard
keys=$(event_of 'USB Keyboard')
mkdir -p /dev/input/by-id
ln -s "../$keys" /dev/input/by-id/usb-keys-event-kbd
: >/tmp/typed
cat "/dev/input/$keys" >/tmp/typed &
wait_for 30 has_disk
: >$said && chown vmuser: $said
: >/tmp/out
$own -v whole >/tmp/out 2>&1 &
run=$!
ok "it runs" wait_for 180 grep -q 'the guest runs' /tmp/out

comes 'share:' "the guest reads the share, and writes to it"
is "$(sed -n 's/^share: //p' $said)" "$(hash "$value_ours")" "what the host has put there"
comes 'TPM:' "it asks its TPM"
pcr=$({ busybox dd if=/dev/zero bs=32 count=1 2>/dev/null; busybox printf "$(echo "$value_tpm" | sed 's/../\\x&/g')"; } | sha256sum | cut -c 1-64)
is "$(sed -n 's/^PCR 12: //p' $said | tr A-F a-f)" "$pcr" "a PCR is what it was extended by"
like "$(state)" "$pcr" "which stands in swtpm's state"
comes 'card:' "it has the card"
is "$(sed -n 's/^card: //p' $said)" 0xB0C5 "whose registers answer"
comes frame "it writes a frame's header into the shared memory"
is "$(busybox dd if=/dev/shm/looking-glass bs=8 count=1 2>/dev/null)" KVMFR--- "which is read outside"
is "$(od -An -tx4 -j 16 -N 4 /dev/shm/looking-glass | tr -d ' ')" "$frame" "and what was chosen for it"
comes 'network:' "it is on the network"
is "$(sed -n 's/^network: //p' $said)" "$(hash "$value_ours")" "and reads there what the host has"
diag "$(grep -o 'passt[^ ]*' /proc/$(pgrep -x -o passt)/cmdline -a | head -n 1); forward: $(tr '\0' '\n' </proc/$(pgrep -x qemu-system-x86)/cmdline | grep -c hostfwd) by QEMU itself"
is "$(busybox wget -q -O - "http://127.0.0.1:$ports/value" 2>/tmp/wget || diag_file /tmp/wget)" "$value_theirs" "its forwarded port answers with what was chosen"

comes 'stick is let go' "it mounts the stick"
is "$(sed -n 's/^stick: //p' $said)" "$(hash "$value_on_stick")" "and reads the file of it"
unplug stick1
comes 'stick is gone' "unplugged, it is gone for the guest too"
plug_stick stick2
comes 'stick again is let go' "plugged in again, it is mounted again"
is "$(sed -n 's/^stick again: //p' $said)" "$(hash "$value_on_stick")" "with the same file"

# ---- keys -----------------------------------------------------------------------------------------------------

types() { # QCODE...: pressed and released, one after the other
	for key; do
		outer "{\"execute\":\"send-key\",\"arguments\":{\"keys\":[{\"type\":\"qcode\",\"data\":\"$key\"}]}}" >&2
		busybox usleep 300000
	done
}
codes() { busybox hexdump -v -e '12/2 "%u " "\n"' /tmp/typed | awk '$9 == 1 && $11 == 1 && $10 < 29 { printf " %d", $10 }'; }
letters='q w e r t y u i o p'
choose() { # three letters, and their codes, which are 16 and so on
	chosen='' chosen_codes=''
	for _ in 1 2 3; do
		_n=$(($(random 1 | sed 's/^/0x/') % 10))
		chosen="$chosen $(echo $letters | cut -d ' ' -f $((_n + 1)))" chosen_codes="$chosen_codes $((16 + _n))"
	done
}
toggles() {
	outer '{"execute":"send-key","arguments":{"keys":[{"type":"qcode","data":"ctrl"},{"type":"qcode","data":"ctrl_r"}]}}' >&2
	busybox usleep 500000
}
has_codes() { [ "$(codes)" = "$1" ]; }
# guest_has N COUNT: says how many there should be, and waits for what there is
guest_has() {
	echo "$2" >$share/.keys && mv $share/.keys $share/keys-$1
	looks "keys $1:"
	sed -n "s/^keys $1://p" $said
}
comes 'keys can be typed' "the guest has a keyboard"
choose
types $chosen
first=$chosen_codes
is "$(guest_has 1 3)" "$first" "keys that are typed are the guest's"
is "$(codes)" '' "the host has none"
toggles
choose
types $chosen
ok "after both control keys they are the host's" wait_for 20 has_codes "$chosen_codes"
is "$(guest_has 2 3)" "$first" "the guest has none of them"
toggles
second=$chosen_codes
choose
types $chosen
is "$(guest_has 3 6)" "$first$chosen_codes" "and once more: the guest has them again"
is "$(codes)" "$second" "the host has none"
before=$first$chosen_codes
unplug keys
ok "the keyboard is unplugged, which is seen" wait_for 60 grep -q "the input device $keys is gone" /tmp/out
plug_keyboard
ok "plugged in again, it is shared again" wait_for 60 grep -q "the input device $keys is back" /tmp/out
choose
types $chosen
is "$(guest_has 4 9)" "$before$chosen_codes" "what is typed on it is the guest's"

# ---- the end ----------------------------------------------------------------------------------------------------

touch $share/end
wait $run
is $? 0 "the guest powers off: exit 0"
ok "all that served it has ended" wait_for 30 nobody
ok "the stick's driver is back" wait_for 30 driven_by "$port:1.0" usb-storage
wait_for 30 has_disk
mount -t ext4 -o ro "/dev/$(disk_of_stick)" /mnt
is "$(cat /mnt/first /mnt/second)" "$value_to_stick
$value_to_stick" "the stick has what the guest has written to it, both times"
umount /mnt

cp /etc/vfio-run/whole.profile /tmp/
sed -i '/^forward/d' /etc/vfio-run/whole.profile # an old passt is not given any
: >/tmp/out
$own -v whole >/tmp/out 2>&1 &
run=$!
ok "it is started again" wait_for 180 grep -q 'the guest runs' /tmp/out
for program in swtpm virtiofsd passt; do ok "$program serves it" pgrep "^$program"; done
standby=$(pgrep -P $run vfio-standby)
ok "it has a standby" test -n "$standby"
kill_all $run $standby
wait $run
ok "both keepers are killed: what served it ends by itself" wait_for 60 none_serves
vfio_run recover >&2
ok "and none is left of all of it" wait_for 60 nobody
ok "and the stick's driver is back" wait_for 30 driven_by "$port:1.0" usb-storage
wait_for 60 has_disk
ok "which reads it" wait_for 60 dd if="/dev/$(disk_of_stick)" of=/dev/null bs=4k count=1 status=none

cp /tmp/whole.profile /etc/vfio-run/
unplug stick2
unplug keys
rm -r /dev/input/by-id
ok "both are unplugged" wait_for 120 nothing_plugged_in
fingerprint_after "everything is back"
done_testing
