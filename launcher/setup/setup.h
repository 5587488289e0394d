/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setup.h - what a host lacks, and how it gets it: needs -> steps, by this distribution's means
 *
 * Read-only and libc only: `vfio-run setup` prints the steps, and the program that takes them
 * (launcher/keeper/programs/setup*.c) works them out again by the same code. What crosses the
 * boundary between the two are needs, words of a closed grammar: no path and no argument.
 */
#ifndef VFIO_RUN_SETUP_H
#define VFIO_RUN_SETUP_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/cleanup.h"
#include "launcher/setup/hash.h"

#define SETUP_WORD_MAX 96
#define SETUP_NEEDS_MAX 32
#define SETUP_PATH_MAX 256
#define SETUP_ARGS_MAX 24
#define SETUP_TEXT_MAX 512

enum setup_kind {
	SETUP_PARAMETER,    /* WORD on the kernel's command line */
	SETUP_NO_PARAMETER, /* and not on it */
	SETUP_PACKAGE,      /* a row of the table of packages, by its name */
	SETUP_NO_OPTION,    /* MODULE:OPTION in no file of /etc/modprobe.d */
	SETUP_AT_BOOT,	    /* ADDRESS=VENDOR:DEVICE goes to vfio-pci at every boot */
	SETUP_NO_AT_BOOT,   /* ADDRESS, or "all", does not */
	SETUP_KINDS
};

struct pci_address;

struct setup_need {
	enum setup_kind kind;
	char word[SETUP_WORD_MAX];
	const char *check; /* the check that asks for it; NULL: none does. Borrowed */
	const char *why;   /* its sentence. Borrowed; NULL */
};

bool setup_need_parse(const char *text, struct setup_need *out);
const char *setup_need_format(const struct setup_need *need, char buf[SETUP_WORD_MAX + 16]);

enum setup_step_kind { SETUP_FILE, SETUP_COMMAND };

struct setup_step {
	enum setup_step_kind kind;
	size_t need; /* the first one that asks for it */
	/* SETUP_FILE */
	char path[SETUP_PATH_MAX]; /* below the root, without its slash */
	char *old, *new;           /* texts; old NULL: the file is not there; new NULL: it goes */
	/* SETUP_COMMAND */
	char *argv[SETUP_ARGS_MAX]; /* NULL-terminated; the first is a path below the root */
	char *undo[SETUP_ARGS_MAX]; /* what takes it back; the same for what only makes files known
				     */
	bool installs; /* of a package: undo has nothing to do where that is not there */
};

/* Of a need: how it stands. */
enum setup_state {
	SETUP_STEPS,  /* there are steps */
	SETUP_REBOOT, /* it is done, and counts from the next boot on */
	SETUP_BY_HAND /* no step: the text says what to do */
};
struct setup_answer {
	enum setup_state state;
	char text[SETUP_TEXT_MAX]; /* of REBOOT and BY_HAND */
};

struct setup_plan {
	const char *system; /* the distribution's name, as it names itself */
	char system_text[128];
	const char *loader;      /* NULL: none was found */
	const char *initramfs;   /* NULL: none was found */
	struct setup_need *need; /* borrowed */
	size_t need_count;
	struct setup_answer answer[SETUP_NEEDS_MAX];
	struct setup_step *step; /* in their order */
	size_t step_count;
	bool reboot; /* what the steps do counts from the next boot on */
};

int setup_plan_make(int root, struct setup_need *need, size_t count,
		    struct setup_plan *out) must_check;
void setup_plan_fini(struct setup_plan *plan);
const char *setup_plan_digest(const struct setup_plan *plan, char buf[HASH_TEXT]);
bool setup_may_write(const char *path);
bool setup_may_run(const char *path);

/* ---- packages (packages.c) ---- */

size_t setup_package_count(void);
const char *setup_package_name(size_t row);
const char *setup_package_for(size_t row);
bool setup_package_is_there(int root, const char *name);

/* ---- devices that are on vfio-pci from the boot on (at-boot.c) ---- */

bool setup_at_boot_parse(const char *word, struct pci_address *address, unsigned int *vendor,
			 unsigned int *device) must_check;
bool setup_no_at_boot_parse(const char *word);

/* ---- for the files of this room ---- */

struct system {
	char name[128];
	int family; /* enum family of packages.c; -1: none that is known */
};
void setup_system(int root, struct system *out);
bool setup_any(int root, const char *paths);
const char *setup_first(int root, const char *paths, char buf[SETUP_PATH_MAX]);
int setup_add_command(struct setup_plan *plan, size_t need, const char *const *argv,
		      const char *const *undo, bool installs) must_check;
int setup_edit(int root, struct setup_plan *plan, size_t need, const char *path,
	       struct setup_step **out) must_check;
int setup_by_hand(struct setup_plan *plan, size_t need, const char *format, ...) printf_like(3, 4);
int setup_packages(int root, const struct system *s, struct setup_plan *plan) must_check;
int setup_parameter(int root, struct setup_plan *plan, size_t need, bool refresh) must_check;
int setup_initramfs(int root, struct setup_plan *plan, size_t need) must_check;
int setup_initramfs_of(int root, struct setup_plan *plan, size_t need, const char *file,
		       bool tracks) must_check;
int setup_at_boot(int root, struct setup_plan *plan, size_t need, bool refresh) must_check;
void setup_find_loader(int root, struct setup_plan *plan);

#endif /* VFIO_RUN_SETUP_H */
