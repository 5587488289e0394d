/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup.c - a place of its own for each kind of process, where cgroup v2 offers one
 *
 *	/sys/fs/cgroup/vfio-run/NAME/
 *	  keeper  standby  worker  program  vm
 *
 * Under systemd, which arranges all cgroups, they are two scopes instead: the VM's, and
 * the keeper's, with a leaf for each of the others; see programs/scope.c.
 *
 * The user's own programs have a leaf for themselves and all that they become: no fork leaves it,
 * so all of it is ended with the VM, also by a standby that takes over.
 *
 * Ending a session by its cgroup then does not end the VM with it. Nothing here is needed
 * for the guarantee: no cgroup v2, one that cannot be written, a systemd that does not
 * answer, and every function does nothing. So none of them reports an error.
 *
 * A process is born in its leaf wherever that can be: moving one makes the kernel wait for
 * all processors (RCU), 10 ms, during which no process can be born in any. So one that was there
 * before its leaf moves later: the standby while drivers let go of their devices, the keeper
 * when QEMU has been let go.
 *
 * The directory belongs to the process that holds the journal of that name: made after its lock
 * was taken, taken away before the lock is given up, so what a dead keeper left goes
 * with its journal.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/base/unit-name.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/process/cgroup.h"
#include "launcher/keeper/keeper.h"
#include "launcher/keeper/process/scope.h"

#define ALL "vfio-run"		       /* what is below it is ours */
#define VM_STOP_S 30		       /* when QEMU's scope is stopped and not the keeper's */
#define LOOK_MS 20
#define LOOKS_MAX 100
#define EMPTY_MS 1000		       /* what was killed needs moments, what hangs for ever */
#define SYSTEMD "/run/systemd/system" /* there: systemd arranges all cgroups; sd_booted(3) */

/* The second is what OpenRC calls hybrid. */
static const char *const roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

static const char *const leaf_names[CGROUP_LEAVES] = {
	[CGROUP_KEEPER] = "keeper",
	[CGROUP_TWIN] = "standby",
	[CGROUP_WORKER] = "worker",
	[CGROUP_PROGRAM] = "program",
	[CGROUP_VM] = "vm",
};

/* Where cgroup v2 is mounted, or NULL. */
static const char *find_root(bool *unsure)
{
	struct statfs fs;

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		if (statfs(roots[i], &fs) < 0)
			*unsure |= errno != ENOENT;
		else if (fs.f_type == CGROUP2_SUPER_MAGIC)
			return roots[i];
	}
	return NULL;
}

/* Is it our job to make directories there? */
static bool is_ours(bool *unsure)
{
	if (access(SYSTEMD, F_OK) == 0)
		return false;
	*unsure |= errno != ENOENT;
	return errno == ENOENT;
}

/* Asked once: what was made has to be taken away by the same answer, and by the standby's. */
static void look(struct cgroup *c)
{
	bool unsure = false;

	c->root = find_root(&unsure);
	c->ours = c->root && is_ours(&unsure);
	c->unsure = unsure && !c->ours;
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

	(void)snprintf(text, sizeof(text), "%d", (int)pid); /* 0: the writer itself */
	return write_file(folder, leaf, "cgroup.procs", text);
}

static int make(const char *folder, const char *name)
{
	uint64_t before = caps_lend(CAP_DAC_OVERRIDE); /* as take_away() */
	char path[CGROUP_PATH_MAX + 64];
	int rc;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	rc = mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
	caps_take_back(before);
	return rc;
}

/*
 * Where a process is: the line "0::/PATH" of /proc/PID/cgroup. The root for a path that leads
 * out of our view.
 *
 * Return: false when /proc has no answer; the root then too
 */
static bool find(const char *root, pid_t pid, char home[CGROUP_PATH_MAX])
{
	uint64_t before = caps_lend(CAP_SYS_PTRACE); /* where /proc hides processes */
	char path[32], text[4096], *line;
	bool told;
	int n = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	told = sysfs_read(AT_FDCWD, path, text, sizeof(text)) > 0;
	caps_take_back(before);
	if (!told)
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
	return told;
}

/* The first @count of them; the VM's, which is the last, can be elsewhere. */
static int make_leaves(const char *base, size_t count)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < count; i++)
		if (i != CGROUP_PROGRAM)
			rc = make(base, leaf_names[i]);
	return rc;
}

/*
 * A dead keeper's children that it had not yet written down die with it, but not at once. poll(2)
 * on the file returns when the last one is gone; cgroup-v2.rst, cgroup.events.
 *
 * Return: false: there still is one
 */
static bool wait_until_empty(const char *folder, int patience_ms)
{
	char path[CGROUP_PATH_MAX + 96], text[128];
	struct pollfd p = { .events = POLLPRI };
	cleanup_close int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/cgroup.events", folder);
	p.fd = fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	do {
		n = fd < 0 ? -1 : pread(fd, text, sizeof(text) - 1, 0);
		text[n > 0 ? n : 0] = '\0';
		if (!strstr(text, "populated 1"))
			return true;
	} while (poll(&p, 1, patience_ms) == 1);
	return false;
}

/* As many whole lines as there is room for; Documentation/filesystems/seq_file.rst. */
static void read_processes(const char *folder, char *text, size_t size)
{
	char path[CGROUP_PATH_MAX + 96];
	cleanup_close int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/cgroup.procs", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	text[n > 0 ? n : 0] = '\0';
}

static bool is_in(const char *folder, pid_t pid)
{
	char text[4096], *rest = NULL;

	read_processes(folder, text, sizeof(text));
	for (const char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (strtol(line, NULL, 10) == pid)
			return true;
	return false;
}

/* First the descriptor, then asked again: a number can have become another process's meanwhile. */
static void signal_one(const char *folder, pid_t pid, int number)
{
	cleanup_close int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;

	if (fd >= 0 && is_in(folder, pid))
		(void)syscall(SYS_pidfd_send_signal, fd, number, NULL, 0);
}

static void signal_all(const char *folder, int number)
{
	char text[4096], *rest = NULL;
	uint64_t before = caps_lend(CAP_KILL);

	read_processes(folder, text, sizeof(text));
	for (const char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		signal_one(folder, (pid_t)strtol(line, NULL, 10), number);
	caps_take_back(before);
}

/*
 * The topmost directory has the mode 0555: its owner needs CAP_DAC_OVERRIDE to write there.
 * Return: false when a process is in it
 */
static bool take_away(const char *path)
{
	int rc = rmdir(path);

	if (rc < 0 && errno == EACCES) {
		caps_raise(CAP_DAC_OVERRIDE);
		rc = rmdir(path);
		caps_rest();
	}
	return rc == 0 || errno != EBUSY;
}

/*
 * What a scope is called by: the VM or the detach; attach and recover, of which several can be at
 * work, by their pid, which with its colon is no VM's name.
 */
static void name_scope(const struct keeper *k, char name[sizeof(k->journal.name)])
{
	const char *job = k->plan->job == KEEPER_ATTACH ? "attach" : "recover";

	if (k->plan->job == KEEPER_RUN || k->plan->job == KEEPER_DETACH)
		(void)snprintf(name, sizeof(k->journal.name), "%s", k->journal.name);
	else
		(void)snprintf(name, sizeof(k->journal.name), "%s:%d", job, (int)getpid());
}

/* A scope of its own, and leaves in it; the scope serves without the leaves, too. */
static int make_scope(struct keeper *k)
{
	char name[sizeof(k->journal.name)];
	const pid_t pids[] = { getpid(), k->standby.pid };
	struct cgroup *c = &k->cgroup;
	int rc;

	name_scope(k, name);
	rc = scope_start(KEEPER_FD_SCOPE, SCOPE_KEEPER, name,
			 notify_end_s(k) + NOTIFY_DEVICE_S * (k->plan->device_count + 1), pids,
			 k->standby.pid ? 2 : 1);
	if (rc)
		return rc;
	c->scoped = true;
	if (!c->root)
		return 0;
	(void)find(c->root, getpid(), c->base);
	if (!strstr(c->base, "/vfio-run-") || make_leaves(c->base, CGROUP_VM))
		c->base[0] = '\0'; /* a cgroup that was not delegated is not touched */
	return 0;
}

static int make_own(struct cgroup *c, const char *name)
{
	char path[CGROUP_PATH_MAX - 32];
	int rc = make(c->root, ALL);

	(void)find(c->root, getpid(), c->home);
	(void)snprintf(path, sizeof(path), ALL "/%s", name);
	if (!rc)
		rc = make(c->root, path);
	(void)snprintf(c->base, sizeof(c->base), "%s/%s", c->root, path);
	return rc ? rc : make_leaves(c->base, CGROUP_LEAVES);
}

/**
 * cgroup_plan() - what will this keeper, or its standby, need for cgroups?
 *
 * Before any other descriptor is opened, and before the standby is forked.
 */
void cgroup_plan(struct keeper *k)
{
	k->has_scope = fcntl(KEEPER_FD_SCOPE, F_GETFD) >= 0;
	look(&k->cgroup);
	if (k->cgroup.ours || k->cgroup.unsure)
		caps_plan(CAP_DAC_OVERRIDE); /* take_away() */
}

/**
 * cgroup_setup() - make the leaves of a job; they are empty yet
 *
 * While the journal's lock is held, before its workers are forked. A unit's processes stay where
 * systemd has put them, and a standby that took over stays where its keeper had it.
 */
void cgroup_setup(struct keeper *k)
{
	int rc;

	if (k->took_over || (k->plan->flags & KEEPER_SERVICE) || k->cgroup.scoped || *k->cgroup.base)
		return;
	if (!*k->journal.name || *k->journal.name == '.')
		return;
	if (k->has_scope && !(k->plan->flags & KEEPER_IN_PLACE))
		rc = make_scope(k);
	else if (k->cgroup.ours)
		rc = make_own(&k->cgroup, k->journal.name);
	else
		return;
	if (!rc)
		return;
	log_verbose("%s: no cgroup of its own: %s", k->journal.name, strerror(-rc));
	cgroup_remove(k);
}

/** cgroup_leaf() - a descriptor to be born by, cgroup_fork(); the caller closes it; -1: none */
int cgroup_leaf(const struct keeper *k, enum cgroup_leaf leaf)
{
	char path[CGROUP_PATH_MAX + 64];

	if (!*k->cgroup.base || (leaf == CGROUP_PROGRAM && make(k->cgroup.base, leaf_names[leaf])))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/%s", k->cgroup.base, leaf_names[leaf]);
	return open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/**
 * cgroup_fork() - fork(2) into a leaf
 * @leaf:	of cgroup_leaf(); -1: none
 * @inside:	is the child in it? Else it is where this process is: cgroup_place() it
 *
 * Source: clone(2), CLONE_INTO_CGROUP; Linux 5.7. A filter can refuse clone3(2) as unknown.
 */
pid_t cgroup_fork(int leaf, bool *inside)
{
	const struct clone_args args = { .flags = CLONE_INTO_CGROUP,
					 .exit_signal = SIGCHLD,
					 .cgroup = (uint64_t)leaf };
	pid_t pid = leaf < 0 ? -1 : (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	*inside = pid >= 0;
	return pid >= 0 ? pid : fork();
}

/** cgroup_enter() - move this process into a leaf */
void cgroup_enter(const struct keeper *k, enum cgroup_leaf leaf)
{
	cgroup_place(k, leaf, 0);
}

/** cgroup_enter_keeper() - the same for the keeper and its scribe */
void cgroup_enter_keeper(const struct keeper *k)
{
	cgroup_enter(k, CGROUP_KEEPER);
	if (k->scribe.pid)
		cgroup_place(k, CGROUP_KEEPER, k->scribe.pid);
}

/** cgroup_enter_at() - the same for a standby, which was there before the leaves; @base: theirs */
void cgroup_enter_at(const char *base, enum cgroup_leaf leaf)
{
	(void)move(base, leaf_names[leaf], 0);
}

/** cgroup_place() - move a child into a leaf, before it does anything */
void cgroup_place(const struct keeper *k, enum cgroup_leaf leaf, pid_t pid)
{
	if (*k->cgroup.base)
		(void)move(k->cgroup.base, leaf_names[leaf], pid);
}

/**
 * cgroup_place_vm() - move QEMU, parked, and what belongs to it, where a VM's processes are
 * @pid:	at most SCOPE_PIDS_MAX
 */
void cgroup_place_vm(struct keeper *k, const pid_t *pid, size_t count)
{
	int rc;

	for (size_t i = 0; i < count && !k->cgroup.scoped; i++)
		cgroup_place(k, CGROUP_VM, pid[i]);
	if (!k->cgroup.scoped && !k->cgroup.isolated)
		return;
	rc = scope_start(KEEPER_FD_SCOPE, k->cgroup.isolated ? SCOPE_ISOLATED : SCOPE_VM,
			 k->journal.name, VM_STOP_S, pid, count);
	if (rc && k->cgroup.isolated)
		log_warning("%s: QEMU could not be put where its CPUs are: %s", k->journal.name,
			    strerror(-rc));
	else if (rc)
		log_verbose("%s: no scope for QEMU: %s", k->journal.name, strerror(-rc));
}

/** cgroup_join() - move a process to where another one of the VM is, by cgroup_place_vm() */
void cgroup_join(const struct keeper *k, pid_t pid, pid_t other)
{
	const char *root = k->cgroup.root;
	char there[CGROUP_PATH_MAX];

	if (!root || (!*k->cgroup.base && !k->cgroup.scoped))
		return;
	if (find(root, other, there) && strstr(there, "/" ALL))
		(void)move(there, ".", pid);
}

/* A dead keeper's leaf, of which the name alone is known; systemd has it below its scope. */
static int name_programs(const struct keeper *k, char path[CGROUP_PATH_MAX + 64])
{
	const char *name = k->journal.name, *leaf = leaf_names[CGROUP_PROGRAM];
	char unit[UNIT_NAME_MAX];

	if (!k->cgroup.root || !*name || *name == '.')
		return -ENOENT;
	unit_name(name, ".scope", unit);
	(void)snprintf(path, CGROUP_PATH_MAX + 64, "%s/%s/%s/%s", k->cgroup.root,
		       k->cgroup.ours ? ALL : "system.slice", k->cgroup.ours ? name : unit, leaf);
	return access(path, F_OK);
}

/* Return: false: there are no programs of the user's, or they are in no cgroup of their own */
static bool find_programs(const struct keeper *k, char path[CGROUP_PATH_MAX + 64])
{
	(void)snprintf(path, CGROUP_PATH_MAX + 64, "%s/%s", k->cgroup.base,
		       leaf_names[CGROUP_PROGRAM]);
	return (*k->cgroup.base && access(path, F_OK) == 0) || name_programs(k, path) == 0;
}

/** cgroup_ask_programs() - SIGTERM to the user's programs, and to all that they have started */
void cgroup_ask_programs(const struct keeper *k)
{
	char path[CGROUP_PATH_MAX + 64];

	if (find_programs(k, path))
		signal_all(path, SIGTERM);
}

/* Before Linux 5.14. They may fork meanwhile, and be more than one look shows. */
static void kill_each(const char *path)
{
	for (int looks = 0; looks < LOOKS_MAX; looks++) {
		signal_all(path, SIGKILL);
		if (wait_until_empty(path, LOOK_MS))
			return;
	}
}

/**
 * cgroup_end_programs() - likewise SIGKILL, to those that are still there
 * @patience_ms:	how long they have for an end of their own
 *
 * All at once and with what they fork meanwhile, from Linux 5.14 on: cgroup-v2.rst, cgroup.kill.
 */
void cgroup_end_programs(const struct keeper *k, int patience_ms)
{
	char path[CGROUP_PATH_MAX + 64];

	if (!find_programs(k, path))
		return;
	if (patience_ms)
		(void)wait_until_empty(path, patience_ms);
	if (write_file(path, ".", "cgroup.kill", "1"))
		kill_each(path);
	else
		(void)wait_until_empty(path, EMPTY_MS);
}

static void go_home(const struct cgroup *c, pid_t pid)
{
	if (!*c->home || move(c->home, ".", pid))
		(void)move(c->root, ".", pid); /* its own is gone by now */
}

/* Out of what is to be taken away, each that is in it: one may have been moved already. */
static void leave(const struct cgroup *c, pid_t pid)
{
	char now[CGROUP_PATH_MAX];

	if (!find(c->root, pid, now) ||
	    strncmp(now + strlen(c->root), "/" ALL "/", strlen("/" ALL "/")) == 0)
		go_home(c, pid);
}

/* A standby that took over knows no way but to the root. */
static void leave_all(const struct keeper *k)
{
	leave(&k->cgroup, getpid());
	if (k->standby.pid)
		leave(&k->cgroup, k->standby.pid);
	if (k->scribe.pid)
		leave(&k->cgroup, k->scribe.pid);
	if (k->hooks_pid > 0)
		leave(&k->cgroup, k->hooks_pid);
}

/* Asks again what was not known before: an earlier keeper may have made them. */
static bool may_remove(struct cgroup *c)
{
	if (c->unsure)
		look(c);
	return c->ours;
}

/**
 * cgroup_remove() - go back to where the keeper came from, and take the leaves away
 *
 * With the standby, which ends when nothing is left that it could take over. While the
 * journal's lock is held; its name says whose leaves, a dead keeper's too. A leaf with a
 * process in it stays: one that hangs in a driver. What the user's programs have left is ended.
 */
void cgroup_remove(struct keeper *k)
{
	const char *root, *name = k->journal.name;
	char path[CGROUP_PATH_MAX + 64];

	cgroup_end_programs(k, 0);
	if (!may_remove(&k->cgroup) || !*name || *name == '.')
		return;
	root = k->cgroup.root;
	leave_all(k);
	for (size_t i = 0; i < CGROUP_LEAVES; i++) {
		(void)snprintf(path, sizeof(path), "%s/" ALL "/%s/%s", root, name, leaf_names[i]);
		if (take_away(path))
			continue;
		leave_all(k); /* a standby can have come just now */
		(void)wait_until_empty(path, EMPTY_MS);
		(void)take_away(path);
	}
	(void)snprintf(path, sizeof(path), "%s/" ALL "/%s", root, name);
	(void)take_away(path);
	(void)snprintf(path, sizeof(path), "%s/" ALL, root);
	(void)take_away(path);
	*k->cgroup.base = *k->cgroup.home = '\0';
}

/* Its journal is made before its leaves, and goes after them. On an error: yes. */
static bool is_known(const struct keeper *k, const char *name)
{
	char file[NAME_MAX + sizeof(".journal")];

	(void)snprintf(file, sizeof(file), "%s.journal", name);
	return faccessat(k->state.state_fd, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
	       errno != ENOENT;
}

/**
 * cgroup_sweep() - take away the leaves of which no journal is left
 * @k:		its state directory is open
 *
 * Whatever has a process in it stays.
 */
void cgroup_sweep(struct keeper *k)
{
	char all[CGROUP_PATH_MAX], path[CGROUP_PATH_MAX + NAME_MAX + 16];
	const struct dirent *e;
	cleanup_closedir DIR *dir = NULL;

	if (!may_remove(&k->cgroup))
		return;
	(void)snprintf(all, sizeof(all), "%s/" ALL, k->cgroup.root);
	dir = opendir(all);
	while (dir && (e = readdir(dir))) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.' || is_known(k, e->d_name))
			continue;
		for (size_t i = 0; i < CGROUP_LEAVES; i++) {
			(void)snprintf(path, sizeof(path), "%s/%s/%s", all, e->d_name,
				       leaf_names[i]);
			(void)rmdir(path);
		}
		(void)snprintf(path, sizeof(path), "%s/%s", all, e->d_name);
		(void)rmdir(path);
	}
	if (dir)
		(void)take_away(all);
}
