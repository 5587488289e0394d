/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message-text.h - pieces of messages: quoted and shortened words, lists */
#ifndef VFIO_RUN_MESSAGE_TEXT_H
#define VFIO_RUN_MESSAGE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define TEXT_SHORT 64	/* bytes of a word in a message, with its quotes and NUL */
#define TEXT_MESSAGE 512 /* bytes of a hint or of a description of what is expected */

const char *text_found(const char *text, char out[TEXT_SHORT]);

/* A list in words, "a, b or c", written into a fixed buffer. */
struct text_list {
	char *out;
	size_t size, used; /* @used: also the start, when something stands before the list */
	size_t written;	   /* words so far */
	const char *last; /* not yet written: it is the one behind "or" */
};
void text_list_add(struct text_list *list, const char *word);
void text_list_end(struct text_list *list, const char *conjunction);

#endif /* VFIO_RUN_MESSAGE_TEXT_H */
