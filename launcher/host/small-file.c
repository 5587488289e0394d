/* SPDX-License-Identifier: GPL-2.0-or-later */
/* small-file.c - whole small files and sorted directories below the snapshot's root */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/small-file.h"

#define TEXT_MAX (4u << 20) /* /proc/locks of a busy file server has megabytes */

/**
 * host_text() - the text of a file, whole
 * @path:	relative to @root; not blocking: it may be a pipe
 * @out:	NUL-terminated; freed by the caller; set on success only
 *
 * Return: 0 or -errno; -EFBIG beyond 4 MiB
 */
int host_text(int root, const char *path, char **out)
{
	cleanup_close int fd = openat(root, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	cleanup_free char *text = NULL;
	size_t used = 0, room = 0;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && used < TEXT_MAX) {
		if (used + 1 >= room) {
			char *bigger = realloc(text, room ? room * 2 : 4096);

			if (!bigger)
				return -ENOMEM;
			room = room ? room * 2 : 4096;
			text = bigger;
		}
		n = read(fd, text + used, room - used - 1);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			used += (size_t)n;
	}
	if (n < 0)
		return -errno;
	if (n > 0)
		return -EFBIG;
	text[used] = '\0';
	*out = take_ptr(text);
	return 0;
}

/**
 * host_next_line() - cut the next line off a text
 * @rest:	moved behind it; starts at the text
 *
 * Return: the line without its newline, or NULL at the end
 */
char *host_next_line(char **rest)
{
	char *line = *rest, *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	if (end)
		*end++ = '\0';
	*rest = end ? end : line + strlen(line);
	return line;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/** host_list_free() - free what host_list() made; NULL is allowed */
void host_list_free(char **names, size_t count)
{
	for (size_t i = 0; names && i < count; i++)
		free(names[i]);
	free(names);
}

static int add_name(char ***names, size_t *count, const char *name)
{
	char **bigger = reallocarray(*names, *count + 1, sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	*names = bigger;
	bigger[*count] = strdup(name);
	return bigger[*count] ? (++*count, 0) : -ENOMEM;
}

/**
 * host_list() - the names in a directory but those that start with a dot, sorted
 * @out:	freed with host_list_free(); NULL for none
 *
 * Return: 0 or -errno
 */
int host_list(int root, const char *path, char ***out, size_t *count)
{
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	cleanup_closedir DIR *dir = NULL;
	struct dirent *e;

	*out = NULL;
	*count = 0;
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return -ENOMEM;
	}
	while (!r && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			r = add_name(out, count, e->d_name);
	if (r) {
		host_list_free(*out, *count);
		*out = NULL;
		*count = 0;
	} else if (*count) {
		qsort(*out, *count, sizeof(**out), by_name);
	}
	return r;
}
