/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contained.c - would what is started here end before the host does?
 *
 * A keeper and its standby guard each other: but a pid namespace ends as one, with its process 1,
 * and a /run of its own takes the journal along. No process on the host then knows of a
 * device that is left on vfio-pci.
 *
 * The first pid namespace is the one whose inode has the number that the kernel is built with;
 * all others have numbers from PROC_DYNAMIC_FIRST on. It is read of an nsfs file, which cannot
 * be forged, and of this process whatever /proc it is that is mounted: `self` is the reader, or is
 * not there. (NS_GET_PARENT does not help: EPERM for the first one, and for one whose parent is
 * out of reach.) /run is compared with that of process 1, for which /proc has to be the host's, as
 * it is when the first answer was the first pid namespace. Mount namespaces of units (PrivateTmp=,
 * ProtectSystem=) show the same file system at /run.
 * Source: include/linux/proc_ns.h, fs/proc/self.c, ioctl_nsfs(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/kernel/contained.h"

#define FIRST_PID_NAMESPACE 0xEFFFFFFCU /* PROC_PID_INIT_INO */

static enum host_contained ask_pids(void)
{
	cleanup_close int fd = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	struct statfs fs;
	struct stat st;

	if (fd < 0 || fstatfs(fd, &fs) || fs.f_type != NSFS_MAGIC || fstat(fd, &st))
		return HOST_PIDS_HIDDEN;
	return st.st_ino == FIRST_PID_NAMESPACE ? HOST_NOT_CONTAINED : HOST_OTHER_PIDS;
}

/* Below the root of process 1 its links lead to what they lead to there. */
static int look(int root, const char *path, struct stat *st)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	cleanup_close int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 || fstat(fd, st) ? -errno : 0;
}

static bool is_same(int ours, int theirs, const char *path)
{
	struct stat a = { .st_dev = 0 }, b = { .st_dev = 0 };
	int rc = look(ours, path, &a);

	if (rc != look(theirs, path, &b))
		return false;
	return rc ? rc == -ENOENT : a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static enum host_contained ask_run(void)
{
	cleanup_close int ours = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_close int theirs = open("/proc/1/root", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (ours < 0 || theirs < 0)
		return HOST_RUN_HIDDEN;
	/* the second may be a mount of its own, or not be there yet */
	return is_same(ours, theirs, "run") && is_same(ours, theirs, "run/vfio-run")
		       ? HOST_NOT_CONTAINED
		       : HOST_OTHER_RUN;
}

/**
 * host_contained() - is there a reason to think that a keeper would not outlive what it is in?
 *
 * The second question takes root with CAP_SYS_PTRACE: HOST_RUN_HIDDEN for others.
 */
enum host_contained host_contained(void)
{
	enum host_contained pids = ask_pids();

	return pids == HOST_NOT_CONTAINED ? ask_run() : pids;
}
