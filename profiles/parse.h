/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse.h - a profile while it is being read: which section gave which key, and where */
#ifndef VFIO_RUN_PARSE_H
#define VFIO_RUN_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "profiles/keys.h"
#include "profiles/profile.h"

/* A key of one section; line 0: not given. */
struct parse_given {
	struct profile_pos key, value;
	size_t count;
	bool wrong; /* its value was refused: rules that depend on it are silent */
	bool meant; /* a line that could not be read, or a misspelt one, is probably this key */
};

/* One [section] of the file. */
struct parse_section {
	const struct profile_section *row;
	struct profile_pos pos;
	bool damaged; /* it has lines that could not be read: nothing is reported as missing */
	bool surplus; /* a second one where one is allowed: reported, and read for its errors only */
	size_t index; /* of its element when the section can be repeated */
	struct parse_given given[PROFILE_SECTION_KEYS_MAX]; /* by the key's place in its section */
};

struct parse {
	struct profile *profile;
	struct profile_errors *errors;
	const char *const *option; /* of the command line */
	size_t option_count;
	struct parse_section *section; /* in the order of the file */
	size_t count;
	struct parse_section *current; /* NULL: none, or one that is unknown */
	bool any_heading;
	bool lost;	    /* a heading was unreadable or unknown: its section is not missing as well */
	bool lost_required; /* it is probably a required one, misspelt */
};

void *parse_record(const struct parse *parse, const struct parse_section *section);
struct parse_section *parse_next(const struct parse *parse, const char *name,
				 const struct parse_section *after);
struct parse_given *parse_given(struct parse_section *section, const char *key);

size_t *parse_element_count(struct profile *p, const struct profile_section *row);
int parse_defaults(const struct parse *parse, const struct profile_section *row, void *record)
	__attribute__((warn_unused_result));
int parse_option(struct parse *parse, const char *option) __attribute__((warn_unused_result));
int parse_lines(struct parse *parse, const char *text, size_t size)
	__attribute__((warn_unused_result));

void check_rules(struct parse *parse);
void check_twice(struct parse *parse);

#endif /* VFIO_RUN_PARSE_H */
