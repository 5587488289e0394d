/* SPDX-License-Identifier: GPL-2.0-or-later */
/* setup.h - the program that alone writes to /etc: what its files share */
#ifndef VFIO_RUN_PROGRAMS_SETUP_H
#define VFIO_RUN_PROGRAMS_SETUP_H

#include "launcher/setup/setup.h"

#define SETUP_STATE "var/lib/vfio-run/setup"

/* ---- record (setup-record.c) ---- */

enum record_kind {
	RECORD_FILE,
	RECORD_COMMAND, /* has changed something itself */
	RECORD_REFRESH, /* makes files known: once more, when they are as they were */
	RECORD_KINDS
};

/* One change that was begun. */
struct record {
	enum record_kind kind;
	char path[SETUP_PATH_MAX];           /* of a file, below the root */
	char old[HASH_TEXT], new[HASH_TEXT]; /* "" : it is not there */
	char *argv[SETUP_ARGS_MAX];          /* of the others: what takes it back */
};

struct records {
	int dir; /* of the record, locked */
	struct record *item;
	size_t count;
};

int records_open(int root, bool make, struct records *out) must_check;
void records_close(struct records *r);
int records_add(struct records *r, const struct record *new) must_check;
int records_drop(struct records *r, size_t i) must_check;
int records_keep_text(struct records *r, const char *hash, const char *text) must_check;
int records_text(struct records *r, const char *hash, char **out) must_check;

/* ---- files and commands (setup-write.c) ---- */

int write_whole(int dir, const char *name, const char *text, unsigned int mode,
		int like) must_check;
int write_file(int root, const char *path, const char *text) must_check;
int read_file(int root, const char *path, char **out) must_check;
void tidy_file(int root, const char *path);
int remove_file(int root, const char *path) must_check;
int run_command(int root, const char *root_path, char *const *argv) must_check;

/* ---- the two jobs ---- */

int setup_apply(int root, const char *root_path, const char *digest, struct setup_need *need,
		size_t count);
int setup_undo(int root, const char *root_path);

#endif /* VFIO_RUN_PROGRAMS_SETUP_H */
