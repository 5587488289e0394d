/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scrub.h - what identifies a machine or a person, taken out of a text before it is shown to others
 */
#ifndef VFIO_RUN_SCRUB_H
#define VFIO_RUN_SCRUB_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/cleanup.h"

struct scrub {
	struct scrub_word {
		char *text;
		const char *sign; /* what stands there instead; static */
	} * word;                 /* longest first, once scrub_text() is called */
	size_t count;
	bool incomplete; /* one could not be kept: nothing may be shown */
};

void scrub_add(struct scrub *s, const char *text, const char *sign);
void scrub_machine(struct scrub *s, int root);
char *scrub_text(struct scrub *s, const char *text) must_check;
void scrub_fini(struct scrub *s);

#endif /* VFIO_RUN_SCRUB_H */
