/* SPDX-License-Identifier: GPL-2.0-or-later */
/* suggest.h - "did you mean": the word that differs least */
#ifndef VFIO_RUN_SUGGEST_H
#define VFIO_RUN_SUGGEST_H

#include <stddef.h>

/* The nearest of the words that were offered. */
struct suggestion {
	const char *word; /* what was written */
	const char *best; /* NULL: nothing is near */
	unsigned int distance;
};

void suggestion_offer(struct suggestion *s, const char *candidate);
const char *suggest(const char *word, const char *(*candidate)(size_t), size_t count);

#endif /* VFIO_RUN_SUGGEST_H */
