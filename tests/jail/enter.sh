# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# enter.sh - what check-beside and check-passt share: a guest's files, and another system as the root
#
# In a mount namespace of its own, with a tmpfs at /mnt; $here is the folder of this file.

# shellcheck disable=SC2154 # here

# guest_files KERNEL INIT MODULE...: /mnt/vmlinuz, /mnt/initrd
guest_files() {
	_kernel=$1 _init=$2
	shift 2
	VFIO_RUN_INIT=$_init "$here/../lab/kernel" --initramfs /mnt/initrd "$@" >&2 || return
	cp "$_kernel/vmlinuz" /mnt/vmlinuz && chmod 644 /mnt/vmlinuz /mnt/initrd
}

# enter FOLDER: that folder becomes the root of this namespace; /mnt stays
enter() {
	mount --bind "$1" "$1" && mount --rbind /proc "$1/proc" && mount -t sysfs sysfs "$1/sys" &&
		{ [ ! -d /sys/fs/cgroup ] || mount --rbind /sys/fs/cgroup "$1/sys/fs/cgroup"; } && mount -t tmpfs -o mode=0755 tmpfs "$1/dev" &&
		mount --rbind /mnt "$1/mnt" && mount -t tmpfs -o mode=1777 tmpfs "$1/tmp" && cd "$1" || return 1
	for node in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0'; do
		# shellcheck disable=SC2086 # its name and two numbers
		set -- $node
		mknod -m 666 "dev/$1" c "$2" "$3" || return 1
	done
	mkdir -m 1777 dev/shm
	ln -s /proc/self/fd dev/fd
	mkdir -p mnt/old && pivot_root . mnt/old && cd / && umount -l /mnt/old
}
