/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checks-keeper.c - rows: what the keeper's own steps need, asked while nothing is touched
 *
 * Each is the counterpart of places in launcher/keeper where a run would be refused, or where it
 * would fail after the first change; tests/unit/refusals.txt has them one by one.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/programs.h"
#include "launcher/plan/checks/checks-rows.h"

#define STATUS_SIZE 8192       /* masks of CPUs and memory nodes are in it */
#define RUN_BYTES (128u << 10) /* a journal with its reserve, announcement, status, locks */
#define RUN_FILES 16
#define TASKS_NEEDED 16 /* keeper, standby, worker, vfio-qmp, QEMU before its guest's processors */

/* ---- /sys can be written --------------------------------------------------------------- */

/*
 * What the worker will find when it opens it for writing, and proves that it is sysfs.
 * Return: 0 or -errno; -EXDEV: something else is mounted there
 */
static int try_attribute(const struct checking *c, const char *path)
{
	cleanup_close int fd = openat(c->root, path, O_PATH | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0)
		return -errno;
	/* of others than root a read-only mount alone shows */
	if (faccessat(c->root, path, W_OK, AT_EACCESS) && (row_is_root(c) || errno == EROFS))
		return -errno;
	if (!host_is_live(c->host))
		return 0;
	return fstatfs(fd, &fs) || fs.f_type != SYSFS_MAGIC ? -EXDEV : 0;
}

void check_sysfs(struct checking *c)
{
	for (size_t i = 0; i < c->device_count; i++) {
		const struct host_device *d = c->device[i].host;
		char path[128];
		int r;

		if (d->stuck)
			continue;
		(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/%s",
			       d->expected ? d->physfn : d->name,
			       d->expected ? "sriov_numvfs" : "driver_override");
		r = try_attribute(c, path);
		if (!r)
			continue;
		row_failed(c,
			   r == -EROFS
				   ? "`mount -o remount,rw /sys`; in a container, start it outside"
				   : "`umount` what is mounted there",
			   "/%s cannot be written: %s", path,
			   r == -EXDEV ? "something else is mounted over it" : strerror(-r));
		return; /* one is enough: it is the same mount */
	}
}

/* ---- /run keeps locks and journal --------------------------------------------------------- */

static void check_run_dir(struct checking *c, const char *path)
{
	struct stat st = { .st_mode = 0 };

	if (fstatat(c->root, path, &st, AT_SYMLINK_NOFOLLOW))
		return; /* it is made */
	if (!S_ISDIR(st.st_mode))
		row_failed(c, "take it away: it is not vfio-run's", "/%s is no directory", path);
	else if (st.st_uid || st.st_mode & 0022)
		row_failed(c,
			   "take it away, or make it root's alone: `chmod go-w` and `chown root`",
			   "/%s: others than root can write to it", path);
}

void check_run(struct checking *c)
{
	struct statvfs fs = { .f_flag = 0 };
	int fd = openat(c->root, "run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 || fstatvfs(fd, &fs) ? -errno : 0;

	if (fd >= 0)
		(void)close(fd);
	if (r && (r != -ENOENT || host_is_live(c->host))) {
		row_failed(c, "mount a tmpfs there: `mount -t tmpfs -o mode=755 tmpfs /run`",
			   "/run, which keeps the journal, is not there: %s", strerror(-r));
		return;
	}
	if (r)
		return;
	if (fs.f_flag & ST_RDONLY)
		row_failed(c, "`mount -o remount,rw /run`",
			   "/run is read-only: no journal can be kept there");
	else if ((fs.f_blocks && (uint64_t)fs.f_bavail * fs.f_frsize < RUN_BYTES) || /* 0: no limit */
		 (fs.f_files && fs.f_ffree < RUN_FILES))
		row_failed(c, "make room in it; `df -h /run` shows how full it is",
			   "/run is full: no journal can be kept there");
	check_run_dir(c, "run/vfio-run");
	check_run_dir(c, "run/vfio-run/state");
}

/* ---- vfio-run's own programs --------------------------------------------------------------- */

void check_programs(struct checking *c)
{
	static const char *const needed[] = { "keeper", "module", "session", "vfio-qmp" };
	char path[PATH_MAX + 32];

	if (!host_is_live(c->host))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		int r = host_program_test(needed[i], path, sizeof(path));

		if (r)
			row_failed(
				c,
				r == -EACCES
					? "`mount -o remount,exec` its file system, or `chmod 755` it"
					: "install vfio-run again",
				"%s cannot be executed: %s", path,
				r == -EPERM ? "others than root can write it" : strerror(-r));
	}
}

/* ---- what this process is allowed ------------------------------------------------------------ */

/* What stands behind "\nKEY:" and blanks in a file like /proc/self/status; NULL: nothing does. */
static const char *value_of(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = text; line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (!strncmp(line, key, length))
			return line + length + strspn(line + length, ": \t");
	return NULL;
}

/* clang-format off */
static const struct {
	int capability;
	const char *name, *why;
} capabilities[] = {
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "give QEMU namespaces and a root of its own" },
	{ CAP_MKNOD,     "CAP_MKNOD",     "make the nodes of QEMU's /dev" },
	{ CAP_CHOWN,     "CAP_CHOWN",     "give them to the VM's user" },
	{ CAP_SETUID,    "CAP_SETUID",    "become the VM's user" },
	{ CAP_SETGID,    "CAP_SETGID",    "leave all groups but the VM's user's" },
	{ CAP_SETPCAP,   "CAP_SETPCAP",   "leave QEMU no capability" },
	{ CAP_KILL,      "CAP_KILL",      "end QEMU, another user's process" },
	{ CAP_SYS_NICE,  "CAP_SYS_NICE",  "put QEMU's threads on their CPUs" },
};
/* clang-format on */

/* Of one that has nothing to pin, less is asked. */
static bool needs(const struct checking *c, int capability)
{
	const struct profile *p = c->profile;

	return capability != CAP_SYS_NICE ||
	       (p && (p->pin.count || p->affinity.count || p->emulator_pin.count ||
		      p->iothread_pin.count));
}

static bool read_proc(struct checking *c, const char *path, char buf[STATUS_SIZE])
{
	int r = sysfs_read(c->root, path + 1, buf, STATUS_SIZE);

	if (r < 0)
		row_file_error(c, path, r);
	return r >= 0;
}

void check_capabilities(struct checking *c)
{
	char text[STATUS_SIZE];
	const char *value;
	uint64_t effective;

	if (host_is_live(c->host) && geteuid()) {
		row_skipped(c, "not checked: it is root's that count");
		return;
	}
	if (!read_proc(c, "/proc/self/status", text))
		return;
	value = value_of(text, "CapEff:");
	effective = value ? strtoull(value, NULL, 16) : 0;
	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++)
		if (needs(c, capabilities[i].capability) &&
		    !(effective >> capabilities[i].capability & 1))
			row_failed(
				c,
				"start it where root has all of them: outside a container, or with "
				"`CapabilityBoundingSet=` in the unit",
				"%s is missing: the keeper could not %s", capabilities[i].name,
				capabilities[i].why);
}

/* Source: proc(5), /proc/PID/limits: name, soft, hard, unit. UINT64_MAX: unlimited */
static uint64_t hard_limit(const char *text, const char *name)
{
	const char *value = value_of(text, name);

	if (!value)
		return UINT64_MAX;
	value += strcspn(value, " ");
	value += strspn(value, " ");
	return *value == 'u' ? UINT64_MAX : strtoull(value, NULL, 10);
}

/* Root may raise any limit, unless CAP_SYS_RESOURCE was taken away. */
void check_limits(struct checking *c)
{
	char text[STATUS_SIZE];
	const char *value;
	uint64_t locked = c->profile && c->plan && c->plan->requested_count ? c->profile->memory_bytes : 0;

	if (host_is_live(c->host) && geteuid()) {
		row_skipped(c, "not checked: it is root's that count");
		return;
	}
	if (!read_proc(c, "/proc/self/status", text))
		return;
	value = value_of(text, "CapEff:");
	if (value && strtoull(value, NULL, 16) >> CAP_SYS_RESOURCE & 1)
		return;
	if (!read_proc(c, "/proc/self/limits", text))
		return;
	if (hard_limit(text, "Max locked memory") < locked)
		row_failed(c,
			   "`LimitMEMLOCK=infinity` in the unit, or `ulimit -l unlimited` before",
			   "the guest's %" PRIu64 " MiB cannot be locked: the limit is %" PRIu64
			   " MiB, and CAP_SYS_RESOURCE is missing",
			   locked >> 20, hard_limit(text, "Max locked memory") >> 20);
	if (hard_limit(text, "Max processes") < TASKS_NEEDED)
		row_failed(c, "`LimitNPROC=infinity` in the unit, or `ulimit -u unlimited` before",
			   "at most %" PRIu64 " processes are allowed here",
			   hard_limit(text, "Max processes"));
}

/* ---- what this kernel allows -------------------------------------------------------------------
 */

void check_namespaces(struct checking *c)
{
	static const char *const needed[] = { "mnt", "pid", "ipc", "uts", "net", "user" };
	const struct plan_host_facts *facts = c->request->facts;
	size_t count = ARRAY_SIZE(needed) - !(facts && facts->virtiofsd_of_qemu);
	char path[64], text[32];

	for (size_t i = 0; i < count; i++) { /* the last is virtiofsd's, where it is QEMU's own */
		(void)snprintf(path, sizeof(path), "proc/sys/user/max_%s_namespaces", needed[i]);
		if (sysfs_read(c->root, path, text, sizeof(text)) > 0) {
			if (strtol(text, NULL, 10) <= 0)
				row_failed(
					c,
					"`sysctl -w user.max_mnt_namespaces=1000`, and so on for all of them",
					"/%s is 0: QEMU cannot have namespaces of its own", path);
			continue;
		}
		(void)snprintf(path, sizeof(path), "proc/self/ns/%s", needed[i]);
		if (host_is_live(c->host) && faccessat(c->root, path, F_OK, AT_SYMLINK_NOFOLLOW))
			row_failed(c, "boot a kernel with all namespaces",
				   "this kernel has no %s namespaces", needed[i]);
	}
}

void check_seccomp(struct checking *c)
{
	char text[STATUS_SIZE];

	if (c->profile && c->profile->sandbox == PROFILE_SANDBOX_OFF)
		return;
	if (read_proc(c, "/proc/self/status", text) && !value_of(text, "Seccomp:"))
		row_failed(c, "boot a kernel with CONFIG_SECCOMP_FILTER",
			   "this kernel cannot filter QEMU's system calls");
}

/* ---- room for processes
 * --------------------------------------------------------------------------- */

/* -1: no limit, or none that can be read */
static int64_t tasks_left(struct checking *c, const char *group)
{
	char path[PATH_MAX], text[32];
	int64_t most, now;

	(void)snprintf(path, sizeof(path), "sys/fs/cgroup%s/pids.max", group);
	if (sysfs_read(c->root, path, text, sizeof(text)) <= 0 || *text == 'm')
		return -1;
	most = strtoll(text, NULL, 10);
	(void)snprintf(path, sizeof(path), "sys/fs/cgroup%s/pids.current", group);
	if (sysfs_read(c->root, path, text, sizeof(text)) <= 0)
		return -1;
	now = strtoll(text, NULL, 10);
	return most > now ? most - now : 0;
}

/* The cgroup of this process and those above it, of cgroup v2 alone. */
void check_tasks(struct checking *c)
{
	char text[STATUS_SIZE];
	char *group, *slash;

	if (sysfs_read(c->root, "proc/self/cgroup", text, sizeof(text)) < 0)
		return;
	group = strncmp(text, "0::/", 4) ? strstr(text, "\n0::/") : text;
	if (!group)
		return;
	group = strchr(group, '/');
	group[strcspn(group, "\n")] = '\0';
	for (;; *slash = '\0') {
		int64_t left = tasks_left(c, group);

		if (left >= 0 && left < TASKS_NEEDED)
			row_failed(c, "`TasksMax=` of its unit, or end what runs in it",
				   "only %" PRId64 " more processes are allowed in the cgroup %s",
				   left, group);
		slash = strrchr(group, '/');
		if (!slash || slash == group)
			return;
	}
}
