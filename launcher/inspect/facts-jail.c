/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts-jail.c - which files the jail must hold that no key of a profile names
 *
 * Those behind a disk image, to be read; and those that stand in arguments which the user
 * added by hand, with all the rights that the user has on them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "launcher/cli.h"
#include "launcher/inspect/facts.h"
#include "launcher/host/user/as-user.h"
#include "launcher/host/user/image.h"
#include "launcher/plan/programs/arguments.h"
#include "launcher/plan/programs/jail-paths.h"
#include "profiles/profile.h"

static int add_fact_path(struct facts *f, const char *path, bool writable)
{
	struct plan_file *bigger = reallocarray(f->file, f->file_count + 1, sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	f->file = bigger;
	bigger[f->file_count] = (struct plan_file){ .path = strdup(path), .writable = writable };
	return bigger[f->file_count].path ? (f->file_count++, 0) : -ENOMEM;
}

/** facts_add_behind() - a file behind a disk: for host_image_chain(); 0 or -ENOMEM */
int facts_add_behind(void *facts, const char *path)
{
	return add_fact_path(facts, path, false);
}

/* QEMU itself reports what is not there; a device is none of these. */
static int take_path(void *context, const char *path)
{
	struct facts *f = context;
	struct image_problem problem;
	uint32_t mode;
	int r;

	if (jail_has_already(path))
		return 0;
	r = as_user_kind(&f->user, path, &mode);
	if (r || !(S_ISREG(mode) || S_ISDIR(mode) || S_ISSOCK(mode)))
		return r;
	r = add_fact_path(f, path, true);
	if (!r && S_ISREG(mode)) /* a qcow2 has others behind it; one that is broken QEMU names */
		r = host_image_chain(&f->user, path, facts_add_behind, f, &problem);
	return r < 0 ? r : 0;
}

/**
 * facts_find_argument_files() - what [qemu] argument and the words behind "--" name
 * @f:		its user and extra arguments are known; receives the files
 *
 * Return: 0, or EXIT_HOST when they cannot be looked at
 */
int facts_find_argument_files(const struct profile *profile, struct facts *f)
{
	char *const *extra = f->plan.extra_argument;
	int r = 0;

	for (size_t i = 0; i < profile->qemu_argument.count && !r; i++)
		r = arguments_each_path(profile->qemu_argument.item[i].text, take_path, f);
	for (size_t i = 0; extra && extra[i] && !r; i++)
		r = arguments_each_path(extra[i], take_path, f);
	return r ? EXIT_HOST : 0;
}
