#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-trust.sh - profiles that are not what they seem: who may have written them, what they
# are, how much of them is read, and what only root's may say
# shellcheck disable=SC2317 # functions are called through check
set -u
# shellcheck source=tests/unit/cli.sh
. "$(dirname "$0")/cli.sh"

root=$([ "$(id -u)" = 0 ] && echo yes)
tree=$scratch/tree
tests/sysfs/make-tree tests/sysfs/lab-dgpu.txt "$tree" || exit 1
chmod -R a+rX "$tree"
gpu=$(cd "$tree/sys/bus/pci/devices" && for d in *; do grep -q 0x0300 "$d/class" 2>/dev/null && echo "$d" && break; done)
[ -n "$gpu" ] || gpu=0000:01:00.0

# A directory of the user's; as root the user is somebody else than we are.
mine=$scratch/user
mkdir "$mine"
good() { printf '[display]\ntype = none\n[vm]\nmemory = 64M\naccel = tcg\nfirmware = bios\n%s\n' "$@"; }
give() { [ -z "$root" ] || chown -h "$user_name" "$@"; }
give "$mine"

# try FILE [WORD...]: as the user behind sudo; and, where it matters not that we are root,
# what the user sees without it. Both have to answer the same.
try() {
	if [ -n "$root" ]; then
		SUDO_USER=$user_name timeout 10 "$program" -n --sysroot "$tree" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	else
		timeout 10 "$program" -n --sysroot "$tree" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	fi
}
refused() { # PATTERN FILE...
	local pattern=$1
	shift
	try "$@"
	[ $? = 2 ] && [ ! -s "$scratch/out" ] && grep -qF -- "$pattern" "$scratch/err"
}
# Not refused for who wrote it: what the plan needs more may be missing on this machine.
taken() {
	try "$@"
	local status=$?
	{ [ "$status" = 0 ] || [ "$status" = 3 ]; } && ! grep -q 'honoured only\|not read' "$scratch/err"
}
is() { # NAME PATTERN: one more file of the user's that is refused
	check "$1" refused "$2" "$mine/p.profile"
	rm -rf "$mine/p.profile"
}

good >"$mine/good.profile" && give "$mine/good.profile"
check "a profile of the user's" taken "$mine/good.profile"

# ---- what it is -----------------------------------------------------------------------------

mkfifo "$mine/p.profile" && give "$mine/p.profile"
is 'a FIFO' 'is not a regular file'
mkdir "$mine/p.profile" && give "$mine/p.profile"
is 'a directory' 'is a directory'
ln -s good.profile "$mine/p.profile" && give "$mine/p.profile"
is 'a symbolic link' 'symbolic link'
ln -s nosuch "$mine/p.profile" && give "$mine/p.profile"
is 'a symbolic link to nothing' 'symbolic link'
ln -s p.profile "$mine/p.profile" && give "$mine/p.profile"
is 'a symbolic link to itself' 'symbolic link'
ln "$mine/good.profile" "$mine/p.profile"
is 'a hard link' 'second name'
good >"$mine/p.profile" && give "$mine/p.profile" && chmod 602 "$mine/p.profile"
is 'a file that everybody can write' 'can be written by others'
good >"$mine/p.profile" && give "$mine/p.profile" && chmod 620 "$mine/p.profile"
is 'a file that a group can write' 'can be written by others'
mkdir -m 777 "$mine/open" && good >"$mine/open/p.profile" && give "$mine/open" "$mine/open/p.profile"
chmod 777 "$mine/open"
check 'in a directory that everybody can write' refused 'directory can be written' "$mine/open/p.profile"
chmod 775 "$mine/open"
check 'in a directory that a group can write' refused 'directory can be written' "$mine/open/p.profile"
# A directory that everybody shares must stay as it is: a desktop needs /tmp.
rm -rf "$mine/open"
mkdir "$mine/open" && good >"$mine/open/p.profile" && give "$mine/open" "$mine/open/p.profile"
chmod 1777 "$mine/open"
check 'in a directory like /tmp: the file has to move' refused 'move the file' "$mine/open/p.profile"
check 'and the directory stays as it is' sh -c "! grep -q chmod '$scratch/err'"
chmod 777 "$mine/open"
if [ -n "$root" ]; then
	chown root "$mine/open"
	check "in an open directory of root's: the file has to move" refused 'move the file' "$mine/open/p.profile"
	check "and root's directory stays as it is" sh -c "! grep -q chmod '$scratch/err'"
	give "$mine/open"
else
	skip "an open directory of root's" 'not root'
fi
check "one of the user's own is closed by name" refused "\`chmod go-w $mine/open $mine/open/p.profile\`" "$mine/open/p.profile"
good >"$mine/p.profile" && give "$mine/p.profile" && chmod 664 "$mine/p.profile"
is 'and so is a file' "\`chmod go-w $mine/p.profile\`"
chmod 775 "$mine/open"
mkdir -p "$mine/open/deep" && good >"$mine/open/deep/p.profile" && give "$mine/open/deep" "$mine/open/deep/p.profile"
check 'below such a directory' refused 'directory can be written' "$mine/open/deep/p.profile"
check 'and around it by ..' refused 'directory can be written' "$mine/open/deep/../../good.profile"
ln -s "$mine" "$mine/link" && give "$mine/link"
check "through a link of the user's" refused 'symbolic link' "$mine/link/good.profile"
if [ -n "$root" ]; then
	mknod "$mine/p.profile" c 1 5 && give "$mine/p.profile"
	is 'a device that never ends' 'is not a regular file'
	good >"$mine/p.profile" && chown 12345 "$mine/p.profile"
	is "somebody else's" 'belongs to somebody else'
	mkdir "$mine/theirs" && good >"$mine/theirs/p.profile" && chown 12345 "$mine/theirs"
	check "in somebody else's directory" refused 'directory belongs to somebody else' "$mine/theirs/p.profile"
	ln -s "$mine/good.profile" "$scratch/rootlink.profile"
	check "a link that root made, in a directory of root's" taken "$scratch/rootlink.profile"
	echo 'secret-word other' >"$scratch/secret.profile" && chmod 600 "$scratch/secret.profile"
	try "$scratch/secret.profile"
	check 'a file that the user may not read: refused' test $? = 2
	check 'and nothing of it is shown' sh -c "! grep -q 'secret-word\|other' '$scratch/err'"
	chmod 644 "$scratch/secret.profile"
	try "$scratch/secret.profile"
	check 'one that the user may read is shown' grep -q secret-word "$scratch/err"
else
	skip 'devices, and files of others' 'not root'
fi

# ---- how much of it is read --------------------------------------------------------------------

limit=$((256 * 1024))
# fill SIZE: a profile of exactly so many bytes, one long value in it
fill() {
	local head
	head=$(good '[qemu]' 'argument = -name')
	{
		printf '%s\nargument = ' "$head"
		head -c $(($1 - ${#head} - 13)) /dev/zero | tr '\0' x
		echo
	} >"$mine/p.profile"
	give "$mine/p.profile"
}
fill $limit
try "$mine/p.profile"
check '256 KiB in one value are read' sh -c "! grep -q 'larger\|too large\|bytes' '$scratch/err'"
fill $((limit + 1))
is '256 KiB and a byte' 'at most 262144'
head -c 10000000 /dev/zero | tr '\0' x >"$mine/p.profile" && give "$mine/p.profile"
is '10 MB in one line' 'at most 262144'
fill 300008
is 'its whole size is told' 'has 300008 bytes'
truncate -s 3G "$mine/p.profile" && printf 'QFI\373' | dd of="$mine/p.profile" conv=notrunc status=none
give "$mine/p.profile"
is 'a disk image of 3 GB is called one' 'a qcow2 disk image'
: >"$mine/p.profile" && give "$mine/p.profile"
is 'an empty file' 'no [vm] section'
printf '[vm]\nmemory = 1G\0\n' >"$mine/p.profile" && give "$mine/p.profile"
is 'a NUL byte' p.profile:2

# ---- all that is wrong, in one go -----------------------------------------------------------

# one_go WORD...: as the user, of this machine
one_go() {
	if [ -n "$root" ]; then
		SUDO_USER=$user_name timeout 10 "$program" -n "$mine/p.profile" >"$scratch/out" 2>"$scratch/err" </dev/null
	else
		timeout 10 "$program" -n "$mine/p.profile" >"$scratch/out" 2>"$scratch/err" </dev/null
	fi
	local status=$? word
	for word in "$@"; do grep -qF -- "$word" "$scratch/err" || return 1; done
	return $((status != 2))
}
{ good 'gpu = 1'; printf '[disk]\npath = %s\n' "$mine/nosuch.qcow2" "$mine/nofolder/a.raw"; } >"$mine/p.profile"
give "$mine/p.profile"
check 'a wrong key and two missing disks' one_go p.profile:7:1 p.profile:9:8 p.profile:11:8
check 'a disk that is not there can be made' one_go "qemu-img create -f qcow2 $mine/nosuch.qcow2"
check 'its folder first' one_go "mkdir -p $mine/nofolder && qemu-img create -f raw $mine/nofolder/a.raw 100G"
{ good; printf '[disk]\npath = %s\n' "$mine/nosuch.raw"; } >"$mine/p.profile" && give "$mine/p.profile"
one_go nosuch.raw
check 'also when nothing else is wrong' grep -qF "qemu-img create -f raw $mine/nosuch.raw" "$scratch/err"
rm "$mine/p.profile"

# ---- what is done with it, traced --------------------------------------------------------------

if ! strace -o /dev/null true 2>/dev/null; then
	skip 'how much is read' 'strace cannot trace here'
else
	head -c 10000000 /dev/zero | tr '\0' x >"$mine/p.profile" && give "$mine/p.profile"
	if [ -n "$root" ]; then SUDO_USER=$user_name; export SUDO_USER; fi
	strace -f -y -o "$scratch/trace" -e trace=read,pread64,readv,preadv,mmap,sendfile,copy_file_range \
		-P "$mine/p.profile" "$program" -n "$mine/p.profile" >/dev/null 2>"$scratch/err"
	sum=$(sed -n 's/.* = \([0-9]*\)$/\1/p' "$scratch/trace" | awk '{ s += $1 } END { print s + 0 }')
	check "of 10 MB 256 KiB and a byte are read" test "$sum" = $((limit + 1))
	rm "$mine/p.profile" && mkfifo "$mine/p.profile" && give "$mine/p.profile"
	strace -f -o "$scratch/trace" -e trace=%file "$program" -n "$mine/p.profile" >/dev/null 2>"$scratch/err"
	grep 'p\.profile' "$scratch/trace" | grep -v 'execve\|O_PATH' >"$scratch/touched"
	check 'a FIFO is looked at and not opened' test ! -s "$scratch/touched"
	check 'it was looked at' grep -q 'p\.profile.*O_PATH' "$scratch/trace"
	unset SUDO_USER
	rm "$mine/p.profile"
fi

# ---- swapped while it is read -------------------------------------------------------------------

echo 'stolen-word other' >"$scratch/victim.profile" && chmod 600 "$scratch/victim.profile"
good >"$mine/a" && ln -s "$scratch/victim.profile" "$mine/b" && give "$mine/a" "$mine/b"
cp -p "$mine/a" "$mine/p.profile"
(
	while [ -d "$mine" ] && [ ! -e "$scratch/stop" ]; do
		ln -sfn "$scratch/victim.profile" "$mine/swap" 2>/dev/null && give "$mine/swap"
		mv -fT "$mine/swap" "$mine/p.profile"
		cp -p "$mine/a" "$mine/swap" && mv -fT "$mine/swap" "$mine/p.profile"
	done
) 2>/dev/null &
swapper=$!
for _ in $(seq 25); do
	try "$mine/p.profile"
	echo "status $?" >>"$scratch/swapped"
	cat "$scratch/out" "$scratch/err" >>"$scratch/swapped"
done
touch "$scratch/stop"
wait $swapper
check 'a file that is swapped for a link all the time: never the link' \
	sh -c "! grep -q 'stolen-word\|victim' '$scratch/swapped'"
check 'and nothing odd' sh -c "! grep '^status' '$scratch/swapped' | grep -qv 'status [023]$'"
rm -f "$mine"/[abp]* "$mine/swap"

# ---- what only a profile of root's may say ------------------------------------------------------

other=$(getent passwd | awk -F: -v me="$user_name" '$3 && $1 != me { print $1; exit }')
cp /bin/true "$mine/qemu-system-x86_64" && give "$mine/qemu-system-x86_64"
while IFS='|' read -r name line; do
	good "$line" >"$mine/p.profile" && give "$mine/p.profile"
	try "$mine/p.profile"
	if grep -q 'not supported yet' "$scratch/err"; then
		ok "$name: refused to everybody, not supported yet"
		continue
	fi
	check "$name, in the user's profile" refused 'honoured only' "$mine/p.profile"
	if [ -z "$root" ]; then
		skip "$name, in root's" 'not root'
		continue
	fi
	chown root "$mine/p.profile"
	check "$name, in root's profile in a directory of the user's" refused 'honoured only' "$mine/p.profile"
	cp "$mine/p.profile" "$scratch/p.profile" && chmod 644 "$scratch/p.profile"
	check "$name, in root's profile" taken "$scratch/p.profile"
done <<LINES
another user|user = $other
no sandbox|sandbox = off
an emulator of one's own|qemu = $mine/qemu-system-x86_64
an emulator by way of ..|qemu = /usr/bin/../..$mine/qemu-system-x86_64
LINES
for key in prepare started released; do
	printf '[vm]\nmemory = 64M\n[hooks]\n%s = /bin/true\n' $key >"$mine/p.profile" && give "$mine/p.profile"
	try "$mine/p.profile"
	code=$?
	check "a $key hook in the user's profile" sh -c "test $code = 2 && grep -q 'honoured only\|not supported yet' '$scratch/err'"
done

# ---- -o and --: the word of who starts it --------------------------------------------------------

good >"$mine/good.profile" && give "$mine/good.profile"
good >"$scratch/mine.profile" && good "user = $other" >"$scratch/theirs.profile" && good "user = $user_name" >"$scratch/named.profile"
chmod 644 "$scratch"/*.profile
refused_with() { # PATTERN FILE OPTION
	refused "$1" -o "$3" "$2"
}
for profile in "$mine/good.profile" "$scratch/mine.profile" "$scratch/named.profile"; do
	[ -n "$root" ] || [ "$profile" = "$mine/good.profile" ] || continue
	check "-o, of ${profile##*/}" taken -o vm.memory=128M "$profile"
	check '  and it counts' grep -q 'size=131072k' "$scratch/out"
	check "arguments, of ${profile##*/}" taken "$profile" -- -snapshot
	for option in vm.sandbox=off "vm.user=$other" "vm.qemu=$mine/qemu-system-x86_64"; do
		check "-o ${option%%=*}, of ${profile##*/}" refused "-o ${option%%=*}=" -o "$option" "$profile"
	done
done
if [ -n "$root" ]; then
	check "root's profile of another user's VM" taken "$scratch/theirs.profile"
	check '  with -o' refused_with "are taken from root and from $other alone" "$scratch/theirs.profile" vm.memory=128M
	check '  with arguments' refused "are taken from root and from $other alone" "$scratch/theirs.profile" -- -snapshot
	check '  with -o that makes it one of ours' refused_with 'whose VM it is' "$scratch/theirs.profile" "vm.user=$user_name"
	"$program" -n --sysroot "$tree" -o vm.sandbox=off -o vm.memory=128M "$scratch/theirs.profile" >"$scratch/out" 2>"$scratch/err"
	check 'root itself may say all of it' grep -q 'size=131072k' "$scratch/out"
else
	skip "root's profiles with -o" 'not root'
fi

# ---- arguments that would leave the jail: the same both ways -------------------------------------

for argument in -daemonize --daemonize -sandbox -runas -run-with -chroot -pidfile -mon -qmp -qmp-pretty \
	-monitor -S --S -incoming -readconfig -writeconfig -add-fd -preconfig -no-shutdown; do
	good '[qemu]' "argument = $argument" >"$mine/p.profile" && give "$mine/p.profile"
	try "$mine/p.profile"
	first=$?
	try "$mine/good.profile" -- "$argument"
	second=$?
	check "$argument is refused in a profile and behind --" test $first$second = 22
done 2>"$scratch/err"

# ---- who starts it: what doas keeps of the caller's environment names nobody else ------------------

good >"$scratch/p.profile" && chmod 644 "$scratch/p.profile"
differ() { # VARIABLE=VALUE...: run, check and detach say that these name different users
	local argument
	for argument in '-n' 'check'; do
		env "$@" "$program" "$argument" --sysroot "$tree" "$scratch/p.profile" >"$scratch/out" 2>"$scratch/err" </dev/null
		[ $? = 2 ] && [ ! -s "$scratch/out" ] && grep -q 'name different users' "$scratch/err" || return 1
	done
}
same() {
	env "$@" "$program" -n --sysroot "$tree" "$scratch/p.profile" >"$scratch/out" 2>"$scratch/err" </dev/null
	! grep -q 'different users\|not known' "$scratch/err"
}
if [ -n "$root" ]; then
	uid=$(id -u "$user_name")
	check 'SUDO_USER and DOAS_USER of two users' differ SUDO_USER="$other" DOAS_USER="$user_name"
	check 'PKEXEC_UID and DOAS_USER of two users' differ PKEXEC_UID=1 DOAS_USER="$user_name"
	check 'SUDO_USER and SUDO_UID of two users' differ SUDO_USER="$user_name" SUDO_UID=1
	check 'SUDO_USER of a user with the SUDO_UID of root' differ SUDO_USER="$user_name" SUDO_UID=0
	check 'all of one user' same SUDO_USER="$user_name" SUDO_UID="$uid" DOAS_USER="$user_name" PKEXEC_UID="$uid"
	check 'root behind one of them is nobody' same SUDO_USER=root SUDO_UID=0 DOAS_USER="$user_name"
	SUDO_USER=$user_name DOAS_USER=no-such-user "$program" -n --sysroot "$tree" "$scratch/p.profile" >"$scratch/out" 2>"$scratch/err"
	check 'one that names nobody is not passed over' sh -c "test $? = 2 && grep -q 'DOAS_USER: there is no such user' '$scratch/err'"
else
	skip 'variables that name different users' 'not root'
fi

# ---- found where, and named ---------------------------------------------------------------------

mkdir -p "$mine/vfio-run" && good >"$mine/vfio-run/xdg.profile" && good >"$mine/here" && give "$mine/vfio-run" "$mine/vfio-run/xdg.profile"
(
	cd "$mine" && export XDG_CONFIG_HOME=$mine HOME=$mine XDG_CONFIG_DIRS=$mine PATH=$mine:.:$PATH
	for word in xdg here good; do
		"$program" -n $word 2>/dev/null && exit 1
		[ $? = 2 ] || exit 1
	done
)
check 'neither XDG variables nor HOME nor the working directory are searched' test $? = 0

qemu_there() { command -v qemu-system-x86_64 >/dev/null; }
script=$mine/machine
{ echo "#!/usr/bin/env -S $program -n --sysroot $tree"; good "[pci]
device = $gpu
group = hold"; } >"$script" && give "$script" && chmod 755 "$script"
if ! qemu_there; then
	skip 'a profile that is executed' 'no qemu-system-x86_64'
elif [ -n "$root" ]; then
	chmod 755 "$mine"
	SUDO_USER=$user_name "$script" >"$scratch/out" 2>"$scratch/err"
	check 'a profile that is executed' test $? = 0
	check 'the first line names it' sh -c "head -n 1 '$scratch/out' | grep -qx 'Profile: $script'"
	check 'its name is the file'\''s' grep -q machine "$scratch/out"
	SUDO_USER=$user_name "$script" --json >"$scratch/out" 2>"$scratch/err"
	check 'with options behind it' grep -q '"name": *"machine"' "$scratch/out"
else
	"$script" >"$scratch/out" 2>"$scratch/err"
	check 'a profile that is executed' test $? = 0
	check 'the first line names it' sh -c "head -n 1 '$scratch/out' | grep -qx 'Profile: $script'"
fi

# ---- what there is, when what was asked for is not ----------------------------------------------

# elsewhere WORD...: with a profile in /etc/vfio-run and a VM in /run, in a mount namespace
elsewhere() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c '
		scratch=$1 program=$2; shift 2
		cp -a /etc "$scratch/etc" && rm -rf "$scratch/etc/vfio-run" && mkdir -p "$scratch/etc/vfio-run" || exit 77
		: >"$scratch/etc/vfio-run/win10.profile" && : >"$scratch/etc/vfio-run/not a name.profile"
		mount --bind "$scratch/etc" /etc && mount -t tmpfs -o mode=755 tmpfs /run || exit 77
		mkdir -p /run/vfio-run/vm/win10 && echo 1 1 >/run/vfio-run/vm/win10/keeper
		cd / && exec "$program" "$@"
	' - "$scratch" "$program" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	local status=$?
	rm -rf "${scratch:?}/etc"
	return "$status"
}
says_elsewhere() { # PATTERN WORD...
	local pattern=$1
	shift
	elsewhere "$@"
	[ $? = 2 ] && grep -qF -- "$pattern" "$scratch/err"
}
if [ -z "$root" ] || ! unshare -m true 2>/dev/null; then
	skip 'profiles and machines that there are' 'needs root and a mount namespace'
else
	check 'a slip in the name of a profile' says_elsewhere 'did you mean' wni10
	check 'the profiles that there are' says_elsewhere '; there are: win10' -n other
	check 'nothing is said of a file with an odd name' sh -c "! grep -q 'not a' '$scratch/err'"
	check 'the machines that run, for stop without a name' says_elsewhere 'running: win10' stop
fi

# ---- devices.allow: root's /etc, in a mount namespace of our own ------------------------------------

if [ -z "$root" ] || ! unshare -m true 2>/dev/null || ! qemu_there; then
	skip 'devices.allow' 'needs root, a mount namespace and QEMU'
	finish
fi
good "[pci]
device = $gpu
group = hold" >"$mine/p.profile" && give "$mine/p.profile"
cp "$mine/p.profile" "$scratch/p.profile"
ids=$(sed 's/0x//' "$tree/sys/bus/pci/devices/$gpu/vendor"):$(sed 's/0x//' "$tree/sys/bus/pci/devices/$gpu/device")
held=${gpu%.*}.1 # in the same group
# allow MODE TEXT PROFILE: a run with this devices.allow; the captured tree stands in for /sys
option=
allow() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c '
		cp -a /etc "$1/etc" && mkdir -p "$1/etc/vfio-run" && chmod 755 "$1/etc/vfio-run"
		printf "$3" >"$1/etc/vfio-run/devices.allow" && chmod "$2" "$1/etc/vfio-run/devices.allow"
		mount --bind "$1/etc" /etc && mount --bind "$4/sys" /sys || exit 77
		SUDO_USER=$6 exec "$5" -n ${8:+-o "$8"} "$7"
	' - "$scratch" "$1" "$2" "$tree" "$program" "$user_name" "$3" "$option" >"$scratch/out" 2>"$scratch/err" </dev/null
	local status=$?
	rm -rf "${scratch:?}/etc"
	return "$status"
}
allowed() { # what else is missing on this machine does not matter
	allow "$@"
	case $? in 0 | 3) ! grep -q 'devices\.allow' "$scratch/err" ;; *) false ;; esac
}
limited() { # PATTERN MODE TEXT PROFILE
	local pattern=$1
	shift
	allow "$@"
	[ $? = 3 ] && [ ! -s "$scratch/out" ] && grep -q -- "$pattern" "$scratch/err"
}
me=$user_name
check 'devices.allow by address' allowed 644 "$gpu $me\n$held $me\n" "$mine/p.profile"
check 'devices.allow by id' allowed 644 "# x\n$ids $me\n$held $me\n" "$mine/p.profile"
check 'a device that is only held is limited too' limited "$held.*does not give it to $me" 644 "$gpu $me\n" "$mine/p.profile"
check 'another user' limited "$gpu.*does not give it" 644 "$gpu daemon\n$held $me\n" "$mine/p.profile"
check 'another device' limited "$gpu.*does not give it" 644 "0000:00:1f.7 $me\n" "$mine/p.profile"
check 'an empty devices.allow' limited 'does not give it' 644 '' "$mine/p.profile"
check "root's profile is not limited" allowed 644 '' "$scratch/p.profile"
option=vm.memory=128M
check "root's profile with a word of the user's is" limited 'does not give it' 644 '' "$scratch/p.profile"
option=
check 'a line that is wrong' limited 'devices\.allow:2:1: ' 644 "$gpu $me\n*\n" "$mine/p.profile"
check 'a line of another kind that is wrong' limited 'devices\.allow:2:2: usb:x: expected usb: and the ids' 644 "$gpu $me\n usb:x $me\n" "$mine/p.profile"
check 'a devices.allow that others can write' limited 'can be written by others' 666 "$gpu $me\n" "$mine/p.profile"
finish
