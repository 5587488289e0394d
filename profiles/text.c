/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.c - pieces of messages: quoted and shortened words, lists, "did you mean" */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "profiles/text.h"

#define SUGGESTION_MAX 32 /* longer words are not compared */

/**
 * text_found() - what was found, for a message: in quotes, and not too long
 * @out:	receives the text; the end of a long one is left out, at a character
 *
 * Return: @out
 */
const char *text_found(const char *text, char out[TEXT_SHORT])
{
	size_t room = TEXT_SHORT - sizeof("\"...\""), length = strlen(text);
	bool cut = length > room;

	if (!*text) {
		(void)snprintf(out, TEXT_SHORT, "the end of the line");
		return out;
	}
	if (cut)
		for (length = room; length && ((unsigned char)text[length] & 0xc0) == 0x80;)
			length--;
	(void)snprintf(out, TEXT_SHORT, "\"%.*s%s\"", (int)length, text, cut ? "..." : "");
	return out;
}

static void append(struct text_list *list, const char *before, const char *word)
{
	int n = snprintf(list->out + list->used, list->size - list->used, "%s%s", before, word);

	if (n > 0)
		list->used += (size_t)n < list->size - list->used ? (size_t)n :
								     list->size - list->used - 1;
}

/** text_list_add() - one more word; it is borrowed until the next call */
void text_list_add(struct text_list *list, const char *word)
{
	if (list->last)
		append(list, list->written++ ? ", " : "", list->last);
	list->last = word;
}

/** text_list_end() - writes the last word, behind @conjunction when it is not the only one */
void text_list_end(struct text_list *list, const char *conjunction)
{
	char joint[16];

	(void)snprintf(joint, sizeof(joint), " %s ", conjunction);
	if (list->last)
		append(list, list->written ? joint : "", list->last);
	list->last = NULL;
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Typing mistakes between two words: insert, leave out, replace, swap two neighbours. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[3][SUGGESTION_MAX + 1];
	unsigned int *before = row[0], *last = row[1], *now = row[2];
	size_t length = strlen(b);

	for (unsigned int j = 0; j <= length; j++)
		last[j] = j;
	for (unsigned int i = 1; a[i - 1]; i++) {
		unsigned int *oldest = before;

		now[0] = i;
		for (unsigned int j = 1; j <= length; j++) {
			int ca = tolower((unsigned char)a[i - 1]), cb = tolower((unsigned char)b[j - 1]);

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

/**
 * suggestion_offer() - remember @candidate when it is the nearest so far
 * @s:		word set by the caller, the rest zero
 * @candidate:	borrowed as long as @s->best is used
 *
 * A third of the letters may be wrong; a beginning of a word counts as one mistake.
 */
void suggestion_offer(struct suggestion *s, const char *candidate)
{
	size_t length = strlen(s->word);
	unsigned int d;

	if (length < 2 || length > SUGGESTION_MAX || strlen(candidate) > SUGGESTION_MAX)
		return;
	d = distance(s->word, candidate);
	if (length >= 3 && !strncasecmp(s->word, candidate, length))
		d = least(d, 1);
	if (d > (length + 2) / 3 || d >= strlen(candidate))
		return;
	if (!s->best || d < s->distance) {
		s->best = candidate;
		s->distance = d;
	}
}
