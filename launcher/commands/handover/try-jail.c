/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * try-jail.c - the check "jail": has the keeper build QEMU's jail, as a run will, and take it away
 *
 * All other checks read the host's state; this one does what the run will do, by the same
 * program and with the same rights. It changes nothing. A run does not use it: it builds the jail
 * itself before its first change, and what fails there is exit 3 (vm_is_built()).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/cli.h"
#include "launcher/commands/handover/keeper-start.h"
#include "launcher/commands/handover/try-jail.h"
#include "launcher/host/user/as-user.h"
#include "launcher/plan/checks/checks.h"
#include "launcher/plan/programs/filter-memfd.h"
#include "launcher/plan/serialize.h"

#define ROW "jail"

/* What has no number yet and is not made late, as in a run, is left out. */
static void drop_vfio_nodes(struct plan_jail *jail)
{
	size_t kept = 0;

	for (size_t i = 0; i < jail->node_count; i++)
		if (jail->node[i].late ||
		    strncmp(jail->node[i].path, "vfio/", strlen("vfio/")))
			jail->node[kept++] = jail->node[i];
	jail->node_count = kept;
}

/* The copy of the firmware's variables is made by the first run, and not by a check. */
static void drop_copy(const struct plan *plan, const struct host_user *user, struct plan_jail *jail)
{
	uint32_t mode = 0;
	size_t kept = 0;

	if (!plan->nvram_template || !plan->nvram || as_user_kind(user, plan->nvram, &mode) || mode)
		return;
	for (size_t i = 0; i < jail->file_count; i++) {
		if (strcmp(jail->file[i].path, plan->nvram) != 0)
			jail->file[kept++] = jail->file[i];
		else
			free(jail->file[i].path);
	}
	jail->file_count = kept;
}

static void take_last(void *text, const struct keeper_report *r)
{
	if (r->change.kind >= CHANGE_MAX)
		(void)snprintf(text, sizeof(r->text), "%s", r->text);
}

/* Return: an exit code */
static int try(const struct cli *cli, const struct plan *plan, char *text)
{
	const struct filter_request request = { .needs = plan->jail.needs,
						.log = !strcmp(plan->jail.sandbox, "log") };
	cleanup_close int fd = -1, filter = -1;
	int rc = plan_is_filtered(plan) ? filter_open(&request, &filter) : 0;

	if (!rc)
		rc = plan_serialize(plan, KEEPER_TRY, keeper_flags(cli), &fd);
	if (!rc)
		return keeper_call(cli, fd, filter, take_last, text);
	(void)snprintf(text, sizeof(((struct keeper_report *)NULL)->text),
		       "the plan cannot be handed over: %s", strerror(-rc));
	return EXIT_HOST;
}

/**
 * try_jail() - can QEMU be executed in the jail of this plan?
 * @user:	of the VM
 * @plan:	of a run; used up: its command becomes one that only prints QEMU's version
 * @results:	receives the row
 */
void try_jail(const struct cli *cli, const struct host_user *user, struct plan *plan, struct check_results *results)
{
	char text[sizeof(((struct keeper_report *)NULL)->text)] = "";
	char version[] = "--version", *argv[] = { plan->argv[0], version, NULL };
	char **whole = plan->argv;
	int code;

	if (geteuid()) {
		check_add(results, ROW, CHECK_SKIPPED, NULL, "not checked: to build it takes root");
		return;
	}
	drop_vfio_nodes(&plan->jail);
	drop_copy(plan, user, &plan->jail);
	plan->argv = argv;
	code = try(cli, plan, text);
	plan->argv = whole;
	if (!code)
		check_add(results, ROW, CHECK_OK, NULL, "QEMU can be executed in its jail");
	else
		check_add(
			results, ROW, CHECK_FAILED,
			"allow that here; in a container, start vfio-run outside of it; `vfio-run -n` shows the jail",
			"%s", *text ? text : "the keeper refuses the plan, in the words above");
}
