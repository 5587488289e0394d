/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recover.c - `vfio-run recover`: undo what an interrupted run left behind */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/handover/keeper-job.h"
#include "launcher/commands/handover/leftovers.h"
#include "launcher/host/holders/vms.h"
#include "launcher/host/host.h"

/* As the keeper wants it: a VM's name, or a detach's, which has an address in it. */
static bool is_name(const char *word)
{
	return strlen(word) < sizeof(((struct plan *)NULL)->name) && *word != '.' &&
	       !word[strspn(word, "0123456789abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_.:-")];
}

/* Return: true when something was reported that is in no journal */
static bool say_unexplained(void)
{
	struct host *host = NULL;
	bool some = false;

	if (!host_open(NULL, &host) && !host_mark_all_stuck(host)) {
		host_read_briefly(host);
		some = leftovers_say_unexplained(host);
	}
	host_close(host);
	return some;
}

/** command_recover() - 0 when nothing is left, else EXIT_LEFT */
int command_recover(const struct cli *cli)
{
	struct plan plan = { .name = "" };
	int code;

	if (cli->word_count && !is_name(cli->word[0])) {
		log_error("%s: no VM can have this name", cli_shown(cli->word[0]));
		return EXIT_BAD_USE;
	}
	code = job_needs_root(cli);
	if (code)
		return code;
	if (cli->word_count)
		(void)snprintf(plan.name, sizeof(plan.name), "%s", cli->word[0]);
	code = job_show(cli, &plan, KEEPER_RECOVER);
	if (plan_contained())
		log_warning("%s: only what this /run tells of was looked for", plan_contained());
	if (!say_unexplained() && !code && !cli->json)
		log_notice("nothing is left to give back");
	if (code == EXIT_LEFT && cli->dry_run && !cli->json)
		log_notice("nothing was done: without -n this is given back");
	return code;
}
