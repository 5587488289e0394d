/* SPDX-License-Identifier: GPL-2.0-or-later */
/* errors.c - collecting what is wrong with a profile */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/profile.h"

static bool make_room(struct profile_errors *errors)
{
	struct profile_error *item;

	if (errors->count >= PROFILE_ERRORS_MAX) {
		errors->dropped++;
		return false;
	}
	item = reallocarray(errors->item, errors->count + 1, sizeof(*item));
	if (!item) {
		errors->out_of_memory = true;
		return false;
	}
	errors->item = item;
	return true;
}

/**
 * profile_errors_add() - record one thing that is wrong
 * @errors:	zeroed before its first use; profile_errors_fini() it
 * @pos:	where it stands; line 0: nowhere, such as a section that is not there
 * @hint:	what to do, copied; NULL: nothing to add
 * @format:	what was found and what was expected, one line, no full stop
 *
 * When memory is short, errors->out_of_memory is set instead; after PROFILE_ERRORS_MAX
 * errors, further ones are counted in errors->dropped only.
 */
void profile_errors_add(struct profile_errors *errors, struct profile_pos pos, const char *hint,
			const char *format, ...)
{
	struct profile_error e = { .pos = pos };
	va_list ap;
	int rc;

	if (!make_room(errors))
		return;
	va_start(ap, format);
	rc = vasprintf(&e.text, format, ap);
	va_end(ap);
	if (rc < 0) {
		errors->out_of_memory = true;
		return;
	}
	if (hint) {
		e.hint = strdup(hint);
		errors->out_of_memory |= !e.hint;
	}
	errors->item[errors->count++] = e;
}

/** profile_errors_fini() - free what was recorded; @errors is empty again */
void profile_errors_fini(struct profile_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++) {
		free(errors->item[i].text);
		free(errors->item[i].hint);
	}
	free(errors->item);
	*errors = (struct profile_errors){ 0 };
}
