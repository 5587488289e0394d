/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setup-write.c - the only writes to /etc, and the distribution's own tools
 *
 * A file is replaced by a whole new one that takes its name: whoever reads it, and whatever
 * interrupts this, there is the old text or the new one. No link is followed in the last part
 * of a path, and the folder has to be root's alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "launcher/host/small-file.h"
#include "launcher/keeper/programs/setup.h"

static int write_all(int fd, const char *text)
{
	for (size_t left = strlen(text); left;) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		text += n;
		left -= (size_t)n;
	}
	return 0;
}

/* Owner, group and mode of the one that it replaces; a file system without owners keeps its own. */
static int be_like(int fd, int like, unsigned int mode)
{
	struct stat st;

	if (like >= 0 && fstat(like, &st))
		return -errno;
	if (like >= 0 && fchown(fd, st.st_uid, st.st_gid) && errno != EPERM)
		return -errno;
	return fchmod(fd, like >= 0 ? st.st_mode & 07777 : mode) && errno != EPERM ? -errno : 0;
}

static const char *temporary_name(const char *name, char buf[NAME_MAX + 32])
{
	(void)snprintf(buf, NAME_MAX + 32, ".%.200s.vfio-run", name);
	return buf;
}

/**
 * write_whole() - a file, new or in the place of one, all of it or nothing
 * @mode:	of a new one
 * @like:	a descriptor of the one that it replaces; -1: there is none
 *
 * Return: 0: it and its name are on the disk; -errno: it is as it was
 */
int write_whole(int dir, const char *name, const char *text, unsigned int mode, int like)
{
	char temporary[NAME_MAX + 32];
	cleanup_close int fd = -1;
	int r;

	(void)unlinkat(dir, temporary_name(name, temporary), 0); /* of one that was interrupted */
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text);
	if (!r)
		r = be_like(fd, like, mode);
	if (!r && fsync(fd))
		r = -errno;
	if (!r && renameat(dir, temporary, dir, name))
		r = -errno;
	if (r)
		(void)unlinkat(dir, temporary, 0);
	else
		(void)fsync(dir);
	return r;
}

/* Links inside the root are root's own; none leads out of it. */
static int open_folder(int root, const char *path, const char **name)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	char folder[SETUP_PATH_MAX];
	const char *slash = strrchr(path, '/');
	struct stat st;
	int fd;

	if (!slash || !setup_may_write(path))
		return -EPERM;
	*name = slash + 1;
	(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	fd = (int)syscall(SYS_openat2, root, folder, &how, sizeof(how));
	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && st.st_uid == geteuid() && !(st.st_mode & 022))
		return fd;
	(void)close(fd);
	return -EPERM;
}

/* Return: a descriptor; -ENOENT; -ELOOP: no plain file */
static int open_plain(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		return fd;
	(void)close(fd);
	return -ELOOP;
}

/** read_file() - the text of a file that setup may write. Return: 0; -ENOENT; other -errno */
int read_file(int root, const char *path, char **out)
{
	const char *name;
	cleanup_close int dir = open_folder(root, path, &name), fd = -1;

	if (dir < 0)
		return dir;
	fd = open_plain(dir, name);
	return fd < 0 ? fd : host_text(dir, name, out);
}

/** write_file() - a new text for a file that setup may write. Return: 0 or -errno */
int write_file(int root, const char *path, const char *text)
{
	const char *name;
	cleanup_close int dir = open_folder(root, path, &name), fd = -1;

	if (dir < 0)
		return dir;
	fd = open_plain(dir, name);
	if (fd < 0 && fd != -ENOENT)
		return fd;
	return write_whole(dir, name, text, 0644, fd < 0 ? -1 : fd);
}

/** tidy_file() - what an interrupted write has left beside a file */
void tidy_file(int root, const char *path)
{
	char temporary[NAME_MAX + 32];
	const char *name;
	cleanup_close int dir = open_folder(root, path, &name);

	if (dir >= 0)
		(void)unlinkat(dir, temporary_name(name, temporary), 0);
}

/** remove_file() - one that setup has made. Return: 0 or -errno */
int remove_file(int root, const char *path)
{
	const char *name;
	cleanup_close int dir = open_folder(root, path, &name);

	if (dir < 0)
		return dir;
	if (unlinkat(dir, name, 0))
		return -errno;
	(void)fsync(dir);
	return 0;
}

/* What the tools find there, and nothing of the caller's. */
static char *const environment[] = {
	(char[]){ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
	(char[]){ "HOME=/root" },
	(char[]){ "LC_ALL=C" },
	(char[]){ "DEBIAN_FRONTEND=noninteractive" },
	NULL,
};

/**
 * run_command() - one of the distribution's tools, and wait for its end
 * @root_path:	"/" or a test's tree, in which it is looked for
 * @argv:	the first is its path below the root
 *
 * Its input is empty; what it says goes to our standard error output.
 *
 * Return: 0; -ENOEXEC it was not executed; its exit status; 128 and the signal
 */
int run_command(int root, const char *root_path, char *const *argv)
{
	char path[PATH_MAX];
	int status = 0;
	pid_t pid;

	if (!setup_may_run(argv[0]) || faccessat(root, argv[0], X_OK, 0))
		return -ENOEXEC;
	(void)snprintf(path, sizeof(path), "%s%s%s", root_path,
		       root_path[strlen(root_path) - 1] == '/' ? "" : "/", argv[0]);
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		char *own[SETUP_ARGS_MAX];
		cleanup_close int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

		memcpy(own, argv, sizeof(own));
		own[0] = path;
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(STDERR_FILENO, STDOUT_FILENO);
		(void)execve(path, own, environment);
		_exit(127);
	}
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? (WEXITSTATUS(status) == 127 ? -ENOEXEC : WEXITSTATUS(status))
				 : 128 + WTERMSIG(status);
}
