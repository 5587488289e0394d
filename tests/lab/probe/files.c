// SPDX-License-Identifier: GPL-2.0-or-later
/* files.c - files of the system, of the user, of others; and the file systems they are on */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/lab/probe/probe.h"

static const char *const closed[] = {
	"/etc/passwd", "/etc/shadow", "/etc/group", "/etc/hostname", "/etc/sudoers", "/etc/ssh",
	"/etc/vfio-run", "/etc/machine-id", "/etc/fstab", "/etc/resolv.conf", "/root",
	"/root/secret", "/root/.ssh", "/home", "/home/vmuser", "/home/vmuser/secret",
	"/home/vmuser/.config", "/home/vmuser/.ssh/id_ed25519", "/tmp", "/tmp/secret", "/run",
	"/run/secret", "/run/vfio-run", "/run/vfio-run/state", "/run/user", "/run/systemd", "/var",
	"/var/tmp", "/var/log", "/var/lib", "/boot", "/mnt", "/media", "/srv", "/opt",
	"/lost+found", "/sys/kernel", "/sys/class", "/sys/module", "/sys/firmware",
	"/sys/fs/cgroup", "/sys/bus/pci/drivers", "/sys/bus/usb", "/sys/devices/virtual",
	"/sys/devices/platform", "/proc/cmdline", "/proc/kcore", "/proc/kallsyms", "/proc/kmsg",
	"/proc/modules", "/proc/keys", "/proc/iomem", "/proc/sys", "/proc/sysrq-trigger",
	"/proc/bus", "/proc/2", "/proc/acpi", "/proc/partitions", "/proc/version",
	"/proc/self/root/etc/passwd", "/proc/self/cwd/../../etc/passwd", "/proc/1/root/root",
	"/../../../etc/passwd", "/dev/../etc/passwd",
};

static const char *const unwritable[] = {
	"/written", "/dev/written", "/usr/written", "/usr/bin/written", "/usr/lib/written",
	"/etc/written", "/etc/ld.so.cache", "/etc/ld.so.preload", "/sys/written", "/proc/written",
	"/proc/self/exe", "/proc/1/exe", "/usr/bin/qemu-standin",
	"/proc/self/oom_score_adj_", "/sys/devices/system/cpu/online",
};

/* A file system, and the flags that it must have. */
static void try_flags(const char *path, unsigned long wanted)
{
	struct statvfs fs;
	bool wrong = statvfs(path, &fs) || (fs.f_flag & wanted) != wanted;

	row("G16", wrong, "%s: mounted with %#lx, not %#lx", path, fs.f_flag, wanted);
}

void try_files(const char *own)
{
	char beside[600];
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(closed); i++) {
		fd = open(closed[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		row("G1", fd >= 0, "opened %s", closed[i]);
		if (fd >= 0)
			close(fd);
	}
	for (size_t i = 0; i < ARRAY_SIZE(unwritable); i++) {
		fd = open(unwritable[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		row("G7", fd >= 0, "opened %s for writing", unwritable[i]);
		if (fd >= 0)
			close(fd);
	}
	snprintf(beside, sizeof(beside), "%.*s/made", (int)(strrchr(own, '/') - own), own);
	fd = open(beside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	row("G1", fd >= 0, "made a file beside its own");
	snprintf(beside, sizeof(beside), "%.*s/probe-ro.raw", (int)(strrchr(own, '/') - own), own);
	fd = open(beside, O_RDONLY | O_CLOEXEC);
	row("G1", fd < 0, "its second file cannot be read: %s", strerror(errno));
	fd = open(beside, O_RDWR | O_CLOEXEC);
	row("G1", fd >= 0 || errno != EROFS, "a file that is to be read was opened for writing");
	row("G6", chdir("/proc/self/fd/0") == 0 || chdir("/proc/self/fd/3") == 0, "left by a descriptor");
	row("G6", chdir("/proc/1/root/..") == 0 && access("/root", F_OK) == 0, "left the root");
	row("G11", mkdir("/made", 0700) == 0, "made a directory");
	try_flags("/", ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC);
	try_flags("/dev", ST_RDONLY | ST_NOSUID | ST_NOEXEC);
	try_flags("/usr", ST_RDONLY | ST_NOSUID | ST_NODEV);
	try_flags("/proc/self", ST_NOSUID | ST_NODEV | ST_NOEXEC);
	try_flags("/sys/devices/system", ST_RDONLY | ST_NOSUID | ST_NODEV);
	try_flags(own, ST_NOSUID | ST_NODEV | ST_NOEXEC);
	try_flags(beside, ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC);
}

/* ---- device nodes ------------------------------------------------------------------------- */

static const char *const devices[] = {
	"mem", "port", "kmsg", "kvm", "fuse", "uinput", "uhid", "net/tun", "hpet", "rtc0", "sda",
	"vda", "nvme0", "nvme0n1", "loop0", "loop-control", "dm-0", "mapper/control", "sr0", "sg0",
	"input/event0", "input/mice", "tty", "tty0", "tty1", "console", "ptmx", "pts/0", "ttyS0",
	"snd/controlC0", "snd/pcmC0D0p", "dri/card0", "dri/renderD128", "fb0", "shm", "mqueue",
	"hugepages", "bus/usb/001/001", "cpu/0/msr", "vhost-net", "vhost-vsock", "userfaultfd",
	"iommu", "udmabuf", "watchdog", "snapshot", "autofs", "btrfs-control", "cuse", "rfkill",
};

static void try_group_nodes(void)
{
	DIR *dir = opendir("/dev/vfio");
	struct dirent *e;
	int groups = 0;

	while (dir && (e = readdir(dir)))
		groups += *e->d_name >= '0' && *e->d_name <= '9';
	if (dir)
		closedir(dir);
	row("G16", groups > 1, "%d VFIO groups, and one card", groups);
}

void try_devices(void)
{
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		snprintf(path, sizeof(path), "/dev/%s", devices[i]);
		row("G16", access(path, F_OK) == 0, "%s is there", path);
	}
	try_group_nodes();
	row("G16", access("/dev/null", R_OK | W_OK) != 0, "its own /dev/null is not there");
	if (!filtered) { /* else among the calls */
		row("G16", mknod("/made", S_IFCHR | 0600, 0x101) == 0, "made a node for memory");
		row("G16", mknod("/dev/made", S_IFBLK | 0600, 0x800) == 0, "made a node for a disk");
	}
}
