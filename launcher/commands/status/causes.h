/* SPDX-License-Identifier: GPL-2.0-or-later */
/* causes.h - what lines of QEMU's and the kernel's mean, and what helps */
#ifndef VFIO_RUN_CAUSES_H
#define VFIO_RUN_CAUSES_H

#include <stdbool.h>
#include <stddef.h>

/* All static. */
struct cause {
	const char *line; /* what stands in it; with a "*" between two parts */
	const char *means;
	const char *remedy;
	const char *source;
};

/* Which of them were seen in a text; starts zeroed. */
struct causes_seen {
	unsigned char row[64];
};

const struct cause *cause_of(const char *line);
void causes_note(struct causes_seen *seen, const char *line);
void causes_print(const struct causes_seen *seen);
size_t causes_count(void);
const struct cause *causes_row(size_t i);

#endif /* VFIO_RUN_CAUSES_H */
