/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysfs.c - small reads below a directory: an attribute, a link's last name, existence */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"

/**
 * sysfs_open_dir() - a handle on a directory, for the reads below
 * @dir:	where @path starts
 * @path:	relative; links are followed, as /sys/bus is made of them
 *
 * Return: a descriptor that the caller closes (O_PATH: it can only be looked through), or -errno
 */
int sysfs_open_dir(int dir, const char *path)
{
	int fd = openat(dir, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/**
 * sysfs_read() - the text of an attribute, without its last newline
 * @buf:	receives the text and a NUL; "" after any error
 * @size:	at least 1
 *
 * An attribute comes whole in one read(2), as do a regular file and the short files of /proc
 * that are read with this: a second read, to see the end, would only be a further system call.
 * Some attributes block for as long as an unbind of their device hangs (driver_override
 * up to 7.0, sriov_numvfs): the caller must know which it reads.
 *
 * Return: the length, or -errno; -EOVERFLOW when it does not fit
 */
int sysfs_read(int dir, const char *path, char *buf, size_t size)
{
	cleanup_close int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	size_t length;
	ssize_t n;

	buf[0] = '\0';
	if (fd < 0)
		return -errno;
	do
		n = read(fd, buf, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	length = (size_t)n;
	if (length == size) {
		buf[0] = '\0';
		return -EOVERFLOW;
	}
	if (length && buf[length - 1] == '\n')
		length--;
	buf[length] = '\0';
	return (int)length;
}

/**
 * sysfs_read_number() - an attribute that is one number
 * @out:	written on success only; decimal, or hexadecimal behind 0x
 *
 * Return: 0 or -errno; -EINVAL when it is something else
 */
int sysfs_read_number(int dir, const char *path, int64_t *out)
{
	char text[32], *end;
	long long value;
	int r = sysfs_read(dir, path, text, sizeof(text));

	if (r < 0)
		return r;
	errno = 0;
	value = strtoll(text, &end, strncmp(text, "0x", 2) ? 10 : 16);
	if (errno || end == text || *end)
		return -EINVAL;
	*out = value;
	return 0;
}

/**
 * sysfs_link_name() - the last name of what a link points at: a driver, a group, a module
 * @buf:	receives the name and a NUL; "" after any error
 *
 * Return: 0 or -errno; -ENOENT is the usual case: there is none
 */
int sysfs_link_name(int dir, const char *path, char *buf, size_t size)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, path, target, sizeof(target));
	const char *name;

	buf[0] = '\0';
	if (n < 0)
		return -errno;
	if ((size_t)n == sizeof(target))
		return -EOVERFLOW;
	target[n] = '\0';
	name = strrchr(target, '/');
	name = name ? name + 1 : target;
	if (strlen(name) >= size)
		return -EOVERFLOW;
	memcpy(buf, name, strlen(name) + 1);
	return 0;
}

/** sysfs_exists() - is anything there? A link counts, wherever it leads. */
bool sysfs_exists(int dir, const char *path)
{
	struct stat st;

	return !fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW);
}

/** sysfs_has_word() - is it in a list of words with blanks between? */
bool sysfs_has_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *p = words; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		if (n == length && !strncmp(p, word, n))
			return true;
		p += n;
	}
	return false;
}

/** sysfs_drop_word() - takes one out of a list of words with blanks between */
void sysfs_drop_word(char *words, const char *word)
{
	size_t length = strlen(word);

	for (char *p = words, *next; *p; p = next) {
		size_t n = strcspn(p, " ");

		next = p + n + strspn(p + n, " ");
		if (n != length || strncmp(p, word, n) != 0)
			continue;
		memmove(p, next, strlen(next) + 1);
		next = p;
	}
	for (size_t n = strlen(words); n && words[n - 1] == ' '; n--)
		words[n - 1] = '\0';
}
