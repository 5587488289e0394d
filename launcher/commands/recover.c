/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recover.c - `vfio-run recover`: undo what an interrupted run left behind */
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/job.h"

/** command_recover() - 0 when nothing is left, else EXIT_LEFT */
int command_recover(const struct cli *cli)
{
	struct plan plan = { .name = "" };
	int code = job_needs_root(cli);

	if (code)
		return code;
	if (cli->word_count && strlen(cli->word[0]) >= sizeof(plan.name)) {
		log_error("%s: no VM has so long a name", cli->word[0]);
		return EXIT_BAD_USE;
	}
	if (cli->word_count)
		(void)snprintf(plan.name, sizeof(plan.name), "%s", cli->word[0]);
	code = job_show(cli, &plan, KEEPER_RECOVER);
	if (!code && !cli->json)
		log_notice("nothing is left to give back");
	return code;
}
