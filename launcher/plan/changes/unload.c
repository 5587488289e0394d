/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unload.c - which modules are unloaded before the devices are taken from their host drivers
 *
 * Those that use a driver's module, and no others, whatever a profile names: they are the ones that
 * can keep its remove() waiting. The driver's own module stays: unbinding needs it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/host/devices/quirks.h"
#include "launcher/plan/changes/unload.h"

static bool is_moved(const struct plan *plan, const struct host_device *d)
{
	for (size_t i = 0; i < plan->device_count; i++)
		if (plan->device[i].host == d)
			return true;
	return false;
}

/** plan_other_user() - a device that stays with the host and has the same driver; NULL: there is
 * none */
const struct host_device *plan_other_user(const struct plan *plan, struct host *host,
					  const struct host_device *d)
{
	const struct host_device *other = NULL;
	struct host_devices all;

	if (host_all(host, &all))
		return NULL;
	for (size_t i = 0; i < all.count && !other; i++)
		if (!strcmp(all.item[i]->driver, d->driver) && !is_moved(plan, all.item[i]))
			other = all.item[i];
	host_devices_fini(&all);
	return other;
}

static bool is_named(const struct profile *p, const char *module)
{
	for (size_t i = 0; i < p->unload_list.count; i++)
		if (!strcmp(p->unload_list.item[i].text, module))
			return true;
	return false;
}

static bool is_in(const struct host_stack *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->name[i], name))
			return true;
	return false;
}

static bool unloads_all(const struct plan *plan, const struct profile *profile, struct host *host,
			const struct host_device *d)
{
	return (!profile || profile->unload_modules == PROFILE_UNLOAD_AUTO) &&
	       host_quirk_unloads(host, d) && !plan_other_user(plan, host, d);
}

/**
 * plan_unloads() - the modules that are unloaded, in that order
 * @profile:	NULL: a detach, as `unload-modules = auto`
 *
 * Return: 0; -E2BIG too many; -errno
 */
int plan_unloads(const struct plan *plan, const struct profile *profile, struct host *host,
		 struct host_stack *out)
{
	int r = 0;

	out->count = 0;
	for (size_t i = 0; i < plan->device_count && !r; i++) {
		const struct host_device *d = plan->device[i].host;
		struct host_stack stack = { .count = 0 };
		bool named = profile && profile->unload_modules == PROFILE_UNLOAD_LIST;

		if (d->vfio || !*d->module || (!named && !unloads_all(plan, profile, host, d)))
			continue;
		r = host_module_stack(host, d->module, &stack);
		for (size_t k = 0; k < stack.count && !r; k++) {
			if ((named && !is_named(profile, stack.name[k])) ||
			    is_in(out, stack.name[k]))
				continue;
			if (out->count == HOST_STACK_MAX)
				r = -E2BIG;
			else
				(void)snprintf(out->name[out->count++], HOST_WORD_MAX, "%s",
					       stack.name[k]);
		}
	}
	return r;
}
