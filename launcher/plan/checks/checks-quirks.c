/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-quirks.c - rows: what is known of these cards with these versions of kernel and driver */
#include <errno.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/host/devices/quirks.h"
#include "launcher/plan/changes/unload.h"
#include "launcher/plan/checks/checks-rows.h"

static void say(struct checking *c, const struct quirks *q, const struct host_device *d)
{
	char shown[1024];

	for (size_t i = 0; i < q->count; i++)
		if (host_quirk_applies(c->host, &q->item[i], d))
			row_remark(c, q->item[i].remedy, "%s (%s): %s [%s]", d->name,
				   *d->driver ? d->driver : "no driver",
				   log_quote(q->item[i].text, shown, sizeof(shown)),
				   q->item[i].name);
}

static void say_all(struct checking *c, const struct quirks *q)
{
	struct host_devices all;

	if (host_all(c->host, &all))
		return;
	for (size_t i = 0; i < all.count; i++)
		say(c, q, all.item[i]);
	host_devices_fini(&all);
}

void check_quirks(struct checking *c)
{
	struct quirks q;
	int r = host_quirks(c->host, &q);

	if (r)
		row_file_error(c, QUIRKS_FILE, r);
	else if (q.error && q.line)
		row_failed(c, "mend the line, or take it out", QUIRKS_FILE ":%u: expected %s",
			   q.line, q.error);
	else if (q.error)
		row_failed(c, "`chown root` and `chmod go-w` it, and what it is in",
			   QUIRKS_FILE ": expected %s", q.error);
	for (size_t i = 0; !r && c->plan && i < c->plan->wanted_count; i++)
		say(c, &q, c->plan->wanted[i].host);
	if (!r && !c->plan)
		say_all(c, &q);
	host_quirks_fini(&q);
}

/* Of a device that is taken: lists of guides end with it. It stays, as unbinding needs it. */
static bool is_a_driver(const struct checking *c, const char *module)
{
	for (size_t i = 0; i < c->device_count; i++)
		if (!strcmp(c->device[i].host->module, module))
			return true;
	return false;
}

/* Of what a profile names only what uses the driver of a device that is taken: no other is
 * unloaded. */
void check_unload(struct checking *c)
{
	const struct profile_texts *list = &c->profile->unload_list;
	const struct host_device *other;
	struct host_stack stack;
	int r = plan_unloads(c->plan, c->profile, c->host, &stack);

	if (r)
		row_failed(c, "name fewer modules", "the modules to be unloaded cannot be told: %s",
			   strerror(-r));
	for (size_t i = 0; !r && i < list->count; i++) {
		bool found = is_a_driver(c, list->item[i].text);

		for (size_t k = 0; k < stack.count; k++)
			found |= !strcmp(stack.name[k], list->item[i].text);
		if (!found)
			row_failed(
				c, "`lsmod` names what uses a module; leave it out, or write auto",
				"line %u: unload-modules: %s is not loaded, or does not use the driver of a "
				"device of this VM",
				list->item[i].pos.line, list->item[i].text);
	}
	for (size_t i = 0; !r && stack.count && i < c->device_count; i++) {
		other = *c->device[i].host->module
				? plan_other_user(c->plan, c->host, c->device[i].host)
				: NULL;
		if (other && c->profile->unload_modules == PROFILE_UNLOAD_LIST &&
		    host_device_is_display(c->device[i].host))
			row_remark(
				c, "leave unload-modules out when that card is in use",
				"%s has the driver %s too: while anything uses it there, nothing can be "
				"unloaded",
				other->name, other->driver);
	}
}
