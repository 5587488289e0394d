/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rom-dump.c - the expansion ROM of a device, read and kept as a file of a user's
 *
 * A guest that had the device can have written its ROM: the bytes are looked at by the child that
 * keeps them, which is the user, and by nobody else.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/host/devices/rom-dump.h"
#include "launcher/host/programs.h"
#include "launcher/host/user/as-user.h"

#define ROM_MS 70000 /* 60 s out of D3cold, and as much as a slow flash takes */
#define OUT 3	     /* where the program expects it */

static _Noreturn void child(int program, int out, const struct host_device *d)
{
	char name[] = "rom", address[PCI_ADDRESS_TEXT], group[16];
	char *argv[] = { name, address, group, NULL }, *env[] = { NULL };

	(void)snprintf(address, sizeof(address), "%s", d->name);
	(void)snprintf(group, sizeof(group), "%d", d->iommu_group);
	if (out == OUT ? fcntl(out, F_SETFD, 0) == 0 : dup2(out, OUT) == OUT)
		(void)execveat(program, "", argv, env, AT_EMPTY_PATH);
	_exit(ENOEXEC);
}

/* One that waits in the kernel is left to it. */
static int wait_for(pid_t pid)
{
	cleanup_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	int status = 0;

	if (pidfd >= 0 && poll(&end, 1, ROM_MS) <= 0)
		return -ETIMEDOUT;
	if (waitpid(pid, &status, 0) != pid)
		return -ECHILD;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

/**
 * host_rom_read() - the bytes that a device has as its expansion ROM
 * @d:		no driver of the host's has it, or vfio-pci
 * @fd_out:	a memfd that the caller closes
 *
 * Return: 0; -EBUSY it is in use; -ENOENT it has none; -EIO or -EINVAL what is there is no ROM;
 * -ELIBACC the program that reads it is not there, reported; -ETIMEDOUT; other -errno
 */
int host_rom_read(const struct host_device *d, int *fd_out)
{
	cleanup_close int program = host_program_open("rom");
	cleanup_close int out = memfd_create("rom", MFD_CLOEXEC);
	pid_t pid;
	int rc;

	if (program < 0 || out < 0)
		return program < 0 ? -ELIBACC : -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		child(program, out, d);
	rc = wait_for(pid);
	if (rc)
		return rc;
	*fd_out = take_fd(&out);
	return 0;
}

struct keeping {
	int fd;
	const char *path;
};

/* Into a new file: what is there already can be the one good copy. */
static int write_new(const char *path, const uint8_t *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0644), error = 0;

	if (fd < 0)
		return -errno;
	for (size_t done = 0; done < size && !error;) {
		ssize_t n = write(fd, bytes + done, size - done);

		error = n < 0 ? -errno : 0;
		done += n > 0 ? (size_t)n : 0;
	}
	if (!error && fsync(fd) && errno != EINVAL)
		error = -errno;
	(void)close(fd);
	if (error)
		(void)unlink(path);
	return error;
}

/* What stands before the ROM, and behind its last image, is not the ROM. */
static void keep(const uint8_t *bytes, size_t size, const char *path, struct rom *out)
{
	size_t front;

	rom_judge(bytes, size, out);
	front = out->problem == ROM_FRONT ? out->front : 0;
	if (front)
		rom_judge(bytes + front, size - front, out);
	out->front = front;
	if (out->problem == ROM_GOOD)
		out->error = write_new(path, bytes + front, out->wanted);
}

static int do_keep(const void *request, void *reply)
{
	const struct keeping *k = request;
	struct rom *out = reply;
	struct stat st;
	void *bytes;

	*out = (struct rom){ .problem = ROM_EMPTY };
	if (fstat(k->fd, &st) || !st.st_size)
		return -1;
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, k->fd, 0);
	if (bytes == MAP_FAILED) {
		out->error = -errno;
		return -1;
	}
	keep(bytes, (size_t)st.st_size, k->path, out);
	return -1;
}

/**
 * host_rom_keep() - judge what was read as a ROM, and write it into a new file as that user
 * @fd:		of host_rom_read()
 * @out:	overwritten; nothing is written when it has a problem; ->front: as many bytes were cut off
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_rom_keep(const struct host_user *user, int fd, const char *path, struct rom *out)
{
	const struct keeping k = { fd, path };

	*out = (struct rom){ .error = 0 };
	return as_user_call(user, do_keep, &k, out, sizeof(*out), NULL);
}
