/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message-text.c - pieces of messages: quoted and shortened words, lists */
#include <stdio.h>
#include <string.h>

#include "profiles/message-text.h"

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
