/* SPDX-License-Identifier: GPL-2.0-or-later */
/* script.h - the words of a shell script's QEMU command line; read, never executed */
#ifndef VFIO_RUN_IMPORT_SCRIPT_H
#define VFIO_RUN_IMPORT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#define SCRIPT_WORDS_MAX 1024
#define SCRIPT_BEFORE_MAX 64 /* what runs QEMU has fewer */

struct script_word {
	char *text; /* what cannot be known without running it stands as it is written: $NAME,
		       $(...) */
	char *json;	   /* as it was written, when @text is JSON's members as "a,b=c"; else NULL */
	unsigned int line; /* on which it begins */
};

struct script_words {
	struct script_word item[SCRIPT_WORDS_MAX]; /* behind the program's name */
	size_t count;
	struct script_word before[SCRIPT_BEFORE_MAX]; /* what runs the program: "taskset", "-c", "0-3" */
	size_t before_count;
	char program[256]; /* QEMU's name, with its path where it has one */
	unsigned int program_line;
	bool provisional; /* they are those of a function's body, before it is called */
	unsigned int commands; /* of QEMU's that were found; the words are those of the first that
				  starts a VM */
	unsigned int defined;  /* likewise, in functions' bodies: they count where none is called */
	bool failed;           /* no memory, or more than a script has */
};

#define SCRIPT_BETWEEN '\x1f' /* two words of an array, or of what was split */

/* A command that is none of QEMU's, which begins on @line: its words, of which there is one at least. */
typedef void script_step(void *data, unsigned int line, const struct script_word *word, size_t count);

void script_read(const char *text, struct script_words *out);
void script_each_step(const char *text, unsigned int line, script_step *step, void *data);
void script_flatten(struct script_words *w);
void script_fini(struct script_words *w);

#endif /* VFIO_RUN_IMPORT_SCRIPT_H */
