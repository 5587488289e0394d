/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-session.c - what ends with the session that a profile ends, before its devices are taken */
#include <stdio.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/processes.h"
#include "launcher/host/small-file.h"
#include "launcher/plan/checks-rows.h"
#include "launcher/plan/find.h"

/** check_has_session() - does the profile end the session that uses the card? */
bool check_has_session(const struct checking *c)
{
	return c->profile && (c->profile->session_stop.count || c->profile->session_stop_command);
}

/* A session on the seat; one of ssh goes on without it. Source: logind, sd_session_get_seat(3) */
static bool is_on_seat(struct checking *c, const char *place)
{
	cleanup_free char *text = NULL;
	char path[64], id[32];

	if (sscanf(place, "session-%31[^.].scope", id) != 1)
		return false;
	(void)snprintf(path, sizeof(path), "run/systemd/sessions/%.31s", id);
	return !host_text(c->root, path, &text) && strstr(text, "SEAT=seat");
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
			return true;
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
	if (!check_has_session(c) && !(c->request->facts && c->request->facts->unit_count))
		return false;
	if (f->pid == 1 || (!f->uid && !strcmp(f->comm, "systemd-logind")))
		return true;
	/* What a command ends, its unit does not tell: it is seen when the command has ended. */
	if (c->profile && c->profile->session_stop_command)
		return true;
	(void)snprintf(path, sizeof(path), "proc/%d/cgroup", f->pid);
	if (host_text(c->root, path, &cgroup))
		return false;
	host_process_place(cgroup, place, sizeof(place));
	return is_stopped(c, place) ||
	       (check_has_session(c) && (is_on_seat(c, place) || strstr(cgroup, "/user@")));
}

/* The module of a device's driver; "": it is built in, or has none. */
static void module_of(const struct checking *c, const struct host_device *d, char out[CHANGE_TEXT_MAX])
{
	char path[CHANGE_TEXT_MAX + 48];

	(void)snprintf(path, sizeof(path), "sys/bus/pci/drivers/%s/module", d->driver);
	if (!*d->driver || sysfs_link_name(c->root, path, out, CHANGE_TEXT_MAX))
		*out = '\0';
}

/* Is it the driver of a device that goes, or does it use such a one, at some steps? */
static bool belongs(const struct checking *c, const char *module, int steps)
{
	const struct profile_texts *list = &c->profile->unload_list;
	char path[CHANGE_TEXT_MAX + 160], driver[CHANGE_TEXT_MAX];

	for (size_t i = 0; i < c->device_count; i++) {
		module_of(c, c->device[i].host, driver);
		if (!strcmp(driver, module))
			return true;
	}
	for (size_t i = 0; steps && i < list->count; i++) {
		(void)snprintf(path, sizeof(path), "sys/module/%s/holders/%s", list->item[i].text, module);
		if (sysfs_exists(c->root, path) && belongs(c, list->item[i].text, steps - 1))
			return true;
	}
	return false;
}

/* A device of the host's own that would lose its driver with the module. */
static const struct host_device *other_user(struct checking *c, struct host_devices *all, const char *module)
{
	char driver[CHANGE_TEXT_MAX];

	for (size_t i = 0; i < all->count; i++) {
		module_of(c, all->item[i], driver);
		if (!strcmp(driver, module) && !check_moves(c, all->item[i]))
			return all->item[i];
	}
	return NULL;
}

static void check_module(struct checking *c, struct host_devices *all, const char *module)
{
	const struct host_device *other = other_user(c, all, module);
	char path[CHANGE_TEXT_MAX + 32], label[PLAN_LABEL_MAX];

	(void)snprintf(path, sizeof(path), "sys/module/%s/initstate", module);
	if (!sysfs_exists(c->root, path))
		row_failed(c, "take it out of the list", "unload-modules: %s is built into the kernel",
			   module);
	else if (!belongs(c, module, (int)c->profile->unload_list.count))
		row_failed(c, "take it out of the list: `lsmod` names who uses a module",
			   "unload-modules: %s is no driver of a device that goes to the guest, and uses "
			   "none in the list",
			   module);
	else if (other)
		row_failed(c, "take it out of the list: the device is unbound without it, too",
			   "unload-modules: %s is also the driver of %s, which stays", module,
			   plan_label(c->host, other, label));
}

/**
 * check_unload() - the modules that a profile has unloaded are those of its devices, and can be
 *
 * So a user's profile unloads nothing that another device, or another user, needs.
 */
void check_unload(struct checking *c)
{
	const struct profile_texts *list = c->profile ? &c->profile->unload_list : NULL;
	struct host_devices all = { .count = 0 };

	if (!list || !list->count || host_all(c->host, &all))
		return;
	for (size_t i = 0; i < list->count; i++)
		if (host_module_loaded(c->host, list->item[i].text))
			check_module(c, &all, list->item[i].text);
	host_devices_fini(&all);
}
