/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trusted.c - open a file that only root and one user can have written
 *
 * Walks the path part by part, each below a descriptor of the one before and never
 * through a link, and looks at what was opened, not at its name: nothing can be
 * swapped in between. Every directory and the file itself belong to root or the user
 * and are writable by no other. Links are followed where root made them, in
 * directories of root's (/home -> /var/home); a user's could lead root to files that
 * the user must not read. Nothing blocks: a FIFO or a device is seen before it is opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/host/trusted.h"

#define LINKS_MAX 8
#define OWN_DIR "/etc/vfio-run" /* the one directory of root's that only vfio-run uses */

struct walk {
	uid_t user;
	int dir;	       /* where we are */
	bool dir_of_root;      /* and whether only root can change what is in it */
	char rest[PATH_MAX];   /* what is still to go */
	char passed[PATH_MAX]; /* what was passed, for messages */
	unsigned int links;
	struct trusted_error *error;
};

static int refuse(struct walk *w, int rc, const char *part, const char *what)
{
	(void)snprintf(w->error->part, sizeof(w->error->part), "%.400s%s%.100s", w->passed,
		       *part || !*w->passed ? "/" : "", part);
	w->error->what = what;
	return rc;
}

/* Is there room for a directory, and for the file right in it? */
static bool fits_twice(const struct walk *w, const char *part)
{
	const char *rest = w->rest + strspn(w->rest, "/");

	return *rest && !strchr(rest, '/') && strlen(rest) <= 200 && strlen(part) <= 200 && w->user != 0;
}

/* The same, with a remedy that names the path; never one that opens what is not the user's own. */
static int refuse_writable(struct walk *w, const struct stat *st, const char *part, const char *what)
{
	struct trusted_error *e = w->error;
	bool shared;

	(void)refuse(w, -EPERM, part, "");
	shared = S_ISDIR(st->st_mode) && (st->st_uid == 0 || st->st_mode & S_ISVTX) &&
		 strncmp(e->part, OWN_DIR, strlen(OWN_DIR)) != 0;
	if (shared)
		(void)snprintf(e->text, sizeof(e->text),
			       "%s: move the file into a directory of your own, such as "
			       "~/.config/vfio-run", what);
	else if (S_ISDIR(st->st_mode) && st->st_uid == w->user && fits_twice(w, e->part))
		/* A umask of 002 has made both so: in one go. */
		(void)snprintf(e->text, sizeof(e->text), "%s: `chmod go-w %.200s %.200s/%.200s`, or move the file", what,
			       e->part, e->part, w->rest + strspn(w->rest, "/"));
	else
		(void)snprintf(e->text, sizeof(e->text), "%s: `%schmod go-w %.512s`%s", what,
			       st->st_uid == 0 ? "sudo " : "", e->part,
			       S_ISDIR(st->st_mode) ? ", or move the file" : "");
	e->what = e->text;
	return -EPERM;
}

static bool may_own(const struct walk *w, const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == w->user;
}

static int check_dir(struct walk *w, const struct stat *st, const char *part)
{
	if (!may_own(w, st))
		return refuse(w, -EPERM, part,
			      "this directory belongs to somebody else: copy the profile into "
			      "~/.config/vfio-run");
	if (st->st_mode & 0022)
		return refuse_writable(w, st, part,
				       st->st_mode & S_ISVTX ?
					       "everybody can put files into this directory" :
					       "this directory can be written by others");
	w->dir_of_root = st->st_uid == 0;
	return 0;
}

static int check_file(struct walk *w, const struct stat *st, const char *part)
{
	if (S_ISDIR(st->st_mode))
		return refuse(w, -EISDIR, part, "is a directory: name the profile in it");
	if (!S_ISREG(st->st_mode))
		return refuse(w, -EINVAL, part, "is not a regular file: a profile is a text file");
	if (!may_own(w, st))
		return refuse(w, -EPERM, part,
			      "belongs to somebody else: a copy of it in ~/.config/vfio-run is yours");
	if (st->st_mode & 0022)
		return refuse_writable(w, st, part, "can be written by others");
	if (st->st_nlink != 1)
		return refuse(w, -EPERM, part, "has a second name (hard link): copy it");
	return 0;
}

/* Puts a link's target before what is still to go. */
static int follow(struct walk *w, int link, const struct stat *st, const char *part)
{
	char target[PATH_MAX], joined[PATH_MAX];
	ssize_t n;

	if (st->st_uid != 0 || !w->dir_of_root)
		return refuse(w, -EPERM, part, "is a symbolic link that root did not make: name the file itself");
	if (++w->links > LINKS_MAX)
		return refuse(w, -ELOOP, part, "leads through too many symbolic links");
	n = readlinkat(link, "", target, sizeof(target) - 1);
	if (n < 0)
		return refuse(w, -errno, part, "the link cannot be read");
	target[n] = '\0';
	if ((size_t)snprintf(joined, sizeof(joined), "%s/%s", target, w->rest) >= sizeof(joined))
		return refuse(w, -ENAMETOOLONG, part, "the path is too long");
	(void)memcpy(w->rest, joined, sizeof(joined));
	if (*target == '/') {
		(void)close(w->dir);
		w->dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		w->passed[0] = '\0';
		w->dir_of_root = true;
	}
	return w->dir < 0 ? -errno : 0;
}

static int enter(struct walk *w, int *fd, const struct stat *st, const char *part)
{
	size_t used = strlen(w->passed);
	int rc = check_dir(w, st, part);

	if (rc)
		return rc;
	(void)snprintf(w->passed + used, sizeof(w->passed) - used, "/%s", part);
	(void)close(w->dir);
	w->dir = take_fd(fd);
	return 0;
}

/* Takes the first part off what is still to go; 1, or 0 when nothing is left. Cuts nothing. */
static int next_part(struct walk *w, char part[NAME_MAX + 1])
{
	const char *start = w->rest + strspn(w->rest, "/");
	size_t length = strcspn(start, "/");

	if (length > NAME_MAX)
		return refuse(w, -ENAMETOOLONG, start, "the name is too long");
	memcpy(part, start, length);
	part[length] = '\0';
	start += length;
	(void)memmove(w->rest, start, strlen(start) + 1);
	return length != 0;
}

/* The very file that was looked at, opened for reading this time. */
static int reopen(struct walk *w, int fd, const char *part, int *out)
{
	char again[64];
	int rc;

	(void)snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
	*out = open(again, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*out >= 0)
		return 1;
	rc = errno == ENOENT ? ENXIO : errno; /* no /proc is not "no such file" */
	return refuse(w, -rc, part, strerror(rc));
}

/* Return: 1 the file is open in *@out, 0 go on, or -errno */
static int step(struct walk *w, const char *part, int *out)
{
	cleanup_close int fd = openat(w->dir, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	bool last = w->rest[strspn(w->rest, "/")] == '\0';
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st) < 0)
		return refuse(w, -errno, part, strerror(errno));
	if (S_ISLNK(st.st_mode))
		return follow(w, fd, &st, part);
	if (!last)
		return S_ISDIR(st.st_mode) ? enter(w, &fd, &st, part) :
					     refuse(w, -ENOTDIR, part, "is not a directory");
	rc = check_file(w, &st, part);
	return rc ? rc : reopen(w, fd, part, out);
}

static int start(struct walk *w)
{
	struct stat st;

	w->dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w->dir < 0 || fstat(w->dir, &st) < 0)
		return refuse(w, -errno, "", strerror(errno));
	return check_dir(w, &st, "");
}

/* The whole path, absolute. */
static int put_rest(struct walk *w, const char *path)
{
	size_t used;

	if (*path != '/' && !getcwd(w->rest, sizeof(w->rest)))
		return refuse(w, -errno, "", "the working directory is gone");
	used = strlen(w->rest);
	if (used + 1 + strlen(path) >= sizeof(w->rest))
		return refuse(w, -ENAMETOOLONG, "", "the path is too long");
	(void)snprintf(w->rest + used, sizeof(w->rest) - used, "/%s", path);
	return 0;
}

/**
 * trusted_open() - open a file for reading, if only root and @user can have written it
 * @path:	absolute, or relative to the working directory, which is then part of the path
 * @user:	besides root
 * @fd_out:	receives the descriptor; owned by the caller
 * @error:	filled when it is refused
 *
 * Return: 0; -EPERM, -EINVAL not trusted; -ENOENT and other -errno of open(2)
 */
int trusted_open(const char *path, uid_t user, int *fd_out, struct trusted_error *error)
{
	struct walk w = { .user = user, .dir = -1, .dir_of_root = true, .error = error };
	char part[NAME_MAX + 1];
	int rc;

	*error = (struct trusted_error){ .what = "" };
	rc = put_rest(&w, path);
	if (!rc)
		rc = start(&w);
	while (!rc && (rc = next_part(&w, part)) > 0)
		rc = step(&w, part, fd_out);
	if (w.dir >= 0)
		(void)close(w.dir);
	if (!rc)
		return refuse(&w, -EISDIR, "", "is a directory: name the profile in it");
	return rc < 0 ? rc : 0;
}
