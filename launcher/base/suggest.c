/* SPDX-License-Identifier: GPL-2.0-or-later */
/* suggest.c - "did you mean": the word that differs least */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "launcher/base/suggest.h"

#define WORD_MAX 32 /* longer words are not compared */

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Typing mistakes between two words: insert, leave out, replace, swap two neighbours. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[3][WORD_MAX + 1];
	unsigned int *before = row[0], *last = row[1], *now = row[2];
	size_t length = strlen(b);

	for (unsigned int j = 0; j <= length; j++)
		last[j] = j;
	for (unsigned int i = 1; a[i - 1]; i++) {
		unsigned int *oldest = before;

		now[0] = i;
		for (unsigned int j = 1; j <= length; j++) {
			int ca = tolower((unsigned char)a[i - 1]),
			    cb = tolower((unsigned char)b[j - 1]);

			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
			    cb == tolower((unsigned char)a[i - 2]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = oldest;
	}
	return last[length];
}

/* The mistakes that a word of so many letters may have and still be recognised. */
static unsigned int tolerance(size_t length)
{
	return length < 6 ? 1 : length < 9 ? 2 : 3;
}

/*
 * In a word of two or three letters another one at the start makes another word: "cpu" is no
 * "gpu", "on" is no "no". A letter too many or too few is a slip there, too.
 */
static bool is_another_word(const char *word, const char *candidate)
{
	size_t length = strlen(word);

	return length < 4 && length == strlen(candidate) &&
	       tolower((unsigned char)*word) != tolower((unsigned char)*candidate);
}

/**
 * suggestion_offer() - remember @candidate when it is the nearest so far
 * @s:		word set by the caller, the rest zero
 * @candidate:	borrowed as long as @s->best is used
 *
 * Upper case is no mistake; a beginning of at least three letters counts as one.
 */
void suggestion_offer(struct suggestion *s, const char *candidate)
{
	size_t length = strlen(s->word);
	unsigned int d;

	if (length < 2 || length > WORD_MAX || strlen(candidate) > WORD_MAX)
		return;
	d = distance(s->word, candidate);
	if (length >= 3 && !strncasecmp(s->word, candidate, length))
		d = least(d, 1);
	if (d > tolerance(length) || d >= strlen(candidate) || is_another_word(s->word, candidate))
		return;
	if (!s->best || d < s->distance) {
		s->best = candidate;
		s->distance = d;
	}
}

/**
 * suggest() - the candidate that @word may have been meant to be
 * @candidate:	called with 0 to @count - 1
 *
 * Return: one of the candidates, or NULL when none is near
 */
const char *suggest(const char *word, const char *(*candidate)(size_t), size_t count)
{
	struct suggestion s = { .word = word };

	for (size_t i = 0; i < count; i++)
		suggestion_offer(&s, candidate(i));
	return s.best;
}
