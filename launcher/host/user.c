/* SPDX-License-Identifier: GPL-2.0-or-later */
/* user.c - whose VM it is; the one reader of SUDO_USER, DOAS_USER and PKEXEC_UID */
#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/host/user.h"

/* How each of them says who called. They are believed: whoever is root can set them as well. */
static const struct {
	const char *variable;
	bool number;
} callers[] = {
	{ "SUDO_USER", false },
	{ "DOAS_USER", false },
	{ "PKEXEC_UID", true },
};

/* Copies what is needed; never root. */
static int take(const struct passwd *pw, struct host_user *out)
{
	if (!pw)
		return -ESRCH;
	if (!pw->pw_uid)
		return -EPERM;
	if (strlen(pw->pw_name) >= sizeof(out->name) || strlen(pw->pw_dir) >= sizeof(out->home))
		return -EOVERFLOW;
	*out = (struct host_user){ .uid = pw->pw_uid, .gid = pw->pw_gid };
	(void)snprintf(out->name, sizeof(out->name), "%s", pw->pw_name);
	(void)snprintf(out->home, sizeof(out->home), "%s", pw->pw_dir);
	return 0;
}

/**
 * host_user_named() - a user by name, as `user =` of a profile has it
 *
 * Return: 0; -ESRCH: no such user; -EPERM: root; -EOVERFLOW: a name or home that is too long
 */
int host_user_named(const char *name, struct host_user *out)
{
	return take(getpwnam(name), out);
}

static int by_number(const char *text, struct host_user *out)
{
	char *end;
	unsigned long uid;

	errno = 0;
	uid = strtoul(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9' || uid >= (uid_t)-1)
		return -EINVAL;
	return take(getpwuid((uid_t)uid), out);
}

/**
 * host_user_invoking() - who stands behind sudo, doas or pkexec, or who runs us
 *
 * A variable that names root, as sudo leaves it when root calls it, counts as not set.
 *
 * Return: 0; -ENOENT: root, and nobody behind it; -ESRCH: that user is unknown; -EINVAL,
 * -EOVERFLOW: a variable, a name or a home that cannot be
 */
int host_user_invoking(struct host_user *out)
{
	if (geteuid())
		return take(getpwuid(getuid()), out);
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++) {
		const char *value = getenv(callers[i].variable);
		int r;

		if (!value || !*value)
			continue;
		r = callers[i].number ? by_number(value, out) : host_user_named(value, out);
		if (r != -EPERM)
			return r;
	}
	return -ENOENT;
}
