/* SPDX-License-Identifier: GPL-2.0-or-later */
/* user.h - the user that a VM belongs to and QEMU runs as */
#ifndef VFIO_RUN_HOST_USER_H
#define VFIO_RUN_HOST_USER_H

#include <stdbool.h>
#include <sys/types.h>

#include "launcher/base/cleanup.h"

struct host_user {
	uid_t uid;
	gid_t gid;
	bool alone; /* without further groups, as QEMU is: to look them up loads libraries, may ask servers */
	char name[33];
	char home[256];
};

/* What is wrong with the variables of sudo, doas or pkexec. */
struct host_user_error {
	const char *variable; /* NULL: none of them was read */
	const char *other;    /* that names another user; NULL: it is wrong by itself */
};

int host_user_invoking(struct host_user *out, struct host_user_error *error) must_check;
void host_user_nobodys(struct host_user *out);
int host_user_at_login(uid_t *out) must_check;
int host_user_named(const char *name, struct host_user *out) must_check;

#endif /* VFIO_RUN_HOST_USER_H */
