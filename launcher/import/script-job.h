/* SPDX-License-Identifier: GPL-2.0-or-later */
/* script-job.h - what the rows of script.c, script-disks.c and script-steps.c share */
#ifndef VFIO_RUN_IMPORT_SCRIPT_JOB_H
#define VFIO_RUN_IMPORT_SCRIPT_JOB_H

#include "launcher/import/import.h"
#include "launcher/import/script.h"

#define VALUE_MAX 1024

/* One of the two chips that a firmware is in; an empty file: there is none. */
struct script_flash {
	char file[VALUE_MAX];
	unsigned int line;
};

struct job {
	struct import *m;
	struct script_words *words;
	struct import_section *vm;
	const char *name;    /* of the option at work, without dashes */
	const char *value;   /* "" where it has none */
	const char *written; /* the same, where it is JSON as it was written */
	unsigned int line;
	struct script_flash code, variables;
	bool net, card, uefi, secure, no_memory, virtio_input;
	bool only_arguments; /* beside another format's devices: what has no key is an argument */
};

/* Rows of options; @j->value is theirs. */
void script_take_drive(struct job *j);
void script_take_blockdev(struct job *j);
void script_take_disk(struct job *j);
void script_take_cdrom(struct job *j);
void script_settle_firmware(struct job *j);

/* What stands before QEMU's name, and the script's other commands. */
void script_take_before(struct job *j);
void script_take_steps(struct job *j, const char *text);

bool script_option(const char *value, const char *name, char buf[VALUE_MAX]);
bool script_is_on(const char *value, const char *name);
bool script_is_plain(const char *value);
void script_left(struct job *j, const char *what);
const char *script_who_has(const struct job *j, const char *name, const char *key, const char *id);

#endif /* VFIO_RUN_IMPORT_SCRIPT_JOB_H */
