/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader.h - the lines of a profile: headings, keys and values with their positions
 *
 * The reader knows the grammar and no key: it reports what is not a line of a profile
 * as errors and hands on the rest.
 */
#ifndef VFIO_RUN_READER_H
#define VFIO_RUN_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "profiles/profile.h"

/* READER_BROKEN: a line that should be a key; its error is recorded, its name "" when unknown. */
enum reader_kind { READER_SECTION, READER_KEY, READER_BROKEN };

/* One line; the strings are the reader's and last until the next call of reader_next(). */
struct reader_event {
	enum reader_kind kind;
	const char *name;	/* of the section or key; "" for a heading that could not be read */
	struct profile_pos pos; /* of the name, or of a heading's "[" */
	const char *value;	/* without quotes and escapes; NULL for a section */
	size_t value_length;
	struct profile_pos value_pos; /* of its first character, a quote included */
	bool quoted;
	bool broken;		/* a heading with an error in its line */
	const char *line_start; /* the line in the file, for positions inside the value */
	const char *raw_value;	/* likewise the value, behind the quote */
};

struct reader {
	const char *text; /* borrowed */
	size_t size, at;
	unsigned int line; /* the one read last */
	char *copy;	   /* of that line: names and values are cut out of it */
	bool crlf_told;
	struct profile_errors *errors; /* borrowed */
};

int reader_init(struct reader *r, const char *text, size_t size, struct profile_errors *errors)
	__attribute__((warn_unused_result));
bool reader_next(struct reader *r, struct reader_event *event);
struct profile_pos reader_value_pos(const struct reader_event *event, size_t offset);
void reader_fini(struct reader *r);

#endif /* VFIO_RUN_READER_H */
