/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jail-inside.h - what the stages of a jail share; of the jail*.c only */
#ifndef VFIO_RUN_JAIL_INSIDE_H
#define VFIO_RUN_JAIL_INSIDE_H

#include <linux/filter.h>
#include <string.h>

#include "launcher/keeper/jail/jail.h"

/*
 * Built with -DJAIL_SKIP='"NAME"' a stage of QEMU's jail is left out: the tests must notice each of
 * them. With -DJAIL_ONLY='",NAME,NAME,"' all others are: what a start costs without a jail.
 */
#if defined(JAIL_SKIP)
#define jail_skips(name) (!strcmp(name, JAIL_SKIP))
#elif defined(JAIL_ONLY)
static inline bool jail_skips(const char *name)
{
	size_t length = strlen(name);

	for (const char *at = JAIL_ONLY; (at = strstr(at, name)); at++)
		if (at[-1] == ',' && at[length] == ',')
			return false;
	return true;
}
#else
#define jail_skips(name) ((void)(name), false)
#endif

/* The process that becomes the program. */
struct child {
	const struct jail *jail;
	int park, failure; /* its ends of the pipes */
	int dev;	   /* where a handle of its /dev is sent to; -1: nowhere */
	int program;	   /* -1: by path */
	struct sock_fprog filter;
};

/* jail-failure.c */
void jail_fail(const struct child *c, const char *step, const char *path, int error)
	__attribute__((noreturn));
void jail_check(const struct child *c, int rc, const char *step);

/* jail-stages.c */
_Noreturn void jail_inside(struct child *c);

/* jail-root.c: one stage each, in this order */
void jail_separate(struct child *c);
void jail_take_files(struct child *c);
void jail_take_system(struct child *c);
void jail_make_root(struct child *c);
void jail_make_proc(struct child *c);
void jail_enter(struct child *c);
void jail_place(struct child *c);
void jail_close_root(struct child *c);

/* jail-dev.c */
void jail_make_dev(struct child *c);

/* jail-nodes.c */
int jail_node_find(const struct keeper_node *n, struct keeper_node *out) must_check;
int jail_node_numbers(const struct keeper_node *n, dev_t *out) must_check;

/* jail-late.c */
bool jail_has_late_nodes(const struct jail *jail);
void jail_send_dev(struct child *c);

/* jail-files.c: opens the VM's files as its user */
struct jail_opened {
	int32_t error; /* 0 or -errno */
	uint32_t mode; /* of stat(2) */
};
bool jail_has_file(const struct jail *jail, uint32_t i);
int jail_files_start(const struct jail *jail, pid_t *helper) must_check;
int jail_files_next(int socket, struct jail_opened *out, int *fd) must_check;
int jail_files_end(pid_t helper, int socket) must_check;

/* jail-users.c */
void jail_become_root_of_its_own(struct child *c);

/* jail-filter.c */
void jail_map_filter(struct child *c);
void jail_put_filter_on(struct child *c);

#endif /* VFIO_RUN_JAIL_INSIDE_H */
