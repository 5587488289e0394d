# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# jail - what QEMU finds around it: the stand-in reports it from inside, /proc from outside
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
p=/etc/vfio-run/demo.profile

standin_profile $p report,guest-off-after=1
fingerprint_before
exec 9</etc/hostname 8<"$PCI" # descriptors that must not get in
export SECRET=42 LD_DEBUG_OUTPUT=/tmp/x QEMU_MODULE_DIR=/tmp
out=$(vfio_run demo 2>&1)
is $? 0 "the run"
exec 8<&- 9<&-
jail=$(printf '%s\n' "$out" | sed -n 's/^demo: .*jail: //p')

like "$jail" '^pid: 1$' "it is pid 1 of its own namespace"
like "$jail" '^uid: 1500 1500 1500$' "all of its user ids are the user's"
like "$jail" '^gid: 1500 1500 1500$' "all of its group ids too"
like "$jail" '^groups:$' "no supplementary groups"
like "$jail" '^capabilities: effective 0+ permitted 0+ inheritable 0+$' "no capabilities"
like "$jail" '^capabilities in the bounding set: 0$' "none to be had either"
like "$jail" '^no_new_privs: 1$' "no new privileges"
is "$(printf '%s\n' "$jail" | sed -n '/cloexec/d;s/^fd: \([0-9]*\).*/\1/p' | sort -n | tr '\n' ' ')" "0 1 2 3 " \
	"descriptors 0 to 3 and no other were handed over"
is "$(printf '%s\n' "$jail" | sed -n 's/^path: \/dev\/\([^ ]*\) .*/\1/p' | sort | tr '\n' ' ')" \
	"fd full null random urandom vfio vfio/vfio zero " "its /dev holds what the VM needs at its start: no group"
unlike "$jail" 'SECRET|LD_DEBUG|QEMU_MODULE' "nothing of the caller's environment"
like "$jail" '^cwd: /$' "it stands in /"
fingerprint_after "everything is back"

# ---- the golden picture: exact, from outside, while a guest runs -------------------------------

mkdir -p /vms/deep
for file in a.raw b.raw deep/c.raw; do
	echo data >/vms/$file
	chown 1500:1500 /vms/$file
done
profile $p '[qemu]' 'argument = -standin' 'argument = say=hello' 'argument = file=/vms/deep/c.raw' \
	'[disk]' 'path = /vms/a.raw' '[disk]' 'path = /vms/b.raw' 'readonly = yes'
: >/tmp/out
$own demo >/tmp/out 2>&1 &
run=$!
wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
qemu=$(sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out)
inside=/proc/$qemu

# picture NAME: what stands on stdin is what COMMAND... says
picture() {
	name=$1
	shift
	cat >/tmp/wanted
	"$@" >/tmp/got 2>&1
	if diff /tmp/wanted /tmp/got >/tmp/picture.diff; then pass "$name"; else
		fail "$name"
		diag_file /tmp/picture.diff
	fi
}
status() { sed -n "s/[[:space:]]\{1,\}/ /g;s/ $//;/^\(Uid\|Gid\|Groups\|NStgid\|Cap[A-Z][a-z]*\|NoNewPrivs\|Seccomp\|Seccomp_filters\|SigBlk\|SigIgn\|Umask\):/p" $inside/status; }
limits() { awk '/^Max (core|locked|processes|open files|file size|cpu|nice|realtime priority)/ { print $0 }' $inside/limits | tr -s ' ' | sed 's/ $//'; }
descriptors() { find $inside/fd -type l -printf '%f %l\n' | sed 's/:\[[0-9]*\]//' | sort -n | head -n 4; }
# place, attributes, type, and of a file what it is a part of
# What the lab itself has mounted below /usr is not of the jail.
mounts() { awk '{ sub(/,relatime/, "", $6); print $5, $6, $(NF - 2) }' $inside/mountinfo | grep -vE '^/usr/lib/(modules|vfio-run-lab/guest-kernel) ' | sort; }
# Below what is mounted is not looked, except at the devices.
root() { (cd $inside/root && find . -xdev -printf '%p %y %l\n' | sed 's/ $//' | sort); }
writable() { (cd $inside/root && setpriv --reuid 1500 --regid 1500 --clear-groups find . -xdev ! -type l -writable | sort); }
threads() { cat $inside/task/*/status | awk '/^(Seccomp_filters|NoNewPrivs):/ { print $1, $2 }' | sort -u; }

picture "its ids, capabilities, filters and signals" status <<PICTURE
Umask: 0077
Uid: 1500 1500 1500 1500
Gid: 1500 1500 1500 1500
Groups:
NStgid: $qemu 1
SigBlk: 0000000000004003
SigIgn: 0000000000001000
CapInh: 0000000000000000
CapPrm: 0000000000000000
CapEff: 0000000000000000
CapBnd: 0000000000000000
CapAmb: 0000000000000000
NoNewPrivs: 1
Seccomp: 2
Seccomp_filters: 2
PICTURE
picture "every thread has both filters" threads <<PICTURE
NoNewPrivs: 1
Seccomp_filters: 2
PICTURE
# a hard limit that is lower already, as a kernel with little memory has it, stays
processes=$(awk '/^Max processes/ { print ($4 + 0 && $4 < 16384) ? $4 : 16384 }' /proc/self/limits)
picture "its limits" limits <<PICTURE
Max cpu time unlimited unlimited seconds
Max file size unlimited unlimited bytes
Max core file size 1 1 bytes
Max processes $processes $processes processes
Max open files 524288 524288 files
Max locked memory 1140850688 1140850688 bytes
Max nice priority 0 0
Max realtime priority 0 0
PICTURE
picture "its first descriptors" descriptors <<PICTURE
0 /dev/null
1 pipe
2 pipe
3 socket
PICTURE
picture "its environment" sh -c "tr '\\0' '\\n' <$inside/environ" <<PICTURE
PATH=/usr/bin:/bin
HOME=/
LC_ALL=C.UTF-8
PICTURE
here=$(dirname "$(readlink $PCI/$LAB_GPU | sed 's/^.*\.\.\//\/sys\//')")
picture "its mounts" mounts <<PICTURE
$({
	echo "/ ro,nosuid,nodev,noexec tmpfs"
	echo "/dev ro,nosuid,noexec tmpfs"
	echo "/proc rw,nosuid,nodev,noexec proc"
	echo "/sys/devices/system ro,nosuid,nodev,noexec sysfs"
	echo "$here/$LAB_GPU ro,nosuid,nodev,noexec sysfs"
	echo "$here/$LAB_AUDIO ro,nosuid,nodev,noexec sysfs"
	echo "/usr ro,nosuid,nodev overlay"
	for path in /etc/ld.so.cache /etc/alternatives /etc/localtime; do
		[ ! -e $path ] || echo "$path ro,nosuid,nodev,noexec overlay"
	done
	for path in /bin /lib /lib32 /lib64 /nix/store /gnu/store; do # as the machine outside has them
		[ -h $path ] || [ ! -d $path ] || echo "$path ro,nosuid,nodev overlay"
	done
	echo "/vms/a.raw rw,nosuid,nodev,noexec overlay"
	echo "/vms/b.raw ro,nosuid,nodev,noexec overlay"
	echo "/vms/deep/c.raw rw,nosuid,nodev,noexec overlay"
} | sort)
PICTURE
for ns in pid mnt ipc uts net; do
	isnt "$(readlink $inside/ns/$ns)" "$(readlink /proc/self/ns/$ns)" "its own $ns namespace"
done
is "$(stat -c '%a %u:%g' "$inside/root/dev/vfio/$(group_of $LAB_GPU)")" "600 1500:1500" "the group's node is there by now, the user's"
is "$(cat $inside/root/dev/null; find $inside/root/dev -xdev | wc -l)" "$(printf '%s' 10)" "ten names in its /dev"
picture "its root, but for what is in what is mounted" root <<PICTURE
$({
	for name in . ./dev ./etc ./proc ./sys ./sys/bus ./sys/bus/pci ./sys/bus/pci/devices ./sys/devices \
		./sys/devices/system ./usr ./vms ./vms/deep; do
		echo "$name d"
	done
	path=./sys/devices
	for part in $(echo "$here" | sed 's/^\/sys\/devices\///;s/\// /g'); do
		path=$path/$part
		echo "$path d"
	done
	for function in $LAB_GPU $LAB_AUDIO; do
		echo "$path/$function d"
		echo "./sys/bus/pci/devices/$function l $(readlink $PCI/$function)"
	done
	for name in bin lib lib32 lib64; do
		[ ! -h /$name ] || echo "./$name l $(readlink /$name)"
	done
	for name in bin lib lib32 lib64; do
		[ -h /$name ] || [ ! -d /$name ] || echo "./$name d"
	done
	for name in nix gnu; do
		[ ! -d /$name/store ] || printf './%s d\n./%s/store d\n' $name $name
	done
	for path in /etc/ld.so.cache /etc/localtime /vms/a.raw /vms/b.raw /vms/deep/c.raw; do
		[ ! -e $path ] || echo ".$path f"
	done
	[ ! -e /etc/alternatives ] || echo ./etc/alternatives d
} | sort)
PICTURE
is "$(writable | tr '\n' ' ')" "./vms/a.raw ./vms/deep/c.raw " "what it can write are the VM's disks"
# What the keeper and its standby are made of: no parser of foreign data, no other library.
for keeper in $run $(pgrep -P $run standby); do
	is "$(grep -o '/[^ ]*\.so[^ ]*' /proc/$keeper/maps | sed 's/.*\///;s/\.so.*//' | sort -u | tr '\n' ' ')" \
		"ld-linux-x86-64 libc " "a keeper has libc in memory, and no other library"
done
kill -INT $run
wait $run
is $? 0 "it is powered down"
rm -rf /vms

# ---- a log that cannot be opened ----------------------------------------------------------------------

log=/home/vmuser/.local/state/vfio-run/demo/qemu.log
rm -f $log
mkdir -p $log
standin_profile $p say=hello
: >/tmp/out
$own demo >/tmp/out 2>&1 &
run=$!
wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
is "$(readlink "/proc/$(pgrep -x vfio-qmp)/fd/7")" /dev/null "without a log vfio-qmp has nothing in its place"
standby=$(pgrep -P $run standby)
ok "there is a standby" test -d "/proc/$standby/fd"
like "$(readlink "/proc/$standby/fd/10")" '^(/run/vfio-run/state/.*)?$' "nor has that: no log, and at that number at most a lock"
kill -INT $run
wait $run
is $? 0 "it runs without"
rmdir $log

# ---- directories that are put in --------------------------------------------------------------------------

# whole DIRECTORY DISK: a run with both
whole() {
	profile $p '[qemu]' 'argument = -standin' 'argument = guest-off-after=1' "argument = path=$1" \
		'[disk]' "path = $2"
	out=$(vfio_run demo 2>&1)
}
mkdir -p /vms /srv/images
mount -t tmpfs none /srv/images
for file in /vms/a.raw /srv/images/b.raw; do echo data >$file && chown 1500:1500 $file; done
for path in /dev/ /./dev /srv/../dev; do
	whole $path /vms/a.raw
	is $? 0 "an argument with $path: it runs"
	ok "the host's /dev can be written" sh -c ': >/dev/vfio-run-lab && rm /dev/vfio-run-lab'
done
whole /srv /srv/images/b.raw
is $? 0 "a disk in a file system that is mounted below another directory: it runs"
umount /srv/images
rm -rf /vms /srv/images

# ---- it does not run otherwise ---------------------------------------------------------------------

standin_profile $p guest-off-after=0
fingerprint_before
run_with() { # SWITCHES CODE PATTERN NAME
	standin_profile $p "$1"
	out=$(vfio_run demo 2>&1)
	is $? "$2" "$4: exit $2"
	like "$out" "$3" "$4: it says so"
}
run_with no-filter,guest-off-after=1 1 'not confined.*two filters' "a QEMU without its own filter"
run_with one-filtered,guest-off-after=1 1 'not confined.*two filters' "a QEMU with its filter on one of two threads"
standin_profile $p guest-off-after=1
sed -i 's/^\[vm\]/[vm]\nsandbox = log/' $p
out=$(vfio_run demo 2>&1)
is $? 0 "sandbox = log: it runs"
sed -i 's/^sandbox = .*/sandbox = off/' $p
out=$(vfio_run demo 2>&1)
is $? 0 "sandbox = off: it runs"
standin_profile $p guest-off-after=0
fingerprint_after "everything is back"
done_testing
