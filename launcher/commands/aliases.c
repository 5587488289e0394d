/* SPDX-License-Identifier: GPL-2.0-or-later */
/* aliases.c - `vfio-run aliases`: a line of shell for each profile in the usual places */
#include <stdio.h>

#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/inspect/invoker.h"
#include "launcher/inspect/profile-names.h"

/** command_aliases() - print them; a profile's name needs no quotes. Return: an exit code */
int command_aliases(const struct cli *cli)
{
	struct host_user user;
	struct profile_names names;
	bool found;
	int code = invoker_find(&user, &found);

	(void)cli;
	if (code)
		return code;
	profile_names(found ? &user : NULL, &names);
	for (size_t i = 0; i < names.count; i++)
		(void)printf("alias %s='sudo vfio-run %s'\n", names.name[i], names.name[i]);
	return EXIT_OK;
}
