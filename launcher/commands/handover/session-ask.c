/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session-ask.c - the question before a desktop is ended: its user can lose what was not saved */
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/handover/session-ask.h"
#include "launcher/commands/terminal/question.h"
#include "launcher/host/seat/way-in.h"
#include "launcher/plan/checks/dark.h"

static size_t add(char *buf, size_t size, size_t used, const char *what)
{
	if (used < size)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "", what);
	return used;
}

/* What will be stopped or ended, with commas between; "" when nothing is. */
static void list_all(const struct plan *plan, char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < plan->change_count; i++) {
		const struct change *c = &plan->change[i];

		if ((c->kind == CHANGE_SERVICE && *c->from) || c->kind == CHANGE_COMMAND)
			used = add(buf, size, used, c->target);
	}
	for (size_t i = 0; i < plan->kept_count; i++)
		if (plan->kept[i].kind != CHANGE_ANNOUNCE)
			used = add(buf, size, used, plan->kept[i].who);
	for (size_t i = 0; i < plan->holder_count; i++)
		if (!plan->holder[i].as_unit && !plan->holder[i].asked)
			used = add(buf, size, used, plan->holder[i].who);
}

/* Of these what is gone for good, as a desktop's applications are; "" nothing. */
static void list_temporary(const struct plan *plan, char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < plan->change_count; i++)
		if (plan->change[i].kind == CHANGE_SERVICE && !strcmp(plan->change[i].from, CHANGE_TEMPORARY))
			used = add(buf, size, used, plan->change[i].target);
	for (size_t i = 0; i < plan->kept_count; i++)
		if (!strcmp(plan->kept[i].from, CHANGE_TEMPORARY))
			used = add(buf, size, used, plan->kept[i].who);
}

/** session_ends() - does this plan stop or end anything, a desktop possibly? */
bool session_ends(const struct plan *plan)
{
	char all[CHANGE_TEXT_MAX];

	list_all(plan, all, sizeof(all));
	return *all;
}

/* What is left of this host without a picture. Return: true: nothing, as far as it can be seen */
static bool tell_ways_in(struct host *host)
{
	char ways[PLAN_WAYS_MAX];
	int r;

	if (host_session_link(host, ways, sizeof(ways)))
		log_warning(PLAN_SESSION_LINK ": " PLAN_SESSION_LINK_REMEDY, ways);
	r = plan_ways_in(host, ways);
	if (r < 0)
		log_notice("this host goes without a picture; " PLAN_WAYS_UNSEEN);
	if (r < 0)
		return false;
	if (r) {
		log_notice(
			"without a picture this host is reached by %s; its power button %s",
			ways, plan_power_button(host));
		return false;
	}
	log_warning(PLAN_NO_WAY_IN ", which %s", plan_power_button(host));
	return true;
}

/**
 * session_ask() - may what the plan stops be stopped, and may the host's picture go?
 * @dark:	it goes: plan_is_dark()
 *
 * Nothing is asked where nothing runs, or the profile has answered: `holders = terminate`; but
 * whether to go on when nobody could get at this host any more is. Who starts the unit of a service
 * has answered by that.
 *
 * Return: 0, or EXIT_HOST
 */
int session_ask(const struct cli *cli, struct host *host, const struct plan *plan, bool dark)
{
	char all[2048], temporary[2048];
	bool stranded;

	for (size_t i = 0; i < plan->kept_count; i++)
		if (plan->kept[i].kind == CHANGE_ANNOUNCE)
			log_notice("this asks to let go of the card, and to go on without it: %s",
				   plan->kept[i].who);
	list_all(plan, all, sizeof(all));
	if (*all)
		log_notice("this ends what uses the card: %s", all);
	list_temporary(plan, temporary, sizeof(temporary));
	if (*temporary)
		log_notice("of that, who keeps it cannot start again afterwards: %s", temporary);
	stranded = dark && tell_ways_in(host);
	if ((!stranded && (!*all || !plan->asks)) || cli->service)
		return 0;
	if (*all && plan->asks)
		log_notice(
			"if it is your desktop, your session ends with all its windows; the login "
			"screen comes back afterwards");
	if (question_yes(cli, "Go on"))
		return 0;
	log_error("nothing was changed");
	return EXIT_HOST;
}
