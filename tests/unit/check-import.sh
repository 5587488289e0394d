#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-import.sh - `vfio-run import`: what comes out is a profile, and tells what it lacks
#
# tests/golden/import has a description and the profile that it becomes, side by side.
# UPDATE_GOLDEN=1 writes them.
# shellcheck disable=SC2016,SC2317 # the inner shells expand; functions are called through nothing
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/unit/tap.sh
. "$here/tap.sh"
build=$(cd "${VFIO_RUN_BUILD:-build}" && pwd)
program=$build/bin/vfio-run
golden=$here/../golden/import
# What is imported, the user nobody can read, wherever this tree is; a profile is not read from a folder
# where others can write.
work=$(mktemp -d) own=$(mktemp -d "$build/import-XXXXXX")
trap 'rm -rf "$work" "$own" "$report"' EXIT
chmod 755 "$work" "$own"
unset SUDO_UID SUDO_USER DOAS_USER PKEXEC_UID

# imported FILE: it as a profile, which has the folder of a relative path in it
imported() {
	cp "$1" "$work/input" && chmod 644 "$work/input"
	"$program" import "$work/input" 2>"$work/err" | sed "s#$work#/FOLDER#"
}

# wrong: lines of $work/out.profile that are none of a profile. What is not on this machine, or has to
# be filled in, is a profile's all the same.
if [ "$(id -u)" = 0 ]; then
	somebody='env SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody'
else
	somebody='env'
fi
wrong() {
	cp "$work/out.profile" "$own/out.profile"
	$somebody "$program" -n "$own/out.profile" 2>&1 >/dev/null | grep 'out.profile:[0-9]*:[0-9]*: error:\|not read:' |
		grep -v ': there is no such file$\|expected a path that starts with\|this \[disk\] needs "format"\|has no "memory", which is required'
}

# They cannot be read where others can write a folder above this one, or nobody cannot enter it.
printf '[vm]\n' >"$own/out.profile"
unread=$($somebody "$program" -n "$own/out.profile" 2>&1 | grep -o 'not read:\|is not shown to')

# Addresses of buses that no machine has: what stands at the others the program asks the machine.
for input in "$golden"/*.xml "$golden"/*.conf "$golden"/*.sh; do
	name=$(basename "$input")
	profile=$golden/$name.profile
	imported "$input" >"$work/out.profile"
	[ -z "${UPDATE_GOLDEN:-}" ] || cp "$work/out.profile" "$profile"
	nothing "$name" diff "$profile" "$work/out.profile"
	notes=$(awk '/^#   [^ ]/ { n++ } END { print n + 0 }' "$work/out.profile")
	nothing "$name: how many things are not as they were is said beside it" sh -c '
		[ "$1" = 0 ] && [ ! -s "$2" ] || grep -qx "vfio-run: \($1 things are not as they were\|1 thing is not as it was\): .*" "$2" || cat "$2"' - "$notes" "$work/err"
	nothing "$name: in 80 columns" awk '/^#/ && length > 80 && $0 !~ /^# *[^ ]*$/ && $0 !~ /`/' "$work/out.profile"
	[ -n "$unread" ] || nothing "$name: every line of it is one of a profile" wrong
done
if [ -z "$unread" ]; then
	printf '[qemu]\nno-key = 1\n' >>"$work/out.profile"
	nothing 'a line that is none is seen' sh -c '[ -n "$1" ] || echo "it is not"' - "$(wrong)"
else
	skip 'every line of them is one of a profile' 'others can write a folder above this one, or its user alone can enter it'
fi

# The notes are read beside the input.
nothing 'notes stand in the order of the lines' sh -c 'for f in "$1"/*.profile; do
	sed -n "s/^#   line \([0-9]*\):.*/\1/p" "$f" | sort -nc 2>&1; done' - "$golden"
nothing 'no byte of the input moves the cursor' sh -c 'LC_ALL=C grep -n "$(printf "\302\233")" "$1"' - "$golden/hostile.xml.profile"

# However the namespace of QEMU's own arguments is written, and with the signs of another system.
cp "$golden/old-habits.xml.profile" "$work/want"
for change in 's/q:\(commandline\|arg\|env\)/\1/g; s/commandline xmlns:q/commandline xmlns/' 's/q:/other:/g; s/xmlns:q/xmlns:other/' 's/$/\r/; 1s/^/\xef\xbb\xbf/'; do
	sed "$change" "$golden/old-habits.xml" >"$work/changed.xml"
	imported "$work/changed.xml" >"$work/out.profile"
	nothing "the same machine by $change" diff "$work/want" "$work/out.profile"
done
"$program" import - <"$golden/old-habits.xml" >"$work/out.profile" 2>/dev/null
nothing 'the standard input' diff "$work/want" "$work/out.profile"

# odd LINE...: which of them are not in the profile of $work/bad; of those with a ! before them: which are.
# The notes, which are broken between words, are one line each.
odd() {
	"$program" import "$work/bad" 2>"$work/err" | sed 's/^#  *//' | tr -s '\n ' '  ' >"$work/out"
	for line in "$@"; do
		case $line in
		!*) ! grep -qF -- " ${line#!} " "$work/out" || echo "there is: ${line#!}" ;;
		*) grep -qF -- " $line " "$work/out" || echo "there is no: $line" ;;
		esac
	done
}

# script NAME WORDS LINE...: what a script becomes that starts QEMU with these words
script() {
	case=$1
	printf 'qemu-system-x86_64 -cpu host %s\n' "$2" >"$work/bad"
	shift 2
	nothing "$case" odd "$@"
}
# text NAME TEXT LINE...: what becomes of a description, in whichever format
text() {
	case=$1
	printf '%s\n' "$2" >"$work/bad"
	shift 2
	nothing "$case" odd "$@"
}
code=/usr/share/OVMF/OVMF_CODE_4M.fd
script 'pflash: what unit=1 says are variables' \
	"-m 1G -drive if=pflash,unit=0,readonly=on,file=$code -drive if=pflash,unit=1,file=/vm/w.fd" \
	'firmware = uefi' '!firmware-image = /vm/w.fd' 'line 1: /vm/w.fd: the UEFI variables begin anew;'
script 'pflash: the second one has the variables' "-m 1G -drive if=pflash,file=/vm/code.fd -drive if=pflash,file=/vm/w.fd" \
	'firmware-image = /vm/code.fd' 'nvram = /vm/w.fd' "!needs \`nvram\`"
script 'pflash: what is written to is not the firmware' \
	"-m 1G -drive if=pflash,file=/vm/w.fd -drive if=pflash,readonly=on,file=/vm/code.fd" \
	'firmware-image = /vm/code.fd' 'nvram = /vm/w.fd'
script 'pflash: the variables before the firmware' \
	"-m 1G -drive if=pflash,unit=1,file=/vm/w_VARS.fd -drive if=pflash,unit=0,readonly=on,file=/vm/code.fd" \
	'firmware-image = /vm/code.fd' 'nvram = /vm/w_VARS.fd'
script 'pflash: nodes of the machine' "-m 1G -machine q35,pflash0=a,pflash1=b -blockdev driver=file,node-name=b,filename=/vm/w.fd \
	-blockdev driver=file,node-name=a,filename=/vm/code.fd" 'firmware-image = /vm/code.fd' 'nvram = /vm/w.fd'
script 'pflash: a firmware without variables' "-m 1G -drive if=pflash,readonly=on,file=/vm/code.fd" \
	'firmware-image = /vm/code.fd' "line 1: a firmware of one's own needs \`nvram\`"

script 'pflash: a path that is relative' '-m 1G -drive if=pflash,readonly=on,file=fw/CODE.fd -drive if=pflash,file=w_VARS.fd' \
	'firmware-image = fw/CODE.fd' 'nvram = w_VARS.fd' 'line 1: fw/CODE.fd: the path is relative: write it from / on' \
	'line 1: w_VARS.fd: the path is relative: write it from / on'
script 'pflash: a path that is not known' '-m 1G -drive if=pflash,readonly=on,file=$FW/CODE.fd' 'firmware-image = $FW/CODE.fd' \
	'line 1: $FW/CODE.fd: not known without running the script: write the path'

text 'pflash: a path that another file sets, in a command of several lines' '. /etc/vm/paths.sh
args=(
  -m 1G
  -drive if=pflash,readonly=on,file="$OVMF_CODE"
)
qemu-system-x86_64 "${args[@]}" -cpu host \
  -drive if=pflash,file=${OVMF_VARS}' 'firmware-image = $OVMF_CODE' 'line 4: $OVMF_CODE: not known without running the script: write the path' \
	'line 7: ${OVMF_VARS}: not known without running the script: write the path'

# What runs QEMU: each of several, where there is a key for it and where there is none.
before() {
	case=$1
	printf '%s qemu-system-x86_64 -m 1G -cpu host -smp 4\n' "$2" >"$work/bad"
	shift 2
	nothing "before QEMU: $case" odd "$@"
}
before 'CPUs and a priority' 'taskset -c 2-5 chrt -r 1' 'affinity = 2-5' 'line 1: chrt -r 1 before QEMU: a real-time priority' '!line 1: taskset'
before 'the other way round, of which one by its path' 'sudo -u alice chrt --rr 1 /usr/bin/taskset -ac 2-5,8' 'affinity = 2-5,8' \
	'line 1: chrt --rr 1 before QEMU: a real-time priority' '!alice before'
before 'each on a line of its own' 'sudo \
  taskset --cpu-list 2-5 \
  chrt -f 1 \
  nice -n -10' 'affinity = 2-5' 'line 3: chrt -f 1 before QEMU: a real-time priority' 'line 4: nice -n -10 before QEMU is not carried over'
before 'a mask' 'taskset 0x13c' 'affinity = 2-5,8' '!not carried over'
before 'CPUs that a profile cannot have' 'taskset -c 0-10:2' '!affinity = 0-10:2' 'line 1: taskset -c 0-10:2 before QEMU:'
before 'CPUs that are not known' 'taskset -c $CPUS chrt -r 1' 'line 1: taskset -c $CPUS before QEMU:' 'line 1: chrt -r 1 before QEMU:'
before 'a node of memory' 'numactl --cpunodebind=0 -m 1 --physcpubind 4-7 ionice -c 1' 'affinity = 4-7' 'memory-node = 1' \
	'line 1: numactl --cpunodebind 0 before QEMU is not carried over' 'line 1: ionice -c 1 before QEMU is not carried over'
before 'one that nobody knows, between two that are known' 'env A=b taskset -c 2-5 gamemoderun -x y chrt -r 1' 'affinity = 2-5' \
	'line 1: gamemoderun before QEMU is not carried over' '!y before QEMU' 'line 1: chrt -r 1 before QEMU:'
before 'a property of its scope, which looks like an assignment' 'systemd-run --scope -p AllowedCPUs=2-5 taskset -c 2-5' 'affinity = 2-5' \
	'line 1: systemd-run --scope -p AllowedCPUs=2-5 before QEMU is not carried over'
before 'what is set for a program' 'A=b sudo C=d nice -n 5' '!A=b' 'line 1: nice -n 5 before QEMU is not carried over'
before "words of the shell's" 'if true; then exec' '!before QEMU'

# A step is a command: nothing else that has a step's words in it.
steps() {
	case=$1
	printf '%s\nqemu-system-x86_64 -m 1G -cpu host \\\n  %s\n' "$2" "$3" >"$work/bad"
	shift 3
	nothing "steps: $case" odd "$@"
}
for folder in /removed /media/removable /rescanned "/vms/killall me" /srv/new_id /mnt/vtcon/driver_override /vm/sysctl /vm/nr_hugepages; do
	steps "none of a disk below $folder" '' "-drive file='$folder/a.qcow2',if=virtio" "path = $folder/a.qcow2" '!What is not as it was,'
	steps "none of a variable's value $folder" "DISK='$folder/a.qcow2'" '-drive file="$DISK",if=virtio' "path = $folder/a.qcow2" \
		'!What is not as it was,'
	steps "none of what is only named: $folder" "cp /b.qcow2 '$folder/a.qcow2' # as killall qemu does
echo 'killall x; echo 1 >/sys$folder/remove'" '' '!What is not as it was,'
done
steps 'of which the device is in a variable' 'DEV=/sys/bus/pci/devices/0000:fa:00.0
echo 1 >$DEV/remove' '' "line 2: echo 1 >\$DEV/remove: a step of the script's own:"
steps 'of which the device is not known' 'for d in "$@"; do echo 1 | sudo tee "$d/remove"; done' '' 'line 1: for d in "$@"; do echo 1 |'
steps 'in a shell of its own' 'sudo sh -c "
  echo 1 > /proc/sys/vm/compact_memory
  systemctl stop sddm.service gdm"' '-device vfio-pci,host=fa:00.0,x-vga=on' \
	'line 2: echo 1 > /proc/sys/vm/compact_memory: memory is compacted' 'stop = gdm.service'
steps 'behind what runs them' 'nice -n 5 sudo killall x' '' 'line 1: nice -n 5 sudo killall x: who holds the card'
for remove in -r -rf -vr --remove; do
	steps "a module that is unloaded by $remove" "sudo modprobe $remove nvidia" '' "line 1: sudo modprobe $remove nvidia: modules are unloaded"
done
steps 'one that is loaded' 'modprobe -d/root -v --first-time nvidia-drm' '' '!modules are unloaded'
steps 'that read only' 'cat /proc/sys/vm/nr_hugepages
[ -e /sys/bus/pci/rescan ]' '' '!What is not as it was,'

script 'a size with a fraction' '-m 1.5G' 'memory = 1536M'
script 'a size that is known to a part only' '-m 8${X}' '!memory = 8M' 'line 1: -m: 8${X}: not known without running the script'
script 'a size with more than a unit' '-m size=4GB,slots=2' '!memory = 4G' 'line 1: -m: size=4GB,slots=2: not known'
script 'a size of a shared memory' '-m 1G -object memory-backend-file,id=a,size=1.5m,mem-path=/dev/shm/a \
	-object memory-backend-file,id=b,size=8${X}M,mem-path=/dev/shm/b' 'size = 2M' '!size = 1M' 'known without running the script: 8${X}M'
script 'processors that are known to a part only' '-m 1G -smp 4${X}' '!cpus = 4' 'line 1: -smp: 4${X}: not known'

text 'Proxmox: a card comes with the functions of its slot' 'memory: 1024
hostpci0: 99:00.0;99:00.1,x-vga=1,pcie=1
hostpci1: 99:00.2
hostpci2: 9a:00.1' '[gpu] device = 0000:99:00.0' '!device = 0000:99:00.1' '!device = 0000:99:00.2' '[pci] device = 0000:9a:00.1'

text 'Proxmox: in whichever order, and in several lines' 'memory: 1024
hostpci0: 99:00.1;99:00.0,x-vga=1
hostpci1: 9b:00.2
hostpci2: 9b:00.0,x-vga=1
hostpci3: 9c:00.1;9c:00.0' '[gpu] device = 0000:99:00.0' '!device = 0000:99:00.1' '[gpu] device = 0000:9b:00.0' '!device = 0000:9b:00.2' \
	'[pci] device = 0000:9c:00.1' '[pci] device = 0000:9c:00.0'

# domain NAME XML LINE...: what becomes of a domain with these elements
domain() {
	case=$1
	printf "<domain type='kvm'>\n%s\n</domain>\n" "$2" >"$work/bad"
	shift 2
	nothing "$case" odd "$@"
}
domain 'libvirt: processors that may run on several CPUs' "<vcpu>2</vcpu><cputune>
<vcpupin vcpu='0' cpuset='1-4,^3,6'/><vcpupin vcpu='1' cpuset='10-12'/><emulatorpin cpuset='0-3,^1'/></cputune>" \
	'affinity = 1-2,4,6,10-12' 'emulator-pin = 0,2-3' 'all of them may run on 1-2,4,6,10-12'
domain 'libvirt: CPUs that are none' "<vcpu cpuset='1-4,^3'>2</vcpu><cputune><emulatorpin cpuset='all'/></cputune>" \
	'affinity = 1-2,4' '!emulator-pin = all' 'line 2: the CPUs all are not carried over:'

text 'quickemu: lists over several lines' 'disk_img="/vm/a.qcow2"
usb_devices=( # "dead:0001"
  "046d:082d" # the "camera"
  046d:085e
) # "dead:0002"
port_forwards=("22:2200" "80:$PORT") "dead:0003"
port_forwards="8800:80"
tpm="on"' 'device = 046d:082d' 'device = 046d:085e' '!device = dead:0001' '!device = dead:0002' '!device = camera' '!dead:0003' \
	'forward = tcp:22:2200' 'forward = tcp:8800:80' '[tpm]' 'line 6: port_forwards=80:$PORT: not known'
text 'quickemu: a list without an end' 'disk_img="/vm/a.qcow2"
usb_devices=("046d:082d"
network="br0"' 'device = 046d:082d' 'line 3: the list usb_devices has no end'
text 'quickemu: what is not known without running it' 'guest_os="linux"
disk_img="${HOME}/a.qcow2"
ram="auto"
cpu_cores="auto"
ssh_port="$PORT"
disk_format="$(echo raw)"' '!memory = auto' '!cpus = auto' 'memory = 4G' 'line 3: ram=auto is no size' 'line 4: cpu_cores=auto is no' \
	'line 2: disk_img=${HOME}/a.qcow2: not known' '![disk]' '!forward = tcp:$PORT:22' 'line 5: ssh_port=$PORT: not known' 'line 6:'

for own in /usr/local/share/code.fd /etc/ovmf/code.fd /run/media/a/code.fd /nix/code.fd; do
	script "the firmware $own is one of one's own" "-m 1G -drive if=pflash,readonly=on,file=$own" "firmware-image = $own"
	domain "libvirt: the firmware $own" "<os><loader type='pflash'>$own</loader></os>" "firmware-image = $own"
done
for installed in /usr/share/OVMF/a.fd /nix/store/x/a.fd /run/libvirt/nix-ovmf/a.fd; do
	script "the firmware $installed is the distribution's" "-m 1G -drive if=pflash,readonly=on,file=$installed" 'firmware = uefi'
done

text 'Proxmox: formats and ids as they may be written' 'memory: 1024
virtio0: /vm/a.vmdk,format=vmdk
usb0: host=0x046d:0xc52b
usb1: host=1-4.2,usb3=1
usb2: host=nothing' '!format = vmdk' 'line 2: virtio0: an image of the format vmdk:' 'device = 046d:c52b' 'device = 1-4.2' \
	'line 5: usb2: host=nothing is not carried over'
text 'a desktop is stopped for a card only' 'systemctl stop sddm
qemu-system-x86_64 -m 1G -cpu host' '![session]' 'line 1: sddm is not stopped:'
text 'a unit whose name begins as a display manager'"'"'s' 'systemctl stop lyrionmusicserver
qemu-system-x86_64 -m 1G -cpu host -device vfio-pci,host=fa:00.0,x-vga=on' '![session]' '[gpu]'
text 'display managers' 'systemctl stop ly.service
qemu-system-x86_64 -m 1G -cpu host -device vfio-pci,host=fa:00.0,x-vga=on' 'stop = ly.service'
disks=
for target in 'a hda' 'b sda' 'c vda' "d sdb' bus='usb"; do
	disks="$disks<disk device='disk'><source file='/vm/${target%% *}'/><target dev='${target#* }'/></disk>
"
done
domain 'libvirt: disks of which only the name is said' "<devices>
$disks</devices>" 'path = /vm/a bus = sata format = raw' 'path = /vm/b bus = scsi format = raw' '[disk] path = /vm/c format = raw' \
	'path = /vm/d bus = sata format = raw' 'line 3: a disk on ide is on sata now'
domain 'libvirt: a USB device by its number' "<devices><hostdev type='usb'><source><address bus='1' device='4'/></source></hostdev></devices>" \
	'`vfio-run list usb` shows ids and ports'

script 'the order of starting is told' '-m 1G -boot d' 'line 1: -boot d: the order is `boot-index`'
script 'and with words' '-m 1G -boot order=dc,menu=on' 'line 1: -boot order=dc,menu=on: the order is `boot-index`'
script 'and but for once' '-m 1G -boot menu=on,once=d' 'line 1: -boot menu=on,once=d: the order is `boot-index`'
script 'a menu is no order' '-m 1G -boot menu=on' '!-boot menu=on: the order'
script "the guest's agent" '-m 1G -device virtserialport,chardev=a,name=org.qemu.guest_agent.0' 'guest-agent = yes'
script 'a port of another kind' '-m 1G -device virtserialport,chardev=a,name=org.a.b' \
	'line 1: -device virtserialport,chardev=a,name=org.a.b is not carried over'
text 'Proxmox: what is told' 'memory: 1024
machine: q35,viommu=intel
cpu: host,phys-bits=40,hv-vendor-id=abc
hostpci0: 99:00,legacy-igd=1' 'line 2: viommu of machine is not carried over: intel' 'line 3: phys-bits of cpu is not' \
	'line 3: hv-vendor-id of cpu is not' 'line 4: legacy-igd of hostpci0 is not'

text 'redirections are no arguments, and end no command' 'qemu-system-x86_64 -m 1G 2>/dev/null -smp 3 >log 2>&1 \
	-name a <in &>>all < <(cat "b c") -uuid 1 2>&1 | tee log' 'memory = 1G cpus = 3 name = a' 'smbios-string = type=1,uuid=1' '!not carried over' \
	'!not known'
text 'a redirection before all, and one to the background' '2>err exec qemu-system-x86_64 -m 1G -cpu host -smp 3 2>/dev/null &' \
	'memory = 1G cpus = 3' '!before QEMU' '!not carried over'
text 'a number that is no descriptor' 'qemu-system-x86_64 -m 1G -cpu host -uuid 2 >log' 'smbios-string = type=1,uuid=2'
text 'a function is read where it is called' 'QEMU=qemu-system-x86_64
run() {
	{ true; }
	"$QEMU" $COMMON "$@"
}
COMMON="-m 4G -cpu host"
run -smp 4 -drive file=/vm/a.img,format=raw,if=virtio' 'memory = 4G cpus = 4' 'path = /vm/a.img' '!128M' "!commands of QEMU's" '!not known'
text 'with words of its own, by another function' 'function inner { shift
	qemu-system-x86_64 -m "$1" -smp ${2} "${@}"; }
outer () { inner x "$1" 4 -uuid "$2"; }
outer 4G 7' 'memory = 4G cpus = 4' 'smbios-string = type=1,uuid=7' '!128M'
text 'one that is called by a word that is not known' 'run() { qemu-system-x86_64 -m 4G -cpu host -smp 4; }
"$1"' 'memory = 4G cpus = 4'
text 'of two the one that is called' 'a() { qemu-system-x86_64 -m 1G -cpu host -smp 1; }
b() { qemu-system-x86_64 -m 2G -cpu host -smp 2; }
b' 'memory = 2G cpus = 2' "!commands of QEMU's"
text 'functions that call themselves end' 'a() { a; a; a; qemu-system-x86_64 -m 1G -cpu host -smp 1; }
a' 'memory = 1G cpus = 1'
text 'options in the variable that has the program' 'Q="qemu-system-x86_64 -m 1G -drive file=/vm/a"
$Q -cpu host -smp 3' 'memory = 1G' 'path = /vm/a' 'cpus = 3'
text 'a memory that is not said' 'qemu-system-x86_64 -cpu host -smp 3 -S' 'memory = 128M' 'no -m was found: 128M of memory'
text "Debian's name of QEMU" '/usr/bin/kvm -id 100 -m 1G -smp 4' 'memory = 1G cpus = 4'
text 'a guest of 32 bits' 'qemu-system-i386 -m 1G -smp 4 -cpu host' 'memory = 1G cpus = 4'
text 'a script: what has no key is told' 'qemu-system-x86_64 -m 4G,maxmem=8G -smp 2,maxcpus=4 -k de -serial stdio \
	-runas alice -rtc base=2020-01-01' 'line 1: maxmem of -m is not carried over: 8G' 'line 1: maxcpus of -smp is not carried over: 4' \
	'line 1: -k de is not' 'line 1: -serial stdio is not' 'line 2: -runas alice is not' 'line 2: a clock that begins at 2020-01-01'
text 'a script: and what says nothing is not' 'qemu-system-x86_64 -m 4G -smp 2,maxcpus=2 -serial none -rtc base=utc' '!What is not as it was,'
text 'an emulator that is not here' '/opt/qemu/bin/qemu-system-x86_64 -m 1G -smp 2 -cpu host' \
	'line 1: the emulator /opt/qemu/bin/qemu-system-x86_64 is not here:'
printf '#!/bin/sh\n' >"$work/qemu-system-x86_64" && chmod 755 "$work/qemu-system-x86_64"
text "an emulator of one's own" "$work/qemu-system-x86_64 -m 1G -smp 2 -cpu host" "qemu = $work/qemu-system-x86_64" 'line 1: '"$work/qemu-system-x86_64: an emulator of one's own;"
text 'a script: numbers that are none' 'qemu-system-x86_64 -m 1G -smp 2 -device vfio-pci,host=99:00.0,bootindex=first \
	-device usb-host,vendorid=0xzz,productid=0x1 -nic user,hostfwd=tcp::a-:22,mac=no' '!boot-index = first' \
	'line 1: `boot-index = first` of [pci] is not carried over:' '!device = 0000:0001' 'line 2: -device usb-host,vendorid=0xzz,productid=0x1 is not' \
	'line 2: the forward tcp:a:22 is not carried over:' 'line 2: `mac = no` of [net] is not'

domain 'libvirt: numbers that are none' "<memory unit='furlong'>8</memory><vcpu>zwei</vcpu>
<cpu><topology sockets='x' cores='2'/></cpu><devices>
<hostdev type='pci'><source><address bus='zz' slot='300' function='9'/></source></hostdev>
<hostdev type='pci'><source><address bus='0x99' slot='0' function='9'/></source></hostdev>
<hostdev type='usb'><source><vendor id='0xzz'/><product id='1'/></source></hostdev>
<disk><source file='/vm/a'/><boot order='0'/></disk>
<interface type='user'><mac address='52:54:00'/><portForward proto='tcp'><range start='x' to='22'/></portForward></interface>
<shmem name='a'><size unit='furlong'>4</size></shmem></devices>" '!memory =' '!cpus =' '!sockets =' '![usb]' '!device =' '!mac =' '!size =' '!forward =' \
	'line 2: <memory> is not carried over: "8 furlong" is no size' 'line 2: <vcpu> is not carried over: "zwei" is no number' \
	'line 3: <topology> is not carried over: "x"' 'line 4: a PCI device is not' 'line 5: a PCI device is not' \
	'line 6: a USB device is not carried over: 0xzz:1' 'line 7: `boot-index = 0`' 'line 8: `mac = 52:54:00`' 'line 8: the forward tcp:x:22' \
	'line 9: <size> is not'
domain 'libvirt: a size in any unit, whose letters may be small' "<memory unit='gib'>8</memory>" 'memory = 8G'
text 'libvirt: a guest of the emulator' "<domain type='qemu'><memory unit='GiB'>1</memory></domain>" 'accel = tcg'
domain 'libvirt: what has no key is told' "<maxMemory slots='2' unit='GiB'>8</maxMemory>
<memoryBacking><locked/></memoryBacking>" 'line 2: <maxMemory> is not' 'line 3: <locked> is not'
domain 'libvirt: a virtual function as a network' "<devices><interface type='hostdev' managed='yes'>
<source><address type='pci' domain='0x0000' bus='0x99' slot='0x10' function='0x2'/></source>
<mac address='52:54:00:00:00:01'/><vlan><tag id='4'/></vlan></interface></devices>" '[pci] device = 0000:99:10.2' '![net]' \
	'line 2: the MAC address 52:54:00:00:00:01 of 0000:99:10.2 is not set here:' 'line 4: <vlan> is not'
text 'Proxmox: numbers that are none' 'memory: lots
cores: many
affinity: all
virtio0: /vm/a,cache=fast
hostpci0: 99:00.0,vendor-id=0xzz,device-id=1' 'memory = 512M' 'line 1: memory: lots is no number' '!affinity =' 'line 2: cores: many is not' \
	'line 3: `affinity = all`' '!cache =' 'line 4: `cache = fast` of [disk]' '!show-id ='
text 'quickemu: numbers that are none' 'disk_img="/vm/a.qcow2"
port_forwards=("a:b" "22:99999")
usb_devices=("046d")
ssh_port="x"
cpu_cores="0"' '!forward =' 'line 2: the forward tcp:a:b is not' 'line 2: the forward tcp:22:99999 is not' '![usb]' \
	"line 3: a USB device is not carried over: 046d" 'line 4: the forward tcp:x:22' '!cpus ='
text 'quickemu: forwards where they cannot be are told once' 'disk_img="/vm/a.qcow2"
network="br0"
port_forwards=("22:2200" "8800:80")' '!forward =' 'line 3: 2 forwarded ports are not carried over:'
text 'quickemu: what has no key is told' 'disk_img="/vm/a.qcow2"
disk_size="64G"
secureboot="on"
boot="legacy"' 'line 2: disk_size=64G is not' 'firmware = bios' 'line 4: Secure Boot is not carried over:'
text 'quickemu: in whichever order' 'disk_img="/vm/a.qcow2"
boot="legacy"
secureboot="on"' 'firmware = bios' 'line 3: Secure Boot is not carried over:'

text 'bytes that are no text, and a turn of its direction' "memory: 1024
name: a$(printf '\233')31mb$(printf '\330\234')c$(printf '\300\257')d$(printf '\355\240\200')e
sata0: /vm/$(printf '\303\244\342\202\254\360\237\220\247')
virtio0: /vm/$(printf '\233')a$(printf '\342\202')" 'it was a?31mb?c??d???e' \
	"path = /vm/$(printf '\303\244\342\202\254\360\237\220\247')" 'path = /vm/?a??'

# refused NAME STATUS WORDS: what is in $work/bad is refused so
refused() {
	"$program" import "$work/bad" >"$work/out" 2>"$work/err"
	status=$?
	nothing "$1" sh -c '[ "$1" = "$2" ] && grep -q -- "$3" "$4" && ! [ -s "$5" ] || { echo "exit $1"; cat "$4"; }' - \
		$status "$2" "$3" "$work/err" "$work/out"
}
foreign="a machine of the kind aarch64: the guest of an x86-64 host"
printf 'qemu-system-aarch64 -M virt -cpu cortex-a57 -m 1G\n' >"$work/bad"
refused 'a script of another machine' 2 "bad: line 1: $foreign"
printf 'A=aarch64\nq=/usr/bin/qemu-system-$A\nrun() { $q "$@"; }\nrun -M virt -m 1G -smp 2\n' >"$work/bad"
refused 'by variables, too' 2 "$foreign"
printf '<domain type="kvm">\n<os><type arch="aarch64" machine="virt">hvm</type></os></domain>' >"$work/bad"
refused 'a domain of another machine' 2 "bad: line 2: $foreign"
printf 'memory: 1024\narch: aarch64\n' >"$work/bad"
refused "Proxmox's" 2 "bad: line 2: $foreign"
printf 'disk_img="/vm/a"\narch="aarch64"\n' >"$work/bad"
refused "quickemu's" 2 "bad: line 2: $foreign"
for kind in xen lxc vz; do
	printf '\n<domain type="%s"><memory>1</memory></domain>' "$kind" >"$work/bad"
	refused "a domain of $kind's" 2 "bad: line 2: a domain of the kind $kind is none of QEMU's"
done
printf '<domain><name>a</domain>' >"$work/bad"
refused 'XML that is none' 2 'bad: line 1: mismatched tag'
printf '<domain>\n<devices>\n<disk>\n' >"$work/bad"
refused 'XML that is cut off' 2 'bad: line 3: it is cut off: <disk> has no end'
printf '<domain>\n<devices>\n<disk typ' >"$work/bad"
refused 'in a tag' 2 'bad: line 3: it is cut off: <devices> has no end'
printf '\377\376<\0d\0' >"$work/bad"
refused 'another code' 2 'bad: it is text in UTF-16, .*iconv -f UTF-16'
printf '<\0d\0' >"$work/bad"
refused 'the same without its sign' 2 'iconv -f UTF-16'
printf '# as qemu-system-x86_64\n[vm]\nmemory = 1G\n' >"$work/bad"
refused 'a profile' 2 'bad: it is a profile already'
printf 'usermod -aG kvm alice and others\nmodprobe kvm a b c d\n' >"$work/bad"
refused 'no VM of the word kvm alone' 2 'or a script that starts QEMU'
printf '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><domain>&b;</domain>' >"$work/bad"
refused 'entities' 2 'declares entities'
printf '<network/>' >"$work/bad"
refused 'another document of libvirt' 2 'expected <domain>'
: >"$work/bad"
refused 'an empty file' 3 'bad: the file is empty'
printf '#!/bin/sh\nkillall qemu-system-x86_64\n' >"$work/bad"
refused 'a script that starts no VM' 2 'no command that starts QEMU'
awk 'BEGIN { print "a=x"; for (i = 0; i < 40; i++) print "a=\"$a$a\""; print "qemu-system-x86_64 -m 1G -smp 1 -cpu $a" }' >"$work/bad"
refused 'variables in variables, without end' 3 'more devices'
awk 'BEGIN { printf "qemu-system-x86_64"; for (i = 0; i < 3000; i++) printf " -usb"; print "" }' >"$work/bad"
refused 'more words than a command has' 3 'more devices'
nothing 'nothing of a script was executed' sh -c 'ls /tmp/import-was-here 2>/dev/null'
printf 'a = b\n' >"$work/bad"
refused 'something else' 2 'expected a libvirt domain'
printf 'memory: 1\0' >"$work/bad"
refused 'bytes that are no text' 2 'no text'
awk 'BEGIN { for (i = 0; i < 100; i++) printf "<a>" }' >"$work/bad"
refused 'elements in elements, without end' 2 'nested too deeply'
awk 'BEGIN { print "memory: 1"; for (i = 0; i < 200; i++) print "net" i ": virtio=BC:24:11:00:00:01" }' >"$work/bad"
refused 'more devices than a profile holds' 3 'more devices'
head -c 1100000 /dev/zero | tr '\0' a >"$work/bad"
refused 'more than a megabyte' 3 'more than a megabyte'
rm "$work/bad" && mkdir "$work/bad"
refused 'a folder' 3 'Is a directory'
rmdir "$work/bad"
refused 'no file' 3 'No such file'
ln -s /dev/null "$work/bad"
refused 'a device' 3 'expected a file or a pipe'
rm "$work/bad"
printf 'a=( 1 \v 2 )\nqemu-system-x86_64 -m 1G -smp 1 -cpu max\n' >"$work/bad"
nothing 'every blank parts words' sh -c 'timeout 60 "$1" import "$2" 2>/dev/null | grep -c "memory = 1G" | grep -vx 1' - "$program" "$work/bad"
# many NAME STATUS PROGRAM: a megabyte of the same, which awk writes, is read in a time that grows with it
many() {
	awk "BEGIN { $3 }" >"$work/bad"
	timeout 60 "$program" import "$work/bad" >"$work/out" 2>"$work/err"
	nothing "$1" sh -c '[ "$1" = "$2" ] || { echo "exit $1"; head -n 5 "$3"; }' - $? "$2" "$work/err"
}
many 'many elements beside each other' 0 'print "<domain>"; for (i = 0; i < 120000; i++) printf "<a/>"; print "</domain>"'
many 'a long text' 0 'print "<domain><name>"; for (i = 0; i < 500000; i++) print "b"; print "</name></domain>"'
many 'many host devices' 3 'a = "<hostdev type=\"pci\"><source><address bus=\"9\" slot=\"0\" function=\""; print "<domain><devices>"
	for (i = 0; i < 9500; i++) print a "1\"/></source></hostdev>"; print a "0\"/></source></hostdev></devices></domain>"'
many 'many lines of a section' 0 'print "disk_img=\"/a\"\nnetwork=b"; for (i = 0; i < 80000; i++) print "ssh_port=1"'
many 'many things that are not carried over' 0 'print "disk_img=\"/a\""; for (i = 0; i < 250000; i++) print "a="'
nothing 'the last of a thousand notes says how many more there are' sh -c '
	[ "$(grep -c "^#   line" "$1")" = 1000 ] && grep -q "^#   249001 more are not named here$" "$1" || grep -v line "$1"' - "$work/out"
printf 'memory: 1\nnet0: ,bridge=b\n' >"$work/bad"
nothing 'a network card without a name ends' sh -c 'timeout 60 "$1" import "$2" 2>/dev/null | grep -c bridge | grep -vx "[1-9]"' - "$program" "$work/bad"
finish
