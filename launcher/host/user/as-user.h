/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * as-user.h - looks at and opens what is the user's, as the user
 *
 * The one file of vfio-run that changes credentials. A path that a user wrote is never
 * followed as root: a link below their home could lead root anywhere. Each call forks a
 * child, which becomes the user, does one thing, and answers over a socket.
 */
#ifndef VFIO_RUN_HOST_AS_USER_H
#define VFIO_RUN_HOST_AS_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/host/user/user.h"

#define AS_USER_SECONDS 30 /* a file server that does not answer is not waited for longer */

/*
 * What is done in the child: no return but this one, no lock, no output.
 * Return: a descriptor to hand to the parent, or -1 for none.
 */
typedef int (*as_user_work)(const void *request, void *reply);

int as_user_call(const struct host_user *user, as_user_work work, const void *request, void *reply,
		 size_t reply_size, int *fd_out) must_check;
int as_user_become(const struct host_user *user) must_check;
int as_user_make_parents(const char *path) must_check;

/* What a path is, seen as the user. */
struct as_user_file {
	int error;	  /* 0, or the -errno of opening it */
	char denied[256]; /* with an error: the first part of the path where it shows, cut */
	bool regular, block;   /* with an error too, when it can be reached */
	uint32_t kind;	       /* S_IFMT of its mode; 0: not reached */
	uint32_t major, minor; /* of a block device */
	uint64_t bytes;	       /* of a regular file */
	bool sparse;	       /* likewise: not all of it is on the disk yet */
	uint64_t room;	       /* bytes that its file system has left for the user, or UINT64_MAX */
	bool by_group;	       /* with an error: a further group would permit it; by the caller */
	bool direct;	       /* it can be read and written past the page cache (O_DIRECT) */
	uint8_t head[8];       /* its first bytes; zeros where it is shorter */
};

int as_user_look(const struct host_user *user, const char *path, bool writable,
		 struct as_user_file *out) must_check;
int as_user_kind(const struct host_user *user, const char *path, uint32_t *mode) must_check;
int as_user_open(const struct host_user *user, const char *path, int *fd_out) must_check;
int as_user_log(const struct host_user *user, const char *path, int *fd_out) must_check;
int as_user_copy(const struct host_user *user, const char *from, const char *to) must_check;

#endif /* VFIO_RUN_HOST_AS_USER_H */
