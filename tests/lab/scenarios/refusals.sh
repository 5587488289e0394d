# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# refusals - what would make a step of the keeper fail is seen by a check, and then nothing is begun
#
# Each line of `walk` breaks one thing, in a mount namespace of its own where that is enough. The
# check that is its counterpart must be red, a run must end with 3, and nothing may have changed.
# tests/unit/refusals.txt says which places of the keeper each stands for. The last one cannot be
# undone before the next boot: this scenario is the last of its own.
. "$LAB_DIR/lib.sh"
standin_profile /etc/vfio-run/demo.profile guest-off-after=1
libexec=$(dirname "$(find /usr/local/libexec /usr/libexec -name keeper 2>/dev/null | head -n 1)")
profile=demo

# A line of its own for each row, however wide the words are.
cat >/usr/local/sbin/rows <<'SCRIPT'
#!/bin/sh
vfio-run check --json "$1" 2>&1 | tr -s '\n ' ' ' | sed 's/}, *{/}\n{/g'
echo
SCRIPT
chmod 755 /usr/local/sbin/rows
# says ROW OK PATTERN: of the rows in $out
says() { printf '%s\n' "$out" | grep -E "\"check\": *\"$1\", *\"ok\": *$2" | grep -Eq -- "$3"; }
# red ROW TITLE PATTERN, with the answers of check and run in $out
red() {
	if says "$1" false "$3" && printf '%s\n' "$out" | grep -q '^run=3$'; then
		pass "$2: \"$1\" is red, and a run is exit 3"
	else
		fail "$2: \"$1\" is red, and a run is exit 3"
		diag "$out"
	fi
}
ask() { rows $profile; vfio-run $profile 2>&1; echo "run=$?"; }
# walk ROW TITLE PATTERN SCRIPT: `ask` in it asks
walk() {
	out=$(unshare -m sh -c "ask() { rows $profile; vfio-run $profile 2>&1; echo run=\$?; }; $4" 2>&1)
	red "$1" "$2" "$3"
}
PATH=/usr/local/sbin:$PATH

fingerprint_before
vfio-run check demo >&2
is $? 0 "before: everything is green"
out=$(rows demo)
ok "the jail was built, and QEMU executed in it" says jail true 'QEMU can be executed in its jail'
unlike "$out" '"ok": *false' "no check is red"

# The first thing that a new user asks of a VM that has never run: its variables are not there yet.
profile /etc/vfio-run/new.profile
sed -i 's/^firmware = bios/firmware = uefi/' /etc/vfio-run/new.profile
out=$(rows new)
if says firmware true .; then
	ok "of a VM that has never run" says jail true 'QEMU can be executed in its jail'
	not_ok "and it has no variables now" test -e /home/vmuser/.local/state/vfio-run/new
else
	skip "of a VM that has never run" "this machine has no UEFI firmware for guests"
fi
rm /etc/vfio-run/new.profile

walk programs 'a mount without exec' '/keeper cannot be executed: Permission denied' \
	"mount --bind $libexec $libexec && mount -o remount,bind,noexec $libexec && ask"
walk run 'a read-only /run' '/run is read-only' \
	'mount --bind /run /run && mount -o remount,bind,ro /run && ask'
walk run 'a full /run' '/run is full' 'mount -t tmpfs -o size=4k,mode=755 tmpfs /run && ask'
walk run 'a /run/vfio-run that others can write' 'others than root can write to it' \
	'mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/vfio-run && chmod 777 /run/vfio-run && ask'
walk sysfs 'a read-only /sys' 'driver_override cannot be written: Read-only file system' \
	'mount --bind /sys /sys && mount -o remount,bind,ro /sys && ask'
walk sysfs 'a mount over a device' 'something else is mounted over it' \
	"echo x >/tmp/attribute && mount --bind /tmp/attribute $PCI/$LAB_GPU/driver_override && ask"
for c in sys_admin mknod setpcap; do # test-checks.c has the others
	walk capabilities "no CAP_$c" "CAP_[A-Z_]+ is missing" \
		"setpriv --bounding-set=-$c sh -c 'rows $profile; vfio-run $profile 2>&1; echo run=\$?'"
done
walk limits 'a limit of locked memory' 'cannot be locked: the limit is 1 MiB' \
	"ulimit -l 1024; setpriv --bounding-set=-sys_resource sh -c 'rows $profile; vfio-run $profile 2>&1; echo run=\$?'"
for n in mnt net; do
	was=$(cat /proc/sys/user/max_${n}_namespaces)
	echo 0 >/proc/sys/user/max_${n}_namespaces
	out=$(ask 2>&1)
	echo "$was" >/proc/sys/user/max_${n}_namespaces
	red namespaces "no $n namespaces" "max_${n}_namespaces is 0"
done
if echo +pids >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null && mkdir /sys/fs/cgroup/box; then
	echo 12 >/sys/fs/cgroup/box/pids.max
	# shellcheck disable=SC2016 # for the inner shell
	out=$(sh -c 'echo $$ >/sys/fs/cgroup/box/cgroup.procs; rows demo; vfio-run demo 2>&1; echo run=$?' 2>&1)
	rmdir /sys/fs/cgroup/box
	echo -pids >/sys/fs/cgroup/cgroup.subtree_control
	red tasks 'a cgroup that is nearly full' 'more processes are allowed in the cgroup /box'
else
	skip 'a cgroup that is nearly full' 'there is no cgroup v2 here'
fi

# ---- the VM's user and its files ------------------------------------------------------------------

profile="more"
cp /etc/passwd /etc/group /tmp/
sed 's/^vmuser:\([^:]*\):\([0-9]*\):[0-9]*:/gidzero:\1:4242:0:/' /tmp/passwd | grep '^gidzero' >>/etc/passwd
sed -i 's/^disk:.*/&,vmuser/; s/:,vmuser/:vmuser/' /etc/group
sed 's/^user = .*/user = gidzero/' /etc/vfio-run/demo.profile >/etc/vfio-run/more.profile
out=$(ask 2>&1)
red user 'a user whose primary group is root' "primary group is root's"
mkdir -p /vms && echo x >/vms/team.raw && chown root:disk /vms/team.raw && chmod 660 /vms/team.raw
with_disk() { { cat /etc/vfio-run/demo.profile; printf '[disk]\npath = %s\nformat = raw\nreadonly = %s\n' "$1" "$2"; } >/etc/vfio-run/more.profile; }
with_disk /vms/team.raw no
out=$(ask 2>&1)
red files 'an image of a further group' 'but through a further group'
with_disk /proc/version yes
out=$(ask 2>&1)
red files 'an image in /proc' 'of which the jail has its own'
cp /tmp/passwd /tmp/group /etc/

# ---- every step of the jail: the check "jail" does it, by the code of a run ------------------------

# step CALL PATTERN: the kernel refuses a call that only the jail makes
step() {
	case $1 in mknod) set -- mknod,mknodat "$2" ;; esac
	out=$(strace -f -qq -o /dev/null -e trace="$1" -e inject="$1:error=EPERM${3:+:when=$3}" /usr/local/sbin/rows demo 2>&1)
	if says jail false "($2).*Operation not permitted"; then
		pass "$1${3:+, number $3,} is refused: \"jail\" is red, and says which step"
	else
		fail "$1${3:+, number $3,} is refused: \"jail\" is red, and says which step"
		diag "$out"
	fi
}
LC_ALL=C
export LC_ALL
step mount 'separating mounts'
step mount "mounting its /proc" 2
step mount 'making a root' 3
step mount 'making /dev' 4
step open_tree 'taking hold of'
step mount_setattr 'restricting'
step mknod 'making the node|making a place'
step pivot_root 'changing the root'
step umount2 'leaving the old root'
step move_mount 'putting in'
step sethostname 'naming its host'
rm -rf /vms /etc/vfio-run/more.profile /tmp/attribute /tmp/passwd /tmp/group
fingerprint_after 'nothing of all that has changed the host'

# ---- the kernel's modules --------------------------------------------------------------------------

modprobe -r vfio_pci vfio_iommu_type1
profile=demo
walk modules 'a kernel without its modules' "the running kernel's modules are not there" \
	"mkdir -p /tmp/none && mount --bind /tmp/none /lib/modules/$(uname -r) && ask"
modprobe -r vfio_pci vfio_iommu_type1 # what was there is asked for again
[ -e /sys/kernel/security/lockdown ] || mount -t securityfs securityfs /sys/kernel/security
if echo integrity >/sys/kernel/security/lockdown; then
	out=$(rows demo)
	ok 'under lockdown a module with a signature is fine' says modules true '.'
	# the last bytes say that there is one; a module that the driver needs counts, too
	file=$(modinfo -F filename vfio_pci_core)
	case $file in *.xz) pack=xz ;; *.zst) pack=zstd ;; *.gz) pack=gzip ;; *) pack="cat" ;; esac
	if [ $pack = cat ]; then cat "$file"; else $pack -dc "$file"; fi | head -c -28 | $pack >/tmp/unsigned
	walk modules 'a module without a signature, under lockdown' 'lockdown forbids to load one without a signature' \
		"mount --bind /tmp/unsigned $file && ask"
	rm /tmp/unsigned
else
	skip 'a module without a signature' 'this kernel has no lockdown'
fi
echo 1 >/proc/sys/kernel/modules_disabled
out=$(ask 2>&1)
red modules 'modules_disabled' 'kernel.modules_disabled forbids to load one'
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" "bochs-drm snd_hda_intel" "the card stays where it was"
done_testing
