# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# check-held-nvme - a disk that is in use is refused in every form, and stays as it was
. "$LAB_DIR/lib.sh"
nvme=0000:03:00.0
p=/etc/vfio-run/disk.profile

plain_profile $p "[display]" "type = none" "[pci]" "device = $nvme"

# refused WHAT REGEX: a run, a detach and a check all say so, and change nothing
refused() {
	fingerprint_before
	out=$(timeout 60 /usr/local/bin/vfio-run disk 2>&1)
	is $? 3 "$1: a run is exit 3"
	like "$out" "$2" "$1: it says why"
	# what is mounted now is mounted at the next boot
	out=$(vfio_run detach --at-boot -y $nvme 2>&1)
	is $? 3 "$1: detach --at-boot is exit 3"
	like "$out" "$2" "$1: it says why"
	not_ok "$1: no rule is written" test -e /etc/udev/rules.d/10-vfio-run.rules
	out=$(vfio_run detach $nvme 2>&1)
	is $? 3 "$1: a detach is exit 3"
	like "$out" "$2" "$1: it says why, too"
	out=$(vfio_run_ascii check disk 2>&1)
	is $? 3 "$1: check is exit 3"
	like "$out" "storage +.*$2" "$1: the row is storage"
	is "$(driver_of $nvme)" nvme "$1: the disk is on its driver"
	fingerprint_after "$1: nothing was touched"
}

ok "the disk is mounted" hold_nvme
refused "mounted" 'nvme0n1 is mounted at /mnt'
ok "the file system can be written" sh -c 'echo alive >/mnt/file && sync /mnt/file && grep -q alive /mnt/file'
umount /mnt

mkswap /dev/nvme0n1 >/dev/null
ok "the disk is swap" swapon /dev/nvme0n1
refused "swap" 'nvme0n1 is used as swap'
swapoff /dev/nvme0n1

modprobe dm_mod
if command -v vgcreate >/dev/null; then
	vgcreate lab /dev/nvme0n1 >&2 && lvcreate -l 50%VG -n data lab >&2
	refused "LVM" 'LVM volume lab-data'
	vgchange -an lab >&2
else
	ok "a device-mapper volume is on it" dmsetup create thing --table "0 65536 linear /dev/nvme0n1 0"
	refused "device-mapper" 'part of the device-mapper volume thing'
	busybox mke2fs -F /dev/dm-0 >&2 && mount -t ext4 /dev/dm-0 /mnt
	refused "a file system on it" 'mounted at /mnt'
	umount /mnt
	dmsetup remove thing
fi

# Mounted where our own list of mounts does not show it: the kernel is asked.
busybox mke2fs -F /dev/nvme0n1 >&2
unshare -m sh -c 'mount -t ext4 /dev/nvme0n1 /mnt && exec sleep 1000' &
holder=$!
wait_for 20 grep -qx sleep /proc/$holder/comm # what it becomes, once the disk is mounted
refused "a mount in another namespace" 'the kernel has claimed nvme0n1'
kill $holder
wait $holder 2>/dev/null

# A process that has it open has not claimed it: it is a holder.
(exec 9<>/dev/nvme0n1; exec sleep 1000) &
holder=$!
wait_for 10 sh -c "ls -l /proc/$holder/fd | grep -q nvme0n1"
out=$(vfio_run disk 2>&1)
is $? 3 "open in a process: exit 3"
like "$out" "/dev/nvme0n1 is open in sleep \\(pid $holder, user root" "it is named"
kill $holder
wait $holder 2>/dev/null

fingerprint_before
out=$(vfio_run detach $nvme 2>&1)
is $? 0 "a disk that nobody uses goes"
is "$(driver_of $nvme)" vfio-pci "it is on vfio-pci"
vfio_run attach
wait_for 20 test -b /dev/nvme0n1
fingerprint_after "and comes back"
diag "$out"
done_testing
