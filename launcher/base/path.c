/* SPDX-License-Identifier: GPL-2.0-or-later */
/* path.c - a path without ".", ".." and empty parts */
#include <string.h>

#include "launcher/base/path.h"

/**
 * path_plain() - where an absolute path leads when no part of it is a symbolic link
 * @path:	begins with '/'; "/./dev/" becomes "/dev", "/a/../.." becomes "/"
 * @buf:	@size bytes; filled
 *
 * For comparisons only: the result is not to be opened.
 *
 * Return: false when it does not fit
 */
bool path_plain(const char *path, char *buf, size_t size)
{
	size_t used = 0;

	for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
		size_t length = strcspn(path, "/");

		if (length == 2 && !memcmp(path, "..", 2)) {
			while (used && buf[--used] != '/')
				;
		} else if (length != 1 || *path != '.') {
			if (used + 1 + length >= size)
				return false;
			buf[used++] = '/';
			memcpy(buf + used, path, length);
			used += length;
		}
		path += length;
	}
	if (size < 2)
		return false;
	if (!used)
		buf[used++] = '/';
	buf[used] = '\0';
	return true;
}
