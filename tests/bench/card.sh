# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2086,SC2034,SC2154 # lists of words; variables of lib.sh and of scenarios
# card.sh - what the scenarios of tests/bench share: the card, its QEMU and guest, libvirt
bench=$LAB_DIR/../bench
own=/usr/lib/vfio-run-lab
export GPU=$LAB_GPU AUDIO=$LAB_AUDIO MODULES="bochs snd_hda_intel"
both="$GPU $AUDIO"

# ---- the same QEMU for all ------------------------------------------------------------------

# bench_profile NAME MEMORY: of the real QEMU, with the guest of tests/bench/guest.S
bench_profile() {
	profile "/etc/vfio-run/$1.profile" '[display]' 'type = none' '[qemu]' 'argument = -bios' \
		"argument = $own/guest.bin" 'argument = -device' \
		'argument = isa-debugcon,iobase=0x402,chardev=words' 'argument = -chardev' \
		'argument = stdio,id=words,signal=off'
	sed -i "s/^memory = .*/memory = $2/; s/^qemu = .*/qemu = qemu-system-x86_64/" "/etc/vfio-run/$1.profile"
}
# plan_of NAME: what vfio-run would do with that VM, as the others do it:
#   arguments.NAME	vfio-run's own, one a line, less its monitor, its sandbox and the stop
#	before the start: QEMU without the host's devices
#   cold.NAME		the same, and the devices as arguments; they are there when QEMU starts
#   late.NAME		commands for the monitor of a QEMU that stands: memory, devices, reset
plan_of() {
	vm=$1
	vfio_run -n "$vm" >plan
	sed -n "s/^ *device_add '\(.*\)'\$/\1/p" plan >devices
	[ -s devices ] || { echo "bench: no devices in the plan" >&2; return 1; }
	sed '1,/^Command line:/d; /^#/d' plan >words
	eval "set -- $(cat words)"
	printf '%s\n' "$@" | awk '
		skip { skip = 0; next }
		/^-S$/ { next }
		/^-(sandbox|mon|qmp)$/ { skip = 1; next }
		/^-chardev$/ { held = 1; next }
		held { held = 0; if (/vfio-run-qmp/) next; print "-chardev" }
		{ print }' >"arguments.$vm"
	{ cat "arguments.$vm"; sed 's/^/-device\n/' devices; } >"cold.$vm"
	{
		echo '{"execute":"qom-set","arguments":{"path":"/objects/memory","property":"prealloc","value":true}}'
		echo take
		sed 's/.*/{"execute":"device_add","arguments":&}/' devices
		printf '{"execute":"%s"}\n' system_reset cont
	} >"late.$vm"
}
bench_profile bench 256M && plan_of bench

# with_arguments FILE ARGUMENT... -- COMMAND...: COMMAND, then QEMU with its arguments and the further ones
with_arguments() {
	more='' file=$1
	shift
	while [ "$1" != -- ]; do more="$more $1"; shift; done
	shift
	quoted=$(sed "s/'/'\\\\''/g; s/^/'/; s/\$/'/" "$file")
	eval "set -- \"\$@\" $(printf %s "$quoted" | tr '\n' ' ')"
	"$@" $more
}
# touched FILE: the same arguments, and QEMU touches the guest's memory before anything else
touched() { sed '/"qom-type":"memory-backend/s/"id":"memory"/&,"prealloc":true/' "$1" >"$1.touched" && echo "$1.touched"; }
with_qemu() { with_arguments cold.bench "$@"; }

# ---- the ways, and another commit's vfio-run ---------------------------------------------------

# has WAY: is it to be measured?
has() { case " $BENCH_WAYS " in *" $1 "*) ;; *) false ;; esac; }

# The programs of the commit that this one is compared with, and meanwhile of this one. A mount would do
# the same, but each jail would have it too.
parent=$own/parent
! has parent || [ -d $parent ] || { mkdir -p $parent && cp -r "$BENCH_PARENT/bin" "$BENCH_PARENT/libexec" $parent; }
swap_programs() {
	for what in bin/vfio-run libexec/vfio-run; do
		mv /usr/local/$what $parent/meanwhile && mv $parent/$what /usr/local/$what && mv $parent/meanwhile $parent/$what
	done
}
# as_parent COMMAND...: with those in the place of this commit's
as_parent() {
	swap_programs
	"$@"
	_status=$?
	swap_programs
	return $_status
}

# ---- libvirt, started by hand: there is no systemd ------------------------------------------------

libvirt_processes() { pgrep -x 'libvirtd|virtlogd|dbus-daemon' | tr '\n' ' '; }
start_libvirt() {
	[ -n "$BENCH_LIBVIRT" ] && has libvirt || return 1
	for package in "$BENCH_LIBVIRT"/*.deb; do
		dpkg -x "$package" unpacked || return 1
	done
	# not unpacked into /: that would put a folder in the place of the link /lib
	for folder in unpacked/*; do cp -a "$folder/." "/${folder##*/}/" || return 1; done
	ldconfig
	echo '127.0.0.1 localhost lab' >>/etc/hosts
	echo 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin' >>/etc/passwd
	echo 'libvirt-qemu:x:64055:' >>/etc/group
	mkdir -p /run/dbus /run/libvirt /etc/libvirt /var/log/libvirt/qemu
	printf '%s\n' 'user = "libvirt-qemu"' 'group = "libvirt-qemu"' 'stdio_handler = "logd"' 'security_driver = "none"' \
		>/etc/libvirt/qemu.conf
	printf '%s\n' 'auth_unix_rw = "none"' 'unix_sock_group = "root"' >/etc/libvirt/libvirtd.conf
	dbus-daemon --system --fork
	virtlogd -d && libvirtd -d || return 1
	wait_for 60 virsh -q list || return 1
	define_vm vm 256 && define_vm vm1g 1024
}
# define_vm NAME MIB
define_vm() {
	cat >vm.xml <<XML
<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>$1</name><memory unit='MiB'>$2</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
  <cpu mode='maximum'/>
  <on_poweroff>destroy</on_poweroff>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='usb' model='none'/><memballoon model='none'/>
    <hostdev mode='subsystem' type='pci' managed='yes'><source>
      <address domain='0' bus='1' slot='0' function='0'/></source></hostdev>
    <hostdev mode='subsystem' type='pci' managed='yes'><source>
      <address domain='0' bus='1' slot='0' function='1'/></source></hostdev>
  </devices>
  <qemu:commandline>
    <qemu:arg value='-bios'/><qemu:arg value='$own/guest.bin'/>
    <qemu:arg value='-chardev'/><qemu:arg value='socket,id=words,path=/run/bench.words'/>
    <qemu:arg value='-device'/><qemu:arg value='isa-debugcon,iobase=0x402,chardev=words'/>
  </qemu:commandline>
</domain>
XML
	virsh -q define vm.xml
}

# ---- the files that are measured stand in memory ----------------------------------------------------
#
# The lab's root is the machine's own, over a protocol that is asked at each open: a wait that no
# real disk has, and the longer the more libraries a program has. A changed file is the overlay's,
# and so is a changed link; a folder that is in both is asked for at both, and gets a copy.

settle() {
	for program in qemu-system-x86_64 bash sh lspci fuser modprobe readlink basename grep mktemp rm cat strace \
		/usr/local/bin/vfio-run /usr/local/libexec/vfio-run/* virsh libvirtd virtlogd dbus-daemon; do
		path=$(command -v "$program") || continue
		echo "$path"
		ldd "$path" 2>/dev/null | tr '[:blank:]' '\n' | grep '^/'
	done >used
	find /usr/lib/x86_64-linux-gnu/libnss_* /usr/share/qemu /usr/share/seabios /usr/lib/x86_64-linux-gnu/qemu /usr/lib/qemu /usr/lib/x86_64-linux-gnu/libvirt \
		/etc/modprobe.d /usr/lib/modprobe.d -type f 2>/dev/null >>used
	printf '%s\n' /etc/ld.so.cache /etc/nsswitch.conf /usr/share/misc/pci.ids /usr/share/misc/pci.ids.gz >>used
	xargs realpath 2>/dev/null <used | sort -u | while read -r file; do [ ! -e "$file" ] || touch -c -r "$file" "$file"; done
	printf '%s\n' /bin /sbin /lib /lib32 /lib64 /etc/localtime /var/run >>used
	while read -r link; do [ ! -L "$link" ] || touch -h -c -r "$link" "$link"; done <used
	for folder in /etc/modprobe.d /usr/lib/modprobe.d; do
		[ ! -d $folder ] || { mkdir -p /run/bench-folders$folder && cp -a $folder/. /run/bench-folders$folder &&
			mount --bind /run/bench-folders$folder $folder; }
	done
	indexes=/run/bench-modules folder=/lib/modules/$(uname -r)
	mkdir -p $indexes
	cp "$folder"/modules.* $indexes && mount --bind $indexes "$folder" # for modprobe of what is loaded
}
