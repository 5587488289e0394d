/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setup-record.c - what setup has changed: written down before, in /var/lib/vfio-run/setup
 *
 * `record` has a line for each change, the last one last; beside it stands, under its hash, the
 * text that each file had. A line and a text are on the disk before the change is made; a line
 * goes when its change was taken back. Every write is a new file that takes the old one's name,
 * so there is never half a record.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "launcher/host/small-file.h"
#include "launcher/keeper/programs/setup.h"

#define HEAD "vfio-run setup 1"
#define NONE "none"

static const char *const words[RECORD_KINDS] = {
	[RECORD_FILE] = "file", [RECORD_COMMAND] = "command", [RECORD_REFRESH] = "refresh"
};

static bool is_hash(const char *text)
{
	return strlen(text) == HASH_TEXT - 1 && strspn(text, "0123456789abcdef") == HASH_TEXT - 1;
}

static bool take_hash(const char *word, char out[HASH_TEXT])
{
	if (!word || (!is_hash(word) && strcmp(word, NONE) != 0))
		return false;
	(void)snprintf(out, HASH_TEXT, "%s", is_hash(word) ? word : "");
	return true;
}

static bool parse_file(char *save, struct record *out)
{
	const char *path = strtok_r(NULL, "\t", &save);

	if (!path || strlen(path) >= sizeof(out->path) || !setup_may_write(path))
		return false;
	(void)snprintf(out->path, sizeof(out->path), "%s", path);
	return take_hash(strtok_r(NULL, "\t", &save), out->old) &&
	       take_hash(strtok_r(NULL, "\t", &save), out->new);
}

static bool parse_command(char *save, struct record *out)
{
	size_t n = 0;

	for (const char *w = strtok_r(NULL, "\t", &save); w; w = strtok_r(NULL, "\t", &save)) {
		if (n + 1 >= SETUP_ARGS_MAX || !(out->argv[n] = strdup(w)))
			return false;
		n++;
	}
	return n && setup_may_run(out->argv[0]);
}

static bool parse(char *line, struct record *out)
{
	char *save = NULL;
	const char *kind = strtok_r(line, "\t", &save);

	*out = (struct record){ .kind = RECORD_KINDS };
	for (size_t i = 0; i < RECORD_KINDS && kind; i++)
		if (!strcmp(kind, words[i]))
			out->kind = (enum record_kind)i;
	if (out->kind == RECORD_KINDS)
		return false;
	return out->kind == RECORD_FILE ? parse_file(save, out) : parse_command(save, out);
}

static void forget(struct record *r)
{
	for (size_t i = 0; i < SETUP_ARGS_MAX; i++) {
		free(r->argv[i]);
		r->argv[i] = NULL;
	}
}

static int add_item(struct records *r, const struct record *new)
{
	struct record *bigger = reallocarray(r->item, r->count + 1, sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	r->item = bigger;
	bigger[r->count++] = *new;
	return 0;
}

/* Return: 0; -EBADMSG: it is not one that this version has written, nothing is guessed */
static int load(struct records *r)
{
	cleanup_free char *text = NULL;
	int e = host_text(r->dir, "record", &text);
	char *rest = text, *line;

	if (e)
		return e == -ENOENT ? 0 : e;
	line = host_next_line(&rest);
	if (!line || strcmp(line, HEAD) != 0)
		return -EBADMSG;
	while ((line = host_next_line(&rest))) {
		struct record one;

		if (!parse(line, &one)) {
			forget(&one);
			return -EBADMSG;
		}
		e = add_item(r, &one);
		if (e)
			return e;
	}
	return 0;
}

/* Each part root's, or the caller's in a test's tree, and nobody else's to write. */
static int open_state(int root, bool make)
{
	static const char *const parts[] = { "var", "lib", "vfio-run", "setup" };
	int dir = fcntl(root, F_DUPFD_CLOEXEC, 3);

	for (size_t i = 0; i < ARRAY_SIZE(parts) && dir >= 0; i++) {
		int parent = dir;
		struct stat st;

		if (make && mkdirat(parent, parts[i], i < 2 ? 0755 : 0700) && errno != EEXIST)
			dir = -1;
		else
			dir = openat(parent, parts[i],
				     O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (dir >= 0 && i >= 2 &&
		    (fstat(dir, &st) || st.st_uid != geteuid() || st.st_mode & 022)) {
			close_fd(&dir);
			errno = EPERM;
		}
		{
			int saved = errno;

			(void)close(parent);
			errno = saved;
		}
	}
	return dir < 0 ? -errno : dir;
}

/**
 * records_open() - lock and read the record
 * @make:	the folder where there is none
 * @out:	records_close() in any case
 *
 * Return: 0; -ENOENT there is none; -EBUSY another setup is at work; -EBADMSG it cannot be
 * understood; other -errno
 */
int records_open(int root, bool make, struct records *out)
{
	*out = (struct records){ .dir = open_state(root, make) };
	if (out->dir < 0)
		return out->dir;
	if (flock(out->dir, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return load(out);
}

/** records_close() - free it, and let go of the lock */
void records_close(struct records *r)
{
	for (size_t i = 0; i < r->count; i++)
		forget(&r->item[i]);
	free(r->item);
	if (r->dir >= 0)
		(void)close(r->dir);
	*r = (struct records){ .dir = -1 };
}

static void print_record(FILE *out, const struct record *r)
{
	(void)fputs(words[r->kind], out);
	if (r->kind == RECORD_FILE)
		(void)fprintf(out, "\t%s\t%s\t%s", r->path, *r->old ? r->old : NONE,
			      *r->new ? r->new : NONE);
	for (size_t i = 0; r->argv[i]; i++)
		(void)fprintf(out, "\t%s", r->argv[i]);
	(void)fputc('\n', out);
}

static int save(struct records *r)
{
	cleanup_free char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	(void)fprintf(out, "%s\n", HEAD);
	for (size_t i = 0; i < r->count; i++)
		print_record(out, &r->item[i]);
	if (fclose(out))
		return -ENOMEM;
	return write_whole(r->dir, "record", text, 0600, -1);
}

/**
 * records_add() - write a change down, before it is made
 * @new:	taken over on success
 *
 * Return: 0 it is on the disk; -errno
 */
int records_add(struct records *r, const struct record *new)
{
	int e = add_item(r, new);

	if (!e) {
		e = save(r);
		r->count -= e != 0;
	}
	return e;
}

/* The texts of a record that is empty are nobody's any more. */
static void drop_texts(struct records *r)
{
	size_t count;
	char **name;

	if (host_list(r->dir, ".", &name, &count))
		return;
	for (size_t i = 0; i < count; i++)
		if (is_hash(name[i]))
			(void)unlinkat(r->dir, name[i], 0);
	host_list_free(name, count);
	(void)unlinkat(r->dir, "record", 0);
}

/** records_drop() - a change was taken back: its line goes. Return: 0 or -errno */
int records_drop(struct records *r, size_t i)
{
	forget(&r->item[i]);
	memmove(&r->item[i], &r->item[i + 1], (r->count - i - 1) * sizeof(*r->item));
	r->count--;
	if (r->count)
		return save(r);
	drop_texts(r);
	return 0;
}

/** records_keep_text() - a file's text under its hash, on the disk. Return: 0 or -errno */
int records_keep_text(struct records *r, const char *hash, const char *text)
{
	return faccessat(r->dir, hash, F_OK, 0) ? write_whole(r->dir, hash, text, 0600, -1) : 0;
}

/** records_text() - a text by its hash. Return: 0; -EBADMSG it is another one; other -errno */
int records_text(struct records *r, const char *hash, char **out)
{
	char now[HASH_TEXT];
	int e = host_text(r->dir, hash, out);

	if (e)
		return e;
	if (!strcmp(hash_text(*out, strlen(*out), now), hash))
		return 0;
	free(take_ptr(*out));
	return -EBADMSG;
}
