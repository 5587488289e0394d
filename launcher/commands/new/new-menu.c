/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * new-menu.c - the entry of the desktop's menu and polkit's rule that `vfio-run new` writes
 *
 * Both are the installed examples, with the names of this VM and this user in them.
 */
#include <string.h>

#include "launcher/commands/new/new.h"

/** new_menu_write() - an example, with each of its names replaced by one that is plain (new_is_plain()) */
void new_menu_write(const char *text, const char *vm, const char *user, FILE *out)
{
	const struct {
		const char *example, *name;
	} names[] = { { "win10", vm }, { "Windows 10", vm }, { "alice", user } };

	while (*text) {
		size_t length = 1;

		for (size_t i = 0; i < sizeof(names) / sizeof(*names) && length == 1; i++) {
			length = strlen(names[i].example);
			if (!strncmp(text, names[i].example, length))
				(void)fputs(names[i].name, out);
			else
				length = 1;
		}
		if (length == 1)
			(void)fputc(*text, out);
		text += length;
	}
}
