/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nearest.c - "did you mean": the word that differs least */
#include <string.h>

#include "launcher/base/nearest.h"

#define WORD_MAX 32

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edit distance with swaps of neighbours: the usual slips of a hand count as one. */
static size_t distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), d[WORD_MAX + 1][WORD_MAX + 1];

	if (la > WORD_MAX || lb > WORD_MAX)
		return WORD_MAX;
	for (size_t i = 0; i <= la; i++)
		for (size_t j = 0; j <= lb; j++) {
			size_t cost;

			if (!i || !j) {
				d[i][j] = i + j;
				continue;
			}
			cost = a[i - 1] != b[j - 1];
			d[i][j] = least(least(d[i - 1][j] + 1, d[i][j - 1] + 1),
					d[i - 1][j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[la][lb];
}

/**
 * nearest() - the candidate that @word may have been meant to be
 * @candidate:	called with 0 to @count - 1
 *
 * Return: one of the candidates, or NULL when none is near: one slip in a short word,
 *	   two in a longer one
 */
const char *nearest(const char *word, const char *(*candidate)(size_t), size_t count)
{
	size_t best = strlen(word) < 5 ? 2 : 3;
	const char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		size_t d = distance(word, candidate(i));

		if (d < best) {
			best = d;
			found = candidate(i);
		}
	}
	return found;
}
