#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-remedies - every command that a check's remedy names exists, in the package it is from
#
# Commands stand in backquotes in the sources of the checks. Each must be in the table below;
# where it is installed, Debian's own records must say the same package.
set -u
sources="launcher/plan/checks/*.c launcher/plan/changes/sriov.c launcher/inspect/facts*.c"

# COMMAND PACKAGE; "-": a word of the shell, of a profile or of vfio-run itself
table='
apt apt
chmod coreutils
chown coreutils
cryptsetup cryptsetup-bin
df coreutils
dmesg util-linux
dmsetup dmsetup
driverctl driverctl
dd coreutils
echo -
export -
fsck util-linux
fuser psmisc
iasl acpica-tools
ip iproute2
ls coreutils
lsblk util-linux
lsmod kmod
loginctl systemd
ls coreutils
lscpu util-linux
lsmod kmod
kill -
mdadm mdadm
mkdir coreutils
modprobe kmod
mokutil mokutil
mount mount
mv coreutils
options -
printf -
pactl pulseaudio-utils
passt passt
plymouth plymouth
ps procps
qemu-img qemu-utils
reboot systemd-sysv
truncate coreutils
rm coreutils
setfacl acl
ss iproute2
stat coreutils
sudo sudo
swapoff mount
sysctl procps
systemctl systemd
tail coreutils
ulimit -
umount mount
useradd passwd
usermod passwd
vfio-run -
vgchange lvm2
virsh libvirt-clients
wpctl wireplumber
zpool zfsutils-linux
'
number=0
pass() { number=$((number + 1)); echo "ok $number - $*"; }
fail() { number=$((number + 1)); echo "not ok $number - $*"; }
skip() { number=$((number + 1)); echo "ok $number - $1 # SKIP $2"; }

# Of "x" ... "y" the C strings are joined, so that a command cut over two lines is seen whole.
# shellcheck disable=SC2016,SC2086 # backquotes are looked for; the sources are patterns
words=$(cat $sources | tr -d '\n' | sed 's/"[[:space:]]*"//g' | grep -o '`[a-z][a-z-]* [^`]*`\|`[a-z][a-z-]*`' |
	tr -d '`' | grep -v ' = \|=$\|^[a-z]* =' | cut -d' ' -f1 | sort -u)

for word in $words; do
	case $word in
	# keys and values of a profile, and what is a name in a comment
	group | device | vf | vfs | memory | hugepages | name | format | qemu | user | all | hold | check | rom | cpus | memory-node | pin | acpi-table | apple-smc | smbios-string | bus | model | queues | affinity | governor | grab-toggle | unmount | render-node) continue ;;
	esac
	package=$(echo "$table" | sed -n "s/^$word //p")
	case $package in
	'') fail "$word: not in the table of this test" ;;
	-) pass "$word" ;;
	*)
		path=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v "$word")
		real=$(readlink -f "$path" 2>/dev/null)
		if [ -z "$path" ] || ! command -v dpkg >/dev/null; then
			skip "$word is in $package" "not installed here: not verified"
		elif dpkg -S "$path" "$real" "/bin/$word" "/sbin/$word" 2>/dev/null | grep -q "^${package}[:,]"; then
			pass "$word is in $package"
		else
			fail "$word is in $package"
			dpkg -S "$path" "$real" 2>&1 | sed 's/^/# /'
		fi
		;;
	esac
done
for pattern in $sources; do
	# shellcheck disable=SC2086 # a pattern
	ls $pattern >/dev/null 2>&1 || fail "no file is called $pattern"
done
[ $number -ge 10 ] || fail "only $number commands were found"
echo "1..$number"
