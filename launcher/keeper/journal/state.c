/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.c - /run/vfio-run: locks, journals, and the keepers of VMs and detaches
 *
 *	/run/vfio-run/			0711 root
 *	  state/			0700 root: NAME.journal, group-N.lock
 *	  vm/NAME/keeper		0644: pid and start time of the keeper of a VM
 *	  vm/NAME/status		0644: its public state, see status.c
 *	  vm/NAME/control		0600, the VM's user's: its control socket, see control-socket.c
 *	  vm/NAME/display		likewise: where clients of SPICE or VNC connect
 *	  detach/NAME/keeper		the same of a detach
 *
 * It lives in /run because it has to end with a reboot, as the changes do. A lock is
 * a flock on a file: it is released with its last holder, however that ended. A file is
 * removed only under its lock, so a process that has just locked one checks that it still
 * stands under its name. Directories are removed when they are empty, by the last process
 * that works in them: each holds a shared lock on the topmost.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/process.h"
#include "launcher/base/log.h"
#include "launcher/keeper/process/known.h"
#include "launcher/keeper/journal/state.h"

#define JOURNAL_SUFFIX ".journal"
#define TRIES 100 /* against other processes that remove directories at the same time */

/* Makes and opens a directory; refuses one that is not root's alone to write. */
static int open_dir(int at, const char *name, mode_t mode)
{
	struct stat st;
	int fd, rc;

	for (int i = 0; i < TRIES; i++) {
		if (mkdirat(at, name, mode) < 0 && errno != EEXIST)
			return -errno;
		fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			break;
		if (errno != ENOENT)
			return -errno;
	}
	if (fd < 0)
		return -ENOENT;
	rc = fstat(fd, &st) ? -errno : 0;
	if (!rc && (st.st_uid != 0 || (st.st_mode & 022)))
		rc = -EPERM;
	if (!rc)
		return fd;
	(void)close(fd);
	return rc;
}

/* Is what was locked still what stands under the name? */
static bool still_there(int dir, const char *file, int fd)
{
	struct stat open_file, named;

	return fstat(fd, &open_file) == 0 && fstatat(dir, file, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

/* The topmost directory, which stays from now on, by the shared lock. */
static int open_shared(void)
{
	for (int i = 0; i < TRIES; i++) {
		int fd = open_dir(AT_FDCWD, STATE_DIR, 0711);

		if (fd < 0)
			return fd;
		if (flock(fd, LOCK_SH) == 0 && still_there(AT_FDCWD, STATE_DIR, fd))
			return fd;
		(void)close(fd);
	}
	return -ENOENT;
}

/**
 * state_open() - make and open the state directories
 * @s:	filled; close with state_close()
 *
 * Return: 0; -EPERM another user owns them; other -errno of mkdir(2) and open(2)
 */
int state_open(struct state *s)
{
	int rc;

	s->run_fd = open_shared();
	if (s->run_fd < 0)
		return s->run_fd;
	s->state_fd = open_dir(s->run_fd, "state", 0700);
	if (s->state_fd >= 0)
		return 0;
	rc = s->state_fd;
	(void)close(s->run_fd);
	s->run_fd = -1;
	return rc;
}

/**
 * state_let_go() - free the lock of an open file
 *
 * Closing the descriptor does not release a lock that a standby has too, hence flock(LOCK_UN). It
 * can fail for lack of memory, and a keeper that waits for a lock of its own standby would wait
 * for ever: on failure the caller ends the standby.
 *
 * Return: 0 or -errno of flock(2)
 */
int state_let_go(int fd)
{
	return flock(fd, LOCK_UN) < 0 ? -errno : 0;
}

/**
 * state_close() - close the directories, and take them away when they are empty
 *
 * Return: as state_let_go()
 */
int state_close(struct state *s)
{
	int rc;

	if (s->run_fd < 0)
		return 0;
	/* no other process uses them, and their names still mean them */
	if (flock(s->run_fd, LOCK_EX | LOCK_NB) == 0 &&
	    still_there(AT_FDCWD, STATE_DIR, s->run_fd)) {
		(void)unlinkat(s->run_fd, "vm", AT_REMOVEDIR);
		(void)unlinkat(s->run_fd, "detach", AT_REMOVEDIR);
		(void)unlinkat(s->run_fd, "state", AT_REMOVEDIR);
		(void)rmdir(STATE_DIR);
	}
	rc = state_let_go(s->run_fd);
	(void)close(s->state_fd);
	(void)close(s->run_fd);
	*s = (struct state)STATE_INIT;
	return rc;
}

/**
 * state_lock() - lock a file in state/, made when it is not there
 * @s:		open
 * @file:	its name: "group-12.lock", "win10.journal"
 * @fd_out:	receives the descriptor, open for reading and appending; owned by the caller
 *
 * The lock belongs to the open file: it is shared by every process that inherited the
 * descriptor, and free when the last of them is gone.
 *
 * Return: 0; -EWOULDBLOCK another process holds it; -EAGAIN it was removed each time; other -errno
 */
int state_lock(const struct state *s, const char *file, int *fd_out)
{
	for (int i = 0; i < TRIES; i++) {
		int fd = openat(s->state_fd, file,
				O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
		int rc;

		if (fd < 0)
			return -errno;
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			rc = -errno;
			(void)close(fd);
			return rc;
		}
		if (still_there(s->state_fd, file, fd)) {
			*fd_out = fd;
			return 0;
		}
		(void)close(fd);
	}
	return -EAGAIN;
}

/* Once more when it fails: a leftover is harmless, but it is one. */
static void take_away(int dir, const char *path, int flags)
{
	if (unlinkat(dir, path, flags) < 0 && errno != ENOENT)
		(void)unlinkat(dir, path, flags);
}

/**
 * state_is_gone() - is it known that a file does not stand in state/ any more?
 * @fd:	what was opened there; another one can stand under the name by now
 *
 * On an error the answer is no: the caller then removes it, so nothing is left behind.
 */
bool state_is_gone(const struct state *s, const char *file, int fd)
{
	struct stat open_file, named;

	if (fstat(fd, &open_file) < 0)
		return false;
	if (fstatat(s->state_fd, file, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT;
	return open_file.st_ino != named.st_ino || open_file.st_dev != named.st_dev;
}

/**
 * state_set_aside() - keep a file for a person to look at, as NAME.damaged; an earlier one is replaced
 *
 * Its holder keeps the lock. It is gone with a reboot, as everything in state/ is.
 */
void state_set_aside(const struct state *s, const char *file, const char *name)
{
	char aside[NAME_MAX + 1];

	(void)snprintf(aside, sizeof(aside), "%s" STATE_DAMAGED, name);
	if (renameat(s->state_fd, file, s->state_fd, aside) < 0)
		log_verbose("%s: cannot be kept as %s", file, aside);
}

/**
 * state_unlock() - take a locked file away, then let go of its lock; *@fd becomes -1
 *
 * A standby may find that its keeper did so already, and that the name is another's now.
 */
void state_unlock(const struct state *s, const char *file, int *fd)
{
	if (*fd < 0)
		return;
	if (!state_is_gone(s, file, *fd))
		take_away(s->state_fd, file, 0);
	(void)close(*fd);
	*fd = -1;
}

/**
 * state_place() - open /run/vfio-run/KIND/NAME, which is made when it is not there
 *
 * Return: a descriptor that the caller closes, or -errno
 */
int state_place(const struct state *s, const char *kind, const char *name)
{
	int fd = -ENOENT;

	for (int i = 0; i < TRIES && fd == -ENOENT; i++) {
		cleanup_close int kind_fd = open_dir(s->run_fd, kind, 0755);

		if (kind_fd < 0)
			return kind_fd;
		fd = open_dir(kind_fd, name, 0755);
	}
	return fd;
}

static int write_file(int dir, const char *name, int flags, const char *text, size_t size)
{
	cleanup_close int fd =
		openat(dir, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, 0644);

	if (fd < 0)
		return -errno;
	return write(fd, text, size) == (ssize_t)size ? 0 : errno ? -errno : -EIO;
}

/**
 * state_announce() - publish which process keeps a VM or a detach
 * @kind:	"vm" or "detach"
 * @name:	of the VM or the detach
 *
 * The file holds this process's pid and start time, so that any user can see when its
 * writer is gone.
 *
 * Return: 0 or -errno
 */
int state_announce(const struct state *s, const char *kind, const char *name)
{
	cleanup_close int dir = -1;
	struct process_id self;
	char text[64];
	int n, rc = process_identify(getpid(), &self);

	if (rc)
		return rc;
	dir = state_place(s, kind, name);
	if (dir < 0)
		return dir;
	n = snprintf(text, sizeof(text), "%d %" PRIu64 "\n", (int)self.pid, self.start);
	/* renamed into place: a reader never sees a keeper without a pid */
	rc = write_file(dir, "keeper.new", O_TRUNC, text, (size_t)n);
	if (!rc && renameat(dir, "keeper.new", dir, "keeper") < 0)
		rc = -errno;
	return rc;
}

/**
 * state_announce_stuck() - publish that a device is stuck: even reading its attributes may block
 *
 * Adds a line "stuck ADDRESS" to the file that state_announce() wrote.
 */
int state_announce_stuck(const struct state *s, const char *kind, const char *name,
			 const char *address)
{
	cleanup_close int dir = state_place(s, kind, name);
	char text[64];
	int n = snprintf(text, sizeof(text), "stuck %s\n", address);

	return dir < 0 ? dir : write_file(dir, "keeper", O_APPEND, text, (size_t)n);
}

/**
 * state_retire() - remove the announcement of that name
 *
 * By path below /run/vfio-run, where all directories are root's: nothing has to be opened,
 * so a full table of descriptors leaves nothing behind.
 */
void state_retire(const struct state *s, const char *kind, const char *name)
{
	char path[NAME_MAX + 64];
	static const char *const files[] = { "/keeper",	 "/keeper.new", "/status",
					     "/control", "/agent",	"/display" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s%s", kind, name, files[i]);
		take_away(s->run_fd, path, 0);
	}
	(void)snprintf(path, sizeof(path), "%s/%s", kind, name);
	take_away(s->run_fd, path, AT_REMOVEDIR);
}

/* Opens a directory for reading its entries; NULL with errno when it is not there. */
static DIR *open_entries(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		(void)close(fd);
	return dir;
}

/* "win10.journal" -> "win10"; false for any other file */
static bool journal_name(const char *file, char name[STATE_NAME_MAX])
{
	size_t length = strlen(file), suffix = strlen(JOURNAL_SUFFIX);

	if (length <= suffix || length - suffix >= STATE_NAME_MAX ||
	    strcmp(file + length - suffix, JOURNAL_SUFFIX))
		return false;
	memcpy(name, file, length - suffix);
	name[length - suffix] = '\0';
	return true;
}

/**
 * state_each_journal() - call @fn with the name of every journal, in no order
 * @fn:		is given the name without ".journal"; a negative return ends the walk
 *
 * Return: 0, the negative return of @fn, or -errno
 */
int state_each_journal(const struct state *s, state_journal_fn fn, void *context)
{
	cleanup_closedir DIR *dir = open_entries(s->state_fd, ".");
	const struct dirent *e;
	int rc = 0;

	if (!dir)
		return -errno;
	for (errno = 0; rc >= 0 && (e = readdir(dir)); errno = 0) {
		char name[STATE_NAME_MAX];

		if (journal_name(e->d_name, name))
			rc = fn(context, name);
	}
	return rc < 0 ? rc : -errno; /* an error: some were not seen, and may exist */
}

/* Is the writer of KIND/NAME/keeper gone? An unreadable file has no writer. */
static bool writer_is_gone(int kind_fd, const char *name)
{
	cleanup_close int dir = openat(kind_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	cleanup_close int fd = dir < 0 ? -1 : openat(dir, "keeper", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct process_id id = { .pid = 0 };
	char text[64];
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	if (sscanf(text, "%d %" SCNu64, &id.pid, &id.start) != 2)
		return true;
	return known_by_proc(&id) == PROCESS_ENDED;
}

static void sweep_kind(const struct state *s, const char *kind)
{
	cleanup_closedir DIR *dir = open_entries(s->run_fd, kind);
	const struct dirent *e;

	while (dir && (e = readdir(dir))) {
		char journal[NAME_MAX + 16];

		if (e->d_name[0] == '.' || strlen(e->d_name) >= STATE_NAME_MAX ||
		    !writer_is_gone(dirfd(dir), e->d_name))
			continue;
		(void)snprintf(journal, sizeof(journal), "%s" JOURNAL_SUFFIX, e->d_name);
		if (faccessat(s->state_fd, journal, F_OK, 0) < 0 && errno == ENOENT)
			state_retire(s, kind, e->d_name);
	}
}

/* Removed under its lock, if that is free and the file is still empty. */
static void sweep_file(const struct state *s, const char *file)
{
	struct stat st;
	int fd = -1;

	if (state_lock(s, file, &fd))
		return;
	if (fstat(fd, &st) == 0 && st.st_size == 0)
		state_unlock(s, file, &fd);
	else
		(void)close(fd);
}

/**
 * state_sweep() - take away what keepers left that died while they tidied up
 *
 * Lock files that no process holds, journals in which nothing was begun, and announcements of the
 * dead that have no journal.
 */
void state_sweep(const struct state *s)
{
	cleanup_closedir DIR *dir = open_entries(s->state_fd, ".");
	const struct dirent *e;
	struct stat st;

	while (dir && (e = readdir(dir))) {
		const char *dot = strrchr(e->d_name, '.');

		if (dot && !strcmp(dot, ".lock"))
			sweep_file(s, e->d_name);
		else if (dot && !strcmp(dot, JOURNAL_SUFFIX) &&
			 fstatat(s->state_fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			 st.st_size == 0)
			sweep_file(s, e->d_name);
	}
	sweep_kind(s, "vm");
	sweep_kind(s, "detach");
}
