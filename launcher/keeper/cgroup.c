/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup.c - a place of its own for each kind of process, where cgroup v2 offers one
 *
 *	/sys/fs/cgroup/vfio-run/NAME/
 *	  keeper  twin  worker  vm
 *
 * Whoever ends a session by its cgroup does not end the VM with it, and a helper that
 * forked is killed with all it started. Nothing here is needed for the guarantee: no
 * cgroup v2, one that cannot be written, or one that is somebody else's to arrange, as
 * systemd's is, and every function does nothing. So none of them reports an error.
 *
 * The directory belongs to whoever holds the journal of that name: made after its lock
 * was taken, taken away before the lock is given up, so what a dead keeper left goes
 * with its journal.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/caps.h"
#include "launcher/keeper/cgroup.h"
#include "launcher/keeper/keep.h"

#define ALL "vfio-run"		       /* what is below it is ours */
#define SYSTEMD "/run/systemd/system" /* there: systemd arranges all cgroups; sd_booted(3) */

/* The second is what OpenRC calls hybrid. */
static const char *const roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

static const char *const leaf_names[CGROUP_LEAVES] = {
	[CGROUP_KEEPER] = "keeper",
	[CGROUP_TWIN] = "twin",
	[CGROUP_WORKER] = "worker",
	[CGROUP_VM] = "vm",
};

/* Where cgroup v2 is mounted, or NULL. */
static const char *find_root(void)
{
	struct statfs fs;

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++)
		if (statfs(roots[i], &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return roots[i];
	return NULL;
}

/* Is it our job to make directories there? */
static bool is_ours(void)
{
	return access(SYSTEMD, F_OK) < 0 && errno == ENOENT;
}

static int write_file(const char *folder, const char *leaf, const char *file, const char *text)
{
	char path[CGROUP_PATH_MAX + 64];
	cleanup_close int fd = -1;

	(void)snprintf(path, sizeof(path), "%s/%s/%s", folder, leaf, file);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static int move(const char *folder, const char *leaf, pid_t pid)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d", (int)pid); /* 0: whoever writes it */
	return write_file(folder, leaf, "cgroup.procs", text);
}

static int make(const char *folder, const char *name)
{
	char path[CGROUP_PATH_MAX + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* The line "0::/PATH" of /proc/self/cgroup; the root for a path that leads out of our view. */
static void find_home(const char *root, char home[CGROUP_PATH_MAX])
{
	char text[4096], *line;
	int n = -1;

	if (sysfs_read(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text)) <= 0)
		*text = '\0';
	line = strncmp(text, "0::/", 4) ? strstr(text, "\n0::/") : text;
	if (line) {
		line = strchr(line, '/');
		line[strcspn(line, "\n")] = '\0';
		if (!strstr(line, "/../"))
			n = snprintf(home, CGROUP_PATH_MAX, "%s%s", root, line);
	}
	if (n < 0 || n >= CGROUP_PATH_MAX)
		(void)snprintf(home, CGROUP_PATH_MAX, "%s", root);
}

static int make_leaves(const char *base)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < CGROUP_LEAVES; i++)
		rc = make(base, leaf_names[i]);
	return rc ? rc : move(base, leaf_names[CGROUP_KEEPER], 0);
}

/* The topmost directory has the mode 0555: its owner needs CAP_DAC_OVERRIDE to write there. */
static void take_away(const char *path)
{
	if (rmdir(path) == 0 || errno != EACCES)
		return;
	caps_raise(CAP_DAC_OVERRIDE);
	(void)rmdir(path);
	caps_rest();
}

static int make_own(struct cgroup *c, const char *root, const char *name)
{
	char path[CGROUP_PATH_MAX - 32];
	int rc = make(root, ALL);

	caps_plan(CAP_DAC_OVERRIDE); /* take_away() */
	find_home(root, c->home);
	(void)snprintf(path, sizeof(path), ALL "/%s", name);
	if (!rc)
		rc = make(root, path);
	(void)snprintf(c->base, sizeof(c->base), "%s/%s", root, path);
	return rc ? rc : make_leaves(c->base);
}

/**
 * cgroup_setup() - make the leaves of a run and move this process into the keeper's
 *
 * After journal_begin(), while the journal's lock is held, and before twin and worker are
 * forked. Only a run has leaves; a unit's processes stay where systemd has put them.
 */
void cgroup_setup(struct keep *k)
{
	const char *root = find_root();
	int rc;

	if (k->plan->job != KEEPER_RUN || !root || !is_ours())
		return;
	rc = make_own(&k->cgroup, root, k->journal.name);
	if (!rc)
		return;
	log_verbose("no cgroup below %s: %s", root, strerror(-rc));
	cgroup_remove(k);
}

/** cgroup_enter() - move this process into a leaf; for a child, before anything else */
void cgroup_enter(const struct keep *k, enum cgroup_leaf leaf)
{
	cgroup_place(k, leaf, 0);
}

/** cgroup_place() - move a child into a leaf, before it does anything */
void cgroup_place(const struct keep *k, enum cgroup_leaf leaf, pid_t pid)
{
	if (*k->cgroup.base)
		(void)move(k->cgroup.base, leaf_names[leaf], pid);
}

/**
 * cgroup_kill() - SIGKILL for everything in a leaf, forked or not
 *
 * Source: Documentation/admin-guide/cgroup-v2.rst, cgroup.kill; Linux 5.14
 */
void cgroup_kill(const struct keep *k, enum cgroup_leaf leaf)
{
	if (*k->cgroup.base)
		(void)write_file(k->cgroup.base, leaf_names[leaf], "cgroup.kill", "1");
}

static void go_home(const struct cgroup *c, const char *root, pid_t pid)
{
	if (move(c->home, ".", pid))
		(void)move(root, ".", pid); /* its own is gone by now */
}

/**
 * cgroup_remove() - go back to where the keeper came from, and take the leaves away
 *
 * With the twin, which ends when nothing is left that it could take over. While the
 * journal's lock is held; its name says whose leaves, a dead keeper's too. A leaf with a
 * process in it stays: one that hangs in a driver.
 */
void cgroup_remove(struct keep *k)
{
	const char *root = find_root(), *name = k->journal.name;
	char path[CGROUP_PATH_MAX + 64];

	if (*k->cgroup.home && root) {
		go_home(&k->cgroup, root, 0);
		if (k->twin.pid)
			go_home(&k->cgroup, root, k->twin.pid);
	}
	k->cgroup = (struct cgroup){ .base = "" };
	if (!root || !is_ours() || !*name || *name == '.')
		return;
	for (size_t i = 0; i < CGROUP_LEAVES; i++) {
		(void)snprintf(path, sizeof(path), "%s/" ALL "/%s/%s", root, name, leaf_names[i]);
		take_away(path);
	}
	(void)snprintf(path, sizeof(path), "%s/" ALL "/%s", root, name);
	take_away(path);
	(void)snprintf(path, sizeof(path), "%s/" ALL, root);
	take_away(path);
}
