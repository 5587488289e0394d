/* SPDX-License-Identifier: GPL-2.0-or-later */
/* user-files.c - what is asked of the user's files: can they be opened, what are they, copy one */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launcher/host/user/as-user.h"

struct look {
	const char *path;
	bool writable;
};

/* The first directory of the path that is not there or may not be entered, else the path itself. */
static void find_denied(const char *path, char *out, size_t size)
{
	char part[PATH_MAX];
	struct stat st;

	for (size_t i = 1; i < sizeof(part) - 2 && path[i]; i++) {
		if (path[i] != '/')
			continue;
		(void)snprintf(part, sizeof(part), "%.*s/.", (int)i, path);
		if (stat(part, &st)) {
			(void)snprintf(out, size, "%.*s", (int)i, path);
			return;
		}
	}
	(void)snprintf(out, size, "%s", path);
}

static void take_kind(const struct stat *st, struct as_user_file *f)
{
	f->kind = st->st_mode & S_IFMT;
	f->regular = S_ISREG(st->st_mode);
	f->block = S_ISBLK(st->st_mode);
	if (f->block) {
		f->major = major(st->st_rdev);
		f->minor = minor(st->st_rdev);
	}
}

static void describe(int fd, struct as_user_file *f)
{
	struct statvfs fs;
	struct stat st;

	if (fstat(fd, &st) || fstatvfs(fd, &fs)) {
		f->error = -errno;
		return;
	}
	/* One that does not count its blocks, as some of FUSE do not, says nothing about room. */
	f->room = fs.f_blocks ? (uint64_t)fs.f_bavail * fs.f_frsize : UINT64_MAX;
	f->sparse = (uint64_t)st.st_blocks * 512 < (uint64_t)st.st_size;
	take_kind(&st, f);
	f->bytes = f->regular ? (uint64_t)st.st_size : 0;
	if ((f->regular || f->block) && pread(fd, f->head, sizeof(f->head), 0) < 0)
		f->error = -errno;
}

/* An open shows it; fcntl(2) does not: an overlay accepts what the file system below refuses. */
static bool takes_direct(const struct look *l)
{
	int fd = open(l->path, (l->writable ? O_RDWR : O_RDONLY) | O_DIRECT | O_CLOEXEC | O_NOCTTY |
				       O_NONBLOCK);

	return fd >= 0 && close(fd) == 0;
}

/*
 * Not blocking: it may be a pipe. No link of /proc's: what is open in this process
 * is not in the jail's view.
 */
static int open_look(const struct look *l)
{
	struct open_how how = { .flags = (uint64_t)((l->writable ? O_RDWR : O_RDONLY) | O_CLOEXEC |
						    O_NOCTTY | O_NONBLOCK),
				.resolve = RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, AT_FDCWD, l->path, &how, sizeof(how));
}

static int do_look(const void *request, void *reply)
{
	const struct look *l = request;
	struct as_user_file *f = reply;
	int fd = open_look(l);
	struct stat st;

	if (fd < 0) {
		f->error = -errno;
		if (!stat(l->path, &st))
			take_kind(&st, f);
		find_denied(l->path, f->denied, sizeof(f->denied));
		return -1;
	}
	describe(fd, f);
	(void)close(fd);
	if (f->regular || f->block)
		f->direct = takes_direct(l);
	return -1;
}

/**
 * as_user_look() - can the user open this, and what is it?
 * @path:	absolute
 * @writable:	to be opened for reading and writing, else for reading
 * @out:	overwritten; a path that does not open is no error of the call but @out->error
 *
 * Return: 0, or the -errno of as_user_call()
 */
int as_user_look(const struct host_user *user, const char *path, bool writable,
		 struct as_user_file *out)
{
	struct look l = { path, writable };

	*out = (struct as_user_file){ 0 };
	return as_user_call(user, do_look, &l, out, sizeof(*out), NULL);
}

static int do_kind(const void *request, void *reply)
{
	struct stat st = { .st_mode = 0 };
	uint32_t mode;

	(void)stat(request, &st);
	mode = st.st_mode;
	memcpy(reply, &mode, sizeof(mode));
	return -1;
}

/**
 * as_user_kind() - what is at a path, as far as the user can reach it
 * @mode:	of stat(2); 0: nothing
 *
 * Return: 0, or the -errno of as_user_call()
 */
int as_user_kind(const struct host_user *user, const char *path, uint32_t *mode)
{
	*mode = 0;
	return as_user_call(user, do_kind, path, mode, sizeof(*mode), NULL);
}

static int do_open(const void *request, void *reply)
{
	int fd = open(request, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int r = fd < 0 ? -errno : 0;

	memcpy(reply, &r, sizeof(r));
	return fd;
}

/**
 * as_user_open() - open a file of the user's for reading, with the user's rights
 * @fd_out:	closed by the caller
 *
 * Return: 0, the -errno of opening it, or that of as_user_call()
 */
int as_user_open(const struct host_user *user, const char *path, int *fd_out)
{
	int error = 0, r = as_user_call(user, do_open, path, &error, sizeof(error), fd_out);

	return r ? r : error;
}

/** as_user_make_parents() - in the child: mkdir -p for what leads to @path; what is made is the user's alone */
int as_user_make_parents(const char *path)
{
	char part[PATH_MAX];

	if (strlen(path) >= sizeof(part))
		return -ENAMETOOLONG;
	for (size_t i = 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) && errno != EEXIST)
			return -errno;
	}
	return 0;
}

/* The last run's is kept beside it, as one that crashed is looked for after a new start. */
static int open_log(const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY |
			  O_NONBLOCK;
	char old[PATH_MAX];
	struct stat st;
	int fd, r;

	if ((size_t)snprintf(old, sizeof(old), "%s.old", path) >= sizeof(old))
		return -ENAMETOOLONG;
	r = as_user_make_parents(path);
	if (!r && lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size &&
	    rename(path, old))
		r = -errno;
	if (r)
		return r;
	fd = open(path, flags, 0600);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
		return fd;
	(void)close(fd);
	return -EINVAL;
}

static int do_log(const void *request, void *reply)
{
	int fd = open_log(request), r = fd < 0 ? fd : 0;

	memcpy(reply, &r, sizeof(r));
	return fd < 0 ? -1 : fd;
}

/**
 * as_user_log() - open a log of the user's for appending, a new one
 * @path:	absolute; what is there is renamed to "@path.old"
 * @fd_out:	a regular file; closed by the caller
 *
 * It is below the user's home: their further groups are looked up only where it cannot be
 * reached without them.
 *
 * Return: 0, the -errno of opening it, or that of as_user_call()
 */
int as_user_log(const struct host_user *user, const char *path, int *fd_out)
{
	struct host_user alone = *user, all = *user;
	int error = 0, r;

	alone.alone = true;
	all.alone = false;
	r = as_user_call(&alone, do_log, path, &error, sizeof(error), fd_out);
	if (!r && error == -EACCES)
		r = as_user_call(&all, do_log, path, &error, sizeof(error), fd_out);
	return r ? r : error;
}

static int copy_bytes(int from, int to)
{
	char buf[65536];
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) != 0) {
		if (n < 0)
			return -errno;
		for (ssize_t done = 0; done < n;) {
			ssize_t written = write(to, buf + done, (size_t)(n - done));

			if (written < 0)
				return -errno;
			done += written;
		}
	}
	return fsync(to) ? -errno : 0;
}

/* Into a new file beside it that takes its name only when it is whole, and the name is free. */
static int copy_beside(int from, const char *to)
{
	char temporary[PATH_MAX];
	cleanup_close int fd = -1;
	int r;

	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.new-%d", to, (int)getpid()) >=
	    sizeof(temporary))
		return -ENAMETOOLONG;
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = copy_bytes(from, fd);
	if (!r && renameat2(AT_FDCWD, temporary, AT_FDCWD, to, RENAME_NOREPLACE) && errno != EEXIST)
		r = -errno;
	(void)unlink(temporary); /* still there only when it did not get the name */
	return r;
}

struct copy {
	const char *from, *to;
};

static int do_copy(const void *request, void *reply)
{
	const struct copy *c = request;
	cleanup_close int from = open(c->from, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int r = from < 0 ? -errno : 0;

	if (!r && access(c->to, F_OK)) {
		r = as_user_make_parents(c->to);
		if (!r)
			r = copy_beside(from, c->to);
	}
	memcpy(reply, &r, sizeof(r));
	return -1;
}

/**
 * as_user_copy() - copy a file to a place of the user's, unless something is there already
 * @from:	readable by the user
 * @to:		absolute; directories that are missing are made, with mode 0700
 *
 * Return: 0 (also when it was there), the -errno of the copy, or that of as_user_call()
 */
int as_user_copy(const struct host_user *user, const char *from, const char *to)
{
	struct copy c = { from, to };
	int error = 0, r = as_user_call(user, do_copy, &c, &error, sizeof(error), NULL);

	return r ? r : error;
}
