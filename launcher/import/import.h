/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import.h - from another tool's description of a VM to a profile
 *
 * One reader a format; all of them fill the same draft. A program of its own, which runs as the
 * user: what it parses comes from anywhere.
 */
#ifndef VFIO_RUN_IMPORT_H
#define VFIO_RUN_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/cleanup.h"

#define IMPORT_SECTIONS_MAX 96
#define IMPORT_NOTES_MAX 1000 /* more of them nobody reads */

struct import_section {
	const char *name; /* "vm", "disk" ... */
	char *lines;	  /* of the profile, NULL: none yet */
	size_t length;	  /* of @lines, where there are some */
	unsigned int forward; /* the line of the input that forwards the first port; 0: none does */
};

struct import_note {
	unsigned int line; /* of the input; 0: none */
	char *text;
};

/* A profile in the making, and what was not carried over. */
struct import {
	struct import_section section[IMPORT_SECTIONS_MAX];
	size_t section_count;
	struct import_note *note;
	size_t note_count, unsaid; /* @unsaid: those beyond IMPORT_NOTES_MAX */
	bool refused; /* no profile is made of it: an error was printed */
	bool failed; /* no memory, or more than a profile holds */
	const char *input; /* what messages call it */
	unsigned int at;   /* the line of it that is looked at; 0: the whole of it */
};

struct import_section *import_first(struct import *m, const char *name);
struct import_section *import_one(struct import *m, const char *name);
struct import_section *import_new(struct import *m, const char *name);
void import_set(struct import *m, struct import_section *s, const char *key, const char *format, ...)
	printf_like(4, 5);
void import_add(struct import *m, struct import_section *s, const char *key, const char *format, ...)
	printf_like(4, 5);
char *import_doubled(const char *text) must_check;
void import_emulator(struct import *m, unsigned int line, const char *path);
bool import_is_installed(const char *path);
bool import_has(const struct import_section *s, const char *key);
bool import_is(const struct import_section *s, const char *key, const char *value);
void import_serial(struct import *m, struct import_section *s, unsigned int line, const char *serial);
void import_note(struct import *m, unsigned int line, const char *format, ...) printf_like(3, 4);
int import_refuse(const struct import *m, unsigned int line, const char *format, ...) printf_like(3, 4);
void import_settle(struct import *m);
void import_print(const struct import *m);
void import_fini(struct import *m);

/* The readers. Return: 0, or -EINVAL when it is not of that format: an error was printed. */
int import_libvirt(struct import *m, const char *text, size_t size) must_check;
int import_quickemu(struct import *m, char *text, const char *folder) must_check;
int import_proxmox(struct import *m, char *text) must_check;
int import_script(struct import *m, const char *text) must_check;

/* Words of QEMU's that another format holds: keys where there are, else `argument` lines. */
struct script_words;
void import_arguments(struct import *m, struct script_words *words);
void import_argument_text(struct import *m, const char *text, unsigned int line);

/* Of a host device, by what the machine itself says of it. */
bool import_is_card(const char *address);
bool import_is_other(const char *address);
bool import_number(const char *text, int base, unsigned long long most, unsigned long long *out) must_check;
void import_forward(struct import *m, struct import_section *s, unsigned int line, const char *protocol, const char *host,
		    const char *guest);
bool import_parse_size(const char *text, unsigned int shift, unsigned long long *bytes) must_check;
void import_size(struct import *m, struct import_section *s, const char *key, unsigned long long bytes);

#endif /* VFIO_RUN_IMPORT_H */
