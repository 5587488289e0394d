/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.h - the table of sections and keys: the one place that defines what a profile can hold
 *
 * The parser, the check of the manual page, the completion and the fuzz dictionary are
 * made from it. To support a key, or one more of its values, later: its .supported.
 */
#ifndef VFIO_RUN_KEYS_H
#define VFIO_RUN_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROFILE_SECTION_KEYS_MAX 64   /* keys that one section can have */
#define PROFILE_SECTION_REPEAT_MAX 64 /* times that a repeatable section can be given */
#define PROFILE_KEY_REPEAT_MAX 1024   /* times that a repeatable key can be given in its section */

/* What a value looks like; the row of each in values.c reads and frees it. */
enum profile_key_type {
	PROFILE_KEY_TEXT,
	PROFILE_KEY_TEXTS, /* a repeatable text */
	PROFILE_KEY_PATH,
	PROFILE_KEY_PATHS, /* a repeatable path */
	PROFILE_KEY_SMBIOS, /* a repeatable text for QEMU's -smbios */
	PROFILE_KEY_CHOICE,
	PROFILE_KEY_YES_NO,
	PROFILE_KEY_NUMBER,
	PROFILE_KEY_SIZE,
	PROFILE_KEY_RESOLUTION, /* the bytes that Looking Glass takes for it */
	PROFILE_KEY_DURATION,
	PROFILE_KEY_LATENCY, /* milliseconds */
	PROFILE_KEY_CPUS,
	PROFILE_KEY_DEVICE,
	PROFILE_KEY_ID,
	PROFILE_KEY_SHOWN_ID,
	PROFILE_KEY_USB,
	PROFILE_KEY_LISTEN,
	PROFILE_KEY_MAC,
	PROFILE_KEY_FORWARD,
	PROFILE_KEY_KVMFR,
	PROFILE_KEY_HUGEPAGES,
	PROFILE_KEY_NODE, /* a number, and that it was given */
	PROFILE_KEY_EMULATOR,
	PROFILE_KEY_ROM,
	PROFILE_KEY_REBAR,
	PROFILE_KEY_FORMAT,
	PROFILE_KEY_UNLOAD,
	PROFILE_KEY_MARK, /* its presence is all: it is stored nowhere */
	PROFILE_KEY_TYPE_MAX
};

/* A word that a value can be, and what it becomes in struct profile. */
struct profile_word {
	const char *word; /* NULL ends the list */
	uint64_t value;
};

struct profile_key {
	const char *section, *name;
	enum profile_key_type type;
	bool required, repeatable;
	/* The default: one of the three. */
	const char *default_value; /* read as if it had been written */
	const char *default_note;  /* in words, where it depends on something */
	const char *example;	   /* for a key that has no default */
	/*
	 * What is built: NULL every value; else these words only, "" none at all.
	 * Other values are read, checked, and refused as not supported yet.
	 */
	const char *supported;
	const struct profile_word *words; /* of a choice; also beside a size or a path */
	uint64_t min, max; /* inclusive: of a number; bytes of a size; seconds; length of a text */
	/* Of a text: what else than letters and digits; "*" everything, NULL everything but blanks. */
	const char *also;
	const char *first; /* of a text: those of them that it can start with */
	const char *expected; /* in words, where the type and the range are not enough */
	const char *hint;  /* for a wrong value that no better hint fits */
	size_t offset;	   /* of the field */
	size_t pos_offset; /* of its position, 0: it has none */
	const char *help;
};

struct profile_section {
	const char *name;
	bool required, repeatable, supported;
	size_t array, count; /* offsets of a repeatable section's array and count */
	size_t element;	     /* size of an element; 0: its keys stand in struct profile itself */
	size_t pos;	     /* of a repeatable section: offset in the element of the heading's position */
	size_t present;	     /* offset of the bool that is set when the section is there, 0: none */
	size_t present_pos;  /* likewise, of the position of its heading */
	const char *help;
};

extern const struct profile_section profile_sections[]; /* ends with a NULL name */
extern const struct profile_key profile_keys[];		/* likewise; by section, in its order */

const struct profile_section *profile_section_find(const char *name);
const struct profile_key *profile_section_keys(const struct profile_section *section);
const struct profile_key *profile_key_find(const char *section, const char *name);
bool profile_key_supports(const struct profile_key *key, const char *value);
const char *profile_key_expected(const struct profile_key *key, char *out, size_t size);

#endif /* VFIO_RUN_KEYS_H */
