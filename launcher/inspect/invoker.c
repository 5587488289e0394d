/* SPDX-License-Identifier: GPL-2.0-or-later */
/* invoker.c - the user behind sudo, doas or pkexec, or why that is not known */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/inspect/invoker.h"

static int say_unknown(const struct host_user_error *error, int rc)
{
	if (rc == -ENOTUNIQ)
		log_error(
			"%s and %s name different users: who starts this? run it through one of them "
			"alone, without the other's variable (`env -u %s`, doas without keepenv)",
			error->other, error->variable, error->other);
	else if (error->variable)
		log_error(
			"the user who started this is not known: %s: %s; `unset %s`, or start it through "
			"sudo, doas or pkexec",
			error->variable, rc == -ESRCH ? "there is no such user" : strerror(-rc),
			error->variable);
	else
		log_error(
			"the user who started this is not known: %s; log in as one that `id` names",
			rc == -ESRCH ? "this uid has no name" : strerror(-rc));
	return EXIT_BAD_USE;
}

/* After su, or in run0, it is another user for a good reason: a message, no error. */
static void compare_login(const struct host_user *user)
{
	uid_t uid;

	if (geteuid() == 0 && !host_user_at_login(&uid) && uid && uid != user->uid)
		log_warning(
			"this session is uid %u's by its login, and it is started for %s (uid %u)",
			uid, user->name, user->uid);
}

/**
 * invoker_find() - the user behind sudo, doas or pkexec, or of this process
 * @found:	false: root, without an invoking user
 *
 * Return: 0, or EXIT_BAD_USE, reported
 */
int invoker_find(struct host_user *out, bool *found)
{
	struct host_user_error error;
	int rc = host_user_invoking(out, &error);

	*found = rc == 0;
	if (rc && rc != -ENOENT)
		return say_unknown(&error, rc);
	if (*found)
		compare_login(out);
	return 0;
}
