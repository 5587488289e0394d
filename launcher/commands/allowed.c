/* SPDX-License-Identifier: GPL-2.0-or-later */
/* allowed.c - does the administrator let this user take the devices of a plan? */
#include <errno.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/commands/allowed.h"
#include "launcher/host/allow.h"
#include "launcher/host/host.h"
#include "launcher/keeper/keeper.h"

static void say_unusable(const struct allow_error *error)
{
	if (error->line)
		log_error(ALLOW_FILE ":%u: %s; until root mends it, only root's profiles are run",
			  error->line, error->what);
	else
		log_error(ALLOW_FILE ": %s; until root mends it, only root's profiles are run",
			  error->what);
}

/**
 * allowed_check() - hold every device of a plan against ALLOW_FILE
 * @user:	who asks for them, with a profile that root does not own
 *
 * Held devices count too: they are taken from the host like the others. Somebody who is
 * not root can only look (--dry-run): when he may not read the file he is told that.
 *
 * Return: 0, or EXIT_HOST, told
 */
int allowed_check(const struct host_user *user, const struct plan *plan)
{
	struct allow_error error;
	struct allow allow;
	int code = 0, rc = allow_read(&allow, &error);

	if (rc == -EACCES && geteuid() != 0) {
		log_warning(ALLOW_FILE " cannot be read by you: it may refuse devices of this plan");
	} else if (rc) {
		say_unusable(&error);
		code = EXIT_HOST;
	}
	for (size_t i = 0; !rc && i < plan->device_count; i++) {
		const struct host_device *d = plan->device[i].host;

		if (allow_permits(&allow, user->name, &d->address, d->vendor, d->device))
			continue;
		log_error("%s (%04x:%04x): " ALLOW_FILE " does not give it to %s; root can add the "
			  "line `%s %s`, or own the profile", d->name, d->vendor, d->device, user->name,
			  d->name, user->name);
		code = EXIT_HOST;
	}
	allow_fini(&allow);
	return code;
}
