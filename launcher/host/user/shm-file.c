/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shm-file.c - a file in /dev/shm that QEMU and programs of its user's share
 *
 * Everything is done as that user, who could do it without vfio-run. The file has its whole size,
 * and its pages are there, before QEMU has it: a guest that writes where none can be had would end
 * QEMU with SIGBUS. A lock goes with the descriptor, and ends with the last process that has it.
 * The file stays: programs that show the guest have it open, and look for it before a VM starts.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/user/as-user.h"
#include "launcher/host/user/shm-file.h"

#define OPEN_FLAGS (O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
#define FILE_MODE 0600

struct question {
	const char *name;
	uint64_t bytes;
	bool make;
};

static int wrong(struct host_shm *out, enum host_shm_problem problem)
{
	out->problem = problem;
	return -1;
}

static int failed(struct host_shm *out, int error)
{
	out->error = -error;
	return wrong(out, error == ENOSPC ? HOST_SHM_NO_ROOM : HOST_SHM_ERROR);
}

/* @have: bytes that the file has already */
static bool has_room(uint64_t bytes, uint64_t have)
{
	struct statvfs fs;

	if (have >= bytes || statvfs(HOST_SHM_DIR, &fs))
		return true;
	return (uint64_t)fs.f_bavail * fs.f_frsize >= bytes - have;
}

/* Return: a descriptor of the file, locked; -1 with a reason */
static int take(const char *path, const struct stat *st, struct host_shm *out)
{
	cleanup_close int fd = -1;
	struct stat opened;

	if (!S_ISREG(st->st_mode) || st->st_nlink != 1)
		return wrong(out, HOST_SHM_NO_FILE);
	out->owner = st->st_uid;
	if (st->st_uid != geteuid())
		return wrong(out, HOST_SHM_FOREIGN);
	fd = open(path, OPEN_FLAGS);
	if (fd < 0 || fstat(fd, &opened))
		return failed(out, errno);
	if (opened.st_ino != st->st_ino || opened.st_dev != st->st_dev)
		return failed(out, EAGAIN);
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? wrong(out, HOST_SHM_TAKEN) : failed(out, errno);
	return take_fd(&fd);
}

static int create(const char *path, struct host_shm *out)
{
	cleanup_close int fd = open(path, OPEN_FLAGS | O_CREAT | O_EXCL, FILE_MODE);

	if (fd < 0)
		return failed(out, errno);
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? wrong(out, HOST_SHM_TAKEN) : failed(out, errno);
	return take_fd(&fd);
}

/*
 * One of another size is replaced, not resized: a program that has mapped the old one goes on
 * reading it, where a shorter one would end it with SIGBUS.
 */
static int make(const struct question *q, const char *path, int old, const struct stat *st,
		struct host_shm *out)
{
	cleanup_close int fd = old;
	bool fits = fd >= 0 && (uint64_t)st->st_size == q->bytes;

	if (fd >= 0 && !fits) {
		(void)close(fd);
		fd = -1;
		if (unlink(path))
			return failed(out, errno);
	}
	if (fd < 0)
		fd = create(path, out);
	if (fd < 0)
		return -1;
	if (fchmod(fd, FILE_MODE) ||
	    (fallocate(fd, 0, 0, (off_t)q->bytes) && errno != EOPNOTSUPP) ||
	    ftruncate(fd, (off_t)q->bytes)) {
		int error = errno;

		if (!fits)
			(void)unlink(path);
		return failed(out, error);
	}
	return take_fd(&fd);
}

static int do_shm(const void *request, void *reply)
{
	const struct question *q = request;
	struct host_shm *out = reply;
	char path[PATH_MAX];
	struct stat st;
	int fd = -1;

	*out = (struct host_shm){ .problem = HOST_SHM_GOOD };
	(void)snprintf(path, sizeof(path), HOST_SHM_DIR "%s", q->name);
	if (!lstat(path, &st)) {
		fd = take(path, &st, out);
		if (fd < 0)
			return -1;
	} else if (errno != ENOENT || access(HOST_SHM_DIR, F_OK)) {
		return failed(out, errno);
	} else {
		st.st_blocks = 0;
	}
	if (!has_room(q->bytes, (uint64_t)st.st_blocks * 512))
		out->problem = HOST_SHM_NO_ROOM;
	if (q->make && !out->problem)
		return make(q, path, fd, &st, out);
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/**
 * host_shm_look() - could the user have this file in /dev/shm?
 * @name:	without a slash
 * @out:	overwritten; what is wrong is no error of the call
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_shm_look(const struct host_user *user, const char *name, uint64_t bytes,
		  struct host_shm *out)
{
	struct question q = { name, bytes, false };

	*out = (struct host_shm){ .problem = HOST_SHM_GOOD };
	return as_user_call(user, do_shm, &q, out, sizeof(*out), NULL);
}

/**
 * host_shm_open() - open it, made where it is missing or has another size, as the user
 * @fd_out:	locked: no other VM gets it as long as somebody has this descriptor; -1 with a
 *		problem in @out
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_shm_open(const struct host_user *user, const char *name, uint64_t bytes,
		  struct host_shm *out, int *fd_out)
{
	struct question q = { name, bytes, true };

	*out = (struct host_shm){ .problem = HOST_SHM_GOOD };
	return as_user_call(user, do_shm, &q, out, sizeof(*out), fd_out);
}

/* ---- kvmfr -------------------------------------------------------------------------------- */

#define KVMFR_GET_SIZE _IO('u', 0x44) /* Looking Glass, module/kvmfr.h */

static int do_kvmfr(const void *request, void *reply)
{
	cleanup_close int fd = -1;
	struct host_kvmfr *out = reply;
	struct stat st;
	long bytes;

	*out = (struct host_kvmfr){ .problem = HOST_KVMFR_ERROR };
	if (lstat(request, &st)) {
		out->error = -errno;
		out->problem = errno == ENOENT ? HOST_KVMFR_MISSING : HOST_KVMFR_ERROR;
		return -1;
	}
	if (!S_ISCHR(st.st_mode)) {
		out->problem = S_ISREG(st.st_mode) ? HOST_KVMFR_FILE : HOST_KVMFR_OTHER;
		return -1;
	}
	fd = open(request, OPEN_FLAGS);
	if (fd < 0 || fstat(fd, &st)) {
		out->error = -errno;
		return -1;
	}
	bytes = S_ISCHR(st.st_mode) ? ioctl(fd, KVMFR_GET_SIZE, 0) : -1;
	out->problem = bytes > 0 ? HOST_KVMFR_GOOD : HOST_KVMFR_OTHER;
	out->bytes = bytes > 0 ? (uint64_t)bytes : 0;
	out->major = major(st.st_rdev);
	out->minor = minor(st.st_rdev);
	return -1;
}

/**
 * host_kvmfr() - which device that is, and how large, as far as the user may open it
 * @out:	overwritten; what is wrong is no error of the call
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_kvmfr(const struct host_user *user, const char *path, struct host_kvmfr *out)
{
	*out = (struct host_kvmfr){ .problem = HOST_KVMFR_ERROR };
	return as_user_call(user, do_kvmfr, path, out, sizeof(*out), NULL);
}
