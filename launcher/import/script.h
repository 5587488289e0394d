/* SPDX-License-Identifier: GPL-2.0-or-later */
/* script.h - the words of a shell script's QEMU command line; read, never executed */
#ifndef VFIO_RUN_IMPORT_SCRIPT_H
#define VFIO_RUN_IMPORT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#define SCRIPT_WORDS_MAX 1024

struct script_word {
	char *text; /* what cannot be known without running it stands as it is written: $NAME,
		       $(...) */
	char *json;	   /* as it was written, when @text is JSON's members as "a,b=c"; else NULL */
	unsigned int line; /* on which it begins */
};

struct script_words {
	struct script_word item[SCRIPT_WORDS_MAX]; /* behind the program's name */
	size_t count;
	char *before; /* what runs the program: "taskset\x1f-c\x1f0-3\x1f"; NULL: nothing */
	unsigned int before_line;
	unsigned int commands; /* of QEMU's that were found; the words are those of the first that
				  starts a VM */
	bool failed;           /* no memory, or more than a script has */
};

#define SCRIPT_BETWEEN '\x1f' /* two words of an array, or of what was split */

void script_read(const char *text, struct script_words *out);
void script_flatten(struct script_words *w);
void script_fini(struct script_words *w);

#endif /* VFIO_RUN_IMPORT_SCRIPT_H */
