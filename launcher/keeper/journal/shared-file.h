/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shared-file.h - the host journal as a file: the changes that several VMs need, and their users */
#ifndef VFIO_RUN_SHARED_FILE_H
#define VFIO_RUN_SHARED_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "launcher/base/change.h"
#include "launcher/base/process.h"
#include "launcher/keeper/journal/state.h"

#define SHARED_FILE "host-journal" /* in state/; no VM's is called so: they end in ".journal" */
#define SHARED_CHANGES_MAX 64 /* bits of struct shared_user */
#define SHARED_USERS_MAX 64
#define SHARED_SLOT 65536 /* bytes: all changes and users at their longest */

/* A VM or a detach that counts on shared changes. Its name is its key: it is locked by its journal. */
struct shared_user {
	char name[STATE_NAME_MAX];
	struct process_id keeper;
	uint64_t uses; /* a bit for each change, by its place */
	uint64_t part[SHARED_CHANGES_MAX]; /* of a sum: how much of it this one has added */
};

struct shared {
	uint64_t generation;
	struct change change[SHARED_CHANGES_MAX]; /* kind CHANGE_MAX: a free place */
	struct shared_user user[SHARED_USERS_MAX];
	size_t user_count;
};

void shared_clear(struct shared *s);
bool shared_parse(struct shared *s, char *slot, size_t size);
int shared_print(const struct shared *s, char slot[SHARED_SLOT]);
int shared_read(struct shared *s, int fd) must_check;
int shared_write(struct shared *s, int fd) must_check;

#endif /* VFIO_RUN_SHARED_FILE_H */
