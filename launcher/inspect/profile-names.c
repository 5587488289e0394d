/* SPDX-License-Identifier: GPL-2.0-or-later */
/* profile-names.c - the names of the profiles in the usual places, for a message */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/inspect/profile-names.h"
#include "launcher/inspect/running.h"
#include "launcher/host/user/as-user.h"

static const char suffix[] = ".profile";

/* What a directory has; names that no VM can have are left out, with all that is odd. */
struct found {
	size_t count;
	char name[PROFILE_NAMES_MAX][33];
};

static void take(const char *file, struct found *out)
{
	size_t length = strlen(file), end = sizeof(suffix) - 1;
	char *name = out->name[out->count];

	if (length <= end || length - end >= sizeof(out->name[0]) || strcmp(file + length - end, suffix) != 0)
		return;
	memcpy(name, file, length - end);
	name[length - end] = '\0';
	out->count += running_is_name(name);
}

/* In the child that is the user, or of a directory of root's. */
static int list(const void *request, void *reply)
{
	struct found *out = reply;
	DIR *dir = opendir(request);
	const struct dirent *e;

	while (dir && out->count < PROFILE_NAMES_MAX && (e = readdir(dir)))
		take(e->d_name, out);
	if (dir)
		(void)closedir(dir);
	return -1;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void add(struct profile_names *out, const struct found *found)
{
	memcpy(out->name[out->count], found->name, found->count * sizeof(found->name[0]));
	out->count += found->count;
}

/**
 * profile_names() - what could have been meant by a name that no profile has
 * @invoker:	whose directory is looked at, as that user; NULL: root's alone
 * @out:	overwritten; empty when nothing can be read
 */
void profile_names(const struct host_user *invoker, struct profile_names *out)
{
	struct found found = { .count = 0 };
	char path[512];

	*out = (struct profile_names){ .count = 0 };
	(void)snprintf(path, sizeof(path), "%s/.config/vfio-run", invoker ? invoker->home : "");
	if (invoker && !as_user_call(invoker, list, path, &found, sizeof(found), NULL) &&
	    found.count <= PROFILE_NAMES_MAX)
		add(out, &found);
	found.count = 0;
	(void)list("/etc/vfio-run", &found);
	add(out, &found);
	qsort(out->name, out->count, sizeof(out->name[0]), compare);
}
