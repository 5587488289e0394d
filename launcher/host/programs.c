/* SPDX-License-Identifier: GPL-2.0-or-later */
/* programs.c - finds and opens the programs that vfio-run starts or becomes */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/host/programs.h"

/* The directory of the helpers; @buf is PATH_MAX bytes. */
static const char *programs_dir(char *buf)
{
	static const char beside[] = "/../libexec/vfio-run";
	ssize_t n = readlink("/proc/self/exe", buf, PATH_MAX - sizeof(beside) - 16);
	char *slash;

	if (n > 0) {
		buf[n] = '\0';
		slash = strrchr(buf, '/');
		memcpy(slash ? slash : buf, beside, sizeof(beside));
		if (access(buf, X_OK) == 0)
			return buf;
	}
	return VFIO_RUN_LIBEXECDIR;
}

/** host_program_exists() - is there one of that name? Some can be done without */
bool host_program_exists(const char *name)
{
	char dir[PATH_MAX], path[PATH_MAX + 32];

	(void)snprintf(path, sizeof(path), "%s/%s", programs_dir(dir), name);
	return access(path, F_OK) == 0;
}

static bool is_trusted(const struct stat *st)
{
	return !(st->st_mode & 0022) && (st->st_uid == 0 || st->st_uid == geteuid());
}

/**
 * host_program_test() - could this one be opened and executed? Reports nothing
 * @path:	filled: where it stands, or should
 *
 * Return: 0; -EPERM: others than root, or the caller, can write it; -EACCES: not executable, as on
 * a file system without that; other -errno
 */
int host_program_test(const char *name, char *path, size_t size)
{
	char dir[PATH_MAX];
	struct stat st;

	(void)snprintf(path, size, "%s/%s", programs_dir(dir), name);
	if (stat(path, &st) || access(path, R_OK | X_OK))
		return -errno;
	return !S_ISREG(st.st_mode) ? -EACCES : is_trusted(&st) ? 0 : -EPERM;
}

/**
 * host_program_open() - one of vfio-run's own programs, for executing by descriptor
 * @name:	without a directory
 *
 * They stand in ../libexec/vfio-run beside the directory that vfio-run was started from,
 * so a build tree and an installation find their own, or the folder that was set
 * at build time. Only one that root alone, or the caller, can have written is opened.
 *
 * Return: a descriptor that the caller closes; -1: the error was reported
 */
int host_program_open(const char *name)
{
	char dir[PATH_MAX], path[PATH_MAX + 32];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", programs_dir(dir), name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		log_error("%s: %s; is vfio-run installed completely?", path, strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111) &&
	    is_trusted(&st))
		return fd;
	log_error("%s: must be an executable file that only root can write; install vfio-run again",
		  path);
	(void)close(fd);
	return -1;
}
