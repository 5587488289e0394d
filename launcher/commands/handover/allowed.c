/* SPDX-License-Identifier: GPL-2.0-or-later */
/* allowed.c - does the administrator let this user take the devices of a plan? */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/commands/handover/allowed.h"
#include "launcher/host/host.h"
#include "launcher/host/seat/seat.h"
#include "launcher/host/user/allow.h"
#include "launcher/keeper/handover.h"
#include "launcher/plan/changes/usb.h"
#include "profiles/profile.h"

#define USB_MAJOR 189 /* Documentation/admin-guide/devices.txt: 128 devices a bus */

static void say_unusable(const struct allow_error *error)
{
	if (error->line)
		log_error(ALLOW_FILE
			  ":%u:%u: %s; until root mends it, only root's profiles are run",
			  error->line, error->column, error->what);
	else
		log_error(ALLOW_FILE ": %s; until root mends it, only root's profiles are run",
			  error->what);
}

/* The kernel lets a user open a tap that was made for that user: `ip tuntap add ... user NAME` */
static bool is_own_link(const char *link, uid_t uid)
{
	char path[64], text[16];

	(void)snprintf(path, sizeof(path), "/sys/class/net/%.15s/owner", link);
	return sysfs_read(AT_FDCWD, path, text, sizeof(text)) > 0 && *text != '-' &&
	       strtoul(text, NULL, 10) == uid;
}

/* Return: 0, or EXIT_HOST, reported with the line that would give it */
static int ask(const struct host_user *user, const struct allow *allow,
	       const struct allow_wish *requested, const char *kind, const char *name)
{
	if (allow_reaches(allow, user->name, requested))
		return 0;
	log_error("%s: " ALLOW_FILE " does not give it to %s; root can add the line `%s:%s %s`, or "
		  "own the profile",
		  name, user->name, kind, name, user->name);
	return EXIT_HOST;
}

static int check_links(const struct host_user *user, const struct profile *profile,
		       const struct allow *allow)
{
	int code = 0;

	for (size_t i = 0; i < profile->net_count; i++) {
		const struct profile_net *net = &profile->net[i];
		const char *link = net->tap ? net->tap : net->bridge ? net->bridge : net->parent;
		struct allow_wish requested = { .kind = ALLOW_NET, .name = link };

		if (!link)
			continue;
		requested.own = net->tap && is_own_link(link, user->uid);
		code |= ask(user, allow, &requested, "net", link);
	}
	return code;
}

static int check_inputs(const struct host_user *user, const struct profile *profile,
			const struct plan_host_facts *facts, struct host *host,
			const struct allow *allow)
{
	int code = 0;

	for (size_t i = 0; i < profile->input_count; i++) {
		const char *path = profile->input[i].evdev;
		struct allow_wish requested = { .kind = ALLOW_EVDEV, .name = path };
		const struct plan_input_facts *f = facts->input ? &facts->input[i] : NULL;

		requested.own = f && *f->node && host_is_of_seat(host, f->major, f->minor, user->uid);
		code |= ask(user, allow, &requested, "evdev", path);
	}
	return code;
}

/* As the profile names it: what is plugged in later is known by that alone. */
static int check_usb(const struct host_user *user, const struct profile *profile,
		     const struct plan *plan, struct host *host, const struct allow *allow)
{
	char label[PLAN_USB_NAME_MAX];
	int code = 0;

	for (size_t i = 0; i < profile->usb_count; i++) {
		const struct profile_usb *usb = &profile->usb[i];
		const struct host_usb *d = &plan->usb[i].device;
		bool there = plan_usb_is_there(&plan->usb[i]);
		struct allow_wish requested = { .kind = ALLOW_USB,
						.name = usb->bus_port,
						.vendor = usb->vendor,
						.device = usb->product };

		requested.own = host_is_of_seat(host, there ? USB_MAJOR : 0,
						there ? (d->bus - 1) * 128 + d->number - 1 : 0,
						user->uid);
		code |= ask(user, allow, &requested, "usb", plan_usb_label(usb, label));
	}
	return code;
}

/* The display manager of the host's own seat is everybody's who may take its card. */
static int check_units(const struct host_user *user, const struct plan_host_facts *facts, const struct allow *allow)
{
	int code = 0;

	for (size_t i = 0; i < facts->unit_count; i++) {
		const struct plan_unit *unit = &facts->unit[i];
		const struct allow_wish requested = { .kind = ALLOW_UNIT, .name = unit->name,
						      .own = unit->display };

		if (!unit->name || allow_reaches(allow, user->name, &requested))
			continue;
		log_error("%s: " ALLOW_FILE " does not let %s stop it; root can add the line "
			  "`unit:%s %s`, or own the profile", unit->name, user->name, unit->name, user->name);
		code = EXIT_HOST;
	}
	return code;
}

/**
 * allowed_check() - check every device of a plan against ALLOW_FILE
 * @user:	who asks for them, with a profile that root does not own
 * @profile:	that one; NULL: none, of a detach
 * @facts:	of that one
 *
 * Held devices count too: they are taken from the host like the others. A user who is not
 * root can only look (--dry-run): an unreadable file is then reported, and is no error.
 *
 * Return: 0, or EXIT_HOST, reported
 */
int allowed_check(const struct host_user *user, const struct profile *profile,
		  const struct plan_host_facts *facts, struct host *host, const struct plan *plan)
{
	struct allow_error error;
	struct allow allow;
	int code = 0, rc = allow_read(&allow, &error);

	if (rc == -EACCES && geteuid() != 0) {
		log_warning(ALLOW_FILE
			    " cannot be read by you: it may refuse devices of this plan");
	} else if (rc) {
		say_unusable(&error);
		code = EXIT_HOST;
	}
	for (size_t i = 0; !rc && i < plan->device_count; i++) {
		const struct host_device *d = plan->device[i].host;

		if (allow_permits(&allow, user->name, &d->address, d->vendor, d->device))
			continue;
		log_error("%s (%04x:%04x): " ALLOW_FILE " does not give it to %s; root can add the "
			  "line `%s %s`, or own the profile",
			  d->name, d->vendor, d->device, user->name, d->name, user->name);
		code = EXIT_HOST;
	}
	if (!rc && profile)
		code |= check_links(user, profile, &allow) |
			check_inputs(user, profile, facts, host, &allow) |
			check_usb(user, profile, plan, host, &allow) | check_units(user, facts, &allow);
	allow_fini(&allow);
	return code;
}
