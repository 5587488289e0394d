/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dark.c - does the host's only picture go to the guest, and how is the host reached then? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/evdev-identity.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/devices/attached.h"
#include "launcher/host/seat/console.h"
#include "launcher/host/seat/way-in.h"
#include "launcher/host/small-file.h"
#include "launcher/plan/checks/dark.h"

#define LOGIND "run/systemd/seats" /* where it keeps them, as elogind does */

static bool has_screen(struct host *host, const struct host_device *d)
{
	cleanup_free struct host_attached *connector = NULL;
	bool found = false;
	size_t count;

	if (host_connectors(host, d, &connector, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		found |= !strcmp(connector[i].status, "connected");
	return found;
}

/* The card of the host's own console; with a session that ends for it any that has a screen. */
static bool shows_host(struct host *host, const struct host_device *d, bool ends_session)
{
	enum host_console console;

	if (!host_console(host, d, &console) && console != HOST_CONSOLE_NONE &&
	    console != HOST_CONSOLE_OVER)
		return true;
	return ends_session && !d->vfio && has_screen(host, d);
}

static bool moves(const struct plan *plan, const struct host_device *d)
{
	for (size_t i = 0; i < plan->device_count; i++)
		if (plan->device[i].host == d)
			return true;
	return false;
}

/**
 * plan_is_dark() - has the host no picture any more when the plan's devices are the guest's?
 * @plan:		from plan_select()
 * @ends_session:	the host's session ends for it
 *
 * A card that stays is a picture when a screen is connected to it.
 */
bool plan_is_dark(const struct plan *plan, struct host *host, bool ends_session)
{
	struct host_devices all;
	bool goes = false, stays = false;

	for (size_t i = 0; i < plan->device_count && !goes; i++)
		goes = shows_host(host, plan->device[i].host, ends_session);
	if (!goes || host_all(host, &all))
		return goes;
	for (size_t i = 0; i < all.count && !stays; i++)
		stays = !moves(plan, all.item[i]) && !all.item[i]->vfio &&
			has_screen(host, all.item[i]);
	host_devices_fini(&all);
	return !stays;
}

/**
 * plan_ways_in() - how this host is reached without a picture
 * @buf:	receives "ssh (port 22), a login on ttyS0"
 *
 * Return: 1; 0: not at all; -EACCES: not that is seen, and it takes root
 */
int plan_ways_in(struct host *host, char buf[PLAN_WAYS_MAX])
{
	unsigned int port = 0;
	char line[32];
	size_t used = 0;
	int r = host_ssh_listens(host, &port);

	*buf = '\0';
	if (r > 0)
		used = (size_t)snprintf(buf, PLAN_WAYS_MAX, "ssh (port %u)", port);
	if (host_serial_login(host, line, sizeof(line)))
		(void)snprintf(buf + used, PLAN_WAYS_MAX - used, "%sa login on %s",
			       used ? ", " : "", line);
	return *buf ? 1 : r;
}

static bool has_own_button(int root)
{
	char **name;
	bool found = false;
	unsigned int node;
	size_t count;

	if (host_list(root, "sys/class/input", &name, &count))
		return false;
	for (size_t i = 0; i < count && !found; i++)
		found = sscanf(name[i], "event%u", &node) == 1 && evdev_is_own_button(root, node);
	host_list_free(name, count);
	return found;
}

/**
 * plan_power_button() - what the host's power button does while a VM has the picture
 *
 * The keeper hears the machine's own, and no key of a keyboard; that nothing else acts on it, too,
 * logind alone can be asked.
 *
 * Return: words for behind "the power button"
 */
const char *plan_power_button(struct host *host)
{
	int root = host_root_fd(host);

	return sysfs_exists(root, LOGIND) && has_own_button(root) ?
		       "powers the guest down" :
		       "does what this host is set up to do";
}
