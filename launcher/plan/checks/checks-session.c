/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-session.c - what ends with the session that a profile ends, before its devices are taken */
#include <stdio.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/holders/holding.h"
#include "launcher/host/holders/processes.h"
#include "launcher/host/seat/desktop.h"
#include "launcher/host/small-file.h"
#include "launcher/plan/checks/checks-rows.h"
#include "launcher/plan/find.h"

/** check_has_session() - does the profile end the session that uses the card? */
bool check_has_session(const struct checking *c)
{
	return c->profile && (c->profile->session_stop.count || c->profile->session_stop_command);
}

static bool is_stopped(const struct checking *c, const char *place)
{
	const struct plan_host_facts *f = c->request->facts;

	for (size_t i = 0; f && i < f->unit_count; i++)
		if (f->unit[i].name && !strcmp(f->unit[i].name, place))
			return true;
	return false;
}

static bool is_ended(const struct checking *c, const struct holder *h)
{
	const struct plan_host_facts *f = c->request->facts;

	for (size_t i = 0; f && i < f->holder_count; i++)
		if (f->holder[i].id.pid == h->pid)
			return !f->holder[i].asked;
	return false;
}

/* It may have another card open as well, which nobody announces. */
static bool is_announced(const struct checking *c, const struct holder *h)
{
	const struct plan_host_facts *f = c->request->facts;
	const char *device = c->device[c->holders->device[h->target]].host->name;
	size_t length = strlen(device);

	for (size_t i = 0; i < f->kept_count; i++)
		if (f->kept[i].kind == CHANGE_ANNOUNCE &&
		    !strncmp(f->kept[i].target, device, length) && f->kept[i].target[length] == '/')
			return true;
	return false;
}

/** check_is_asked() - is this a holder that is asked to let go of this device, and goes on? */
bool check_is_asked(const struct checking *c, const struct holder *h)
{
	const struct plan_host_facts *f = c->request->facts;

	for (size_t i = 0; f && i < f->holder_count; i++)
		if (f->holder[i].id.pid == h->pid)
			return f->holder[i].asked && is_announced(c, h);
	return false;
}

/**
 * check_ends_with_session() - is this a holder that goes when the session does?
 *
 * Whether it does is waited for, before the first device is taken. Process 1 and logind keep for a
 * session what they have given to it.
 */
bool check_ends_with_session(struct checking *c, const struct holder *f)
{
	cleanup_free char *cgroup = NULL;
	char path[48], place[160];

	if (is_ended(c, f))
		return true;
	if (!check_has_session(c) &&
	    !(c->request->facts && (c->request->facts->unit_count || c->request->facts->kept_count)))
		return false;
	if (host_keeps_for_others(f))
		return true;
	/* What a command ends, its unit does not tell: it is seen when the command has ended. */
	if (c->profile && c->profile->session_stop_command)
		return true;
	(void)snprintf(path, sizeof(path), "proc/%d/cgroup", f->pid);
	if (host_text(c->root, path, &cgroup))
		return false;
	host_process_place(cgroup, place, sizeof(place));
	return is_stopped(c, place) ||
	       (check_has_session(c) && host_is_of_seats_session(c->host, cgroup));
}
