/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edit.h - one word more or less in the text of a file; nothing else in it changes */
#ifndef VFIO_RUN_SETUP_EDIT_H
#define VFIO_RUN_SETUP_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/cleanup.h"

/* How a file keeps words of the kernel's command line. */
enum edit_form {
	EDIT_VARIABLE, /* KEY="words" of a shell: /etc/default/grub */
	EDIT_LINE,     /* the whole first line: /etc/kernel/cmdline */
	EDIT_ENTRY,    /* a line that begins with KEY: `options ...` of a boot loader's entry */
};

bool edit_has(const char *text, const char *word);
int edit_add(const char *text, enum edit_form form, const char *key, const char *word,
	     char **out) must_check;
int edit_take(const char *text, const char *word, char **out) must_check;
int edit_take_option(const char *text, const char *module, const char *option,
		     char **out) must_check;

#endif /* VFIO_RUN_SETUP_EDIT_H */
