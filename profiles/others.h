/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * others.h - what other programs call the things of a profile, and what is not built yet
 *
 * Nothing here is read as a value: the tables make a message say what to write.
 */
#ifndef VFIO_RUN_OTHERS_H
#define VFIO_RUN_OTHERS_H

#include <stdbool.h>

#include "profiles/keys.h"

/* The key that a word means, and where it stands. */
struct other_key {
	const char *word;
	const char *in;      /* only when it was found in this section; NULL: anywhere */
	const char *section; /* where the key belongs */
	const char *key;     /* NULL: no key does that */
	const char *note;    /* what to do instead, or NULL */
};

extern const struct other_key other_keys[]; /* ends with a NULL word */

const struct other_key *other_key_find(const char *section, const char *word);
const char *other_section_find(const char *word);
const char *other_value_find(const struct profile_key *key, const char *text);

#endif /* VFIO_RUN_OTHERS_H */
