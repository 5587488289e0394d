/* SPDX-License-Identifier: GPL-2.0-or-later */
/* user.c - the user of a VM; the one reader of SUDO_USER, SUDO_UID, DOAS_USER and PKEXEC_UID */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/user/user.h"

#define UNUSED_UIDS 1879048192u /* up to 2147352575; a pid has 22 bits */

/*
 * How each of them names the caller. All are trusted: setting them takes root. But doas and sudo
 * can be configured to keep what the caller had set, so they count only where they agree.
 */
static const struct {
	const char *variable;
	bool number;
	bool of_the_one_before; /* the same program's: its two must agree, on root too */
} callers[] = {
	{ "SUDO_USER", false, false },
	{ "SUDO_UID", true, true },
	{ "DOAS_USER", false, false },
	{ "PKEXEC_UID", true, false },
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

static int parse_uid(const char *text, uid_t *out)
{
	char *end;
	unsigned long uid;

	errno = 0;
	uid = strtoul(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9' || uid >= (uid_t)-1)
		return -EINVAL;
	*out = (uid_t)uid;
	return 0;
}

/* @known: the user by an earlier one, not looked up again; may be @out. -EPERM: root */
static int look_up(size_t caller, const char *value, const struct host_user *known,
		   struct host_user *out)
{
	uid_t uid;
	int r;

	if (!callers[caller].number)
		return host_user_named(value, out);
	r = parse_uid(value, &uid);
	if (r)
		return r;
	if (known && known->uid == uid) {
		*out = *known;
		return 0;
	}
	return uid ? take(getpwuid(uid), out) : -EPERM;
}

static int fail(struct host_user_error *error, const char *variable, const char *other, int r)
{
	*error = (struct host_user_error){ variable, other };
	return r;
}

/**
 * host_user_invoking() - the user behind sudo, doas or pkexec, or of this process
 * @error:	filled on failure: the variable that is wrong
 *
 * A variable that names root, as sudo leaves it when root calls it, counts as not set, and so
 * does an empty one. Those that name a user must all name the same: under a doas that keeps
 * the environment the caller can choose SUDO_USER.
 *
 * Return: 0; -ENOENT: root, without an invoking user; -ESRCH: that user is unknown; -EINVAL,
 * -EOVERFLOW: a variable, a name or a home that cannot be; -ENOTUNIQ: they name different users
 */
int host_user_invoking(struct host_user *out, struct host_user_error *error)
{
	const char *first = NULL, *before = NULL; /* that named a user; of the same program */
	bool root_before = false;

	*error = (struct host_user_error){ NULL, NULL };
	if (geteuid())
		return take(getpwuid(getuid()), out);
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++) {
		const char *variable = callers[i].variable, *value = getenv(variable);
		struct host_user found;
		bool pair = callers[i].of_the_one_before && before;
		int r;

		before = NULL;
		if (!value || !*value)
			continue;
		r = look_up(i, value, first ? out : NULL, &found);
		if (r && r != -EPERM)
			return fail(error, variable, NULL, r);
		if (pair && root_before != (r == -EPERM))
			return fail(error, variable, callers[i - 1].variable, -ENOTUNIQ);
		if (!r && first && found.uid != out->uid)
			return fail(error, variable, first, -ENOTUNIQ);
		before = variable;
		root_before = r == -EPERM;
		if (!r && !first) {
			first = variable;
			*out = found;
		}
	}
	return first ? 0 : -ENOENT;
}

/**
 * host_user_nobodys() - a uid without a user or another process: no process can trace what
 * runs as it
 *
 * Above what systems give to users, services and containers, and by this process's number, so
 * that two at once have different ones. Source: systemd, docs/UIDS-GIDS.md, "unused"
 */
void host_user_nobodys(struct host_user *out)
{
	uid_t uid = UNUSED_UIDS + (uid_t)getpid();

	*out = (struct host_user){ .uid = uid, .gid = uid, .alone = true };
}

/**
 * host_user_at_login() - the user who logged in, by the kernel's audit; once set, even root
 * cannot change it
 * @out:	a user's id
 *
 * Return: 0; -ENOENT: no login (a service), or this kernel has no audit
 */
int host_user_at_login(uid_t *out)
{
	char text[16];
	int n = sysfs_read(AT_FDCWD, "/proc/self/loginuid", text, sizeof(text));

	return n > 0 && !parse_uid(text, out) ? 0 : -ENOENT;
}
