/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * module.c - load one kernel module and what it needs; the exit status is the errno
 *
 * usage: module NAME		loads it
 *	  module unload NAME	unloads it alone, unless anything uses it
 *	  module query DIRECTORY	answers questions, see module-query.c
 *
 * A program of its own, because libkmod reads configuration files, and what reads files
 * must not sit in the process that has to give a device back. `install` lines of
 * modprobe.d are not run: they are shell commands.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libkmod.h>

#include "launcher/keeper/programs/module-query.h"

/* -EEXIST and built in are success: the module is there. */
static int insert(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list = NULL, *item;
	int rc = kmod_module_new_from_lookup(ctx, name, &list);

	if (!rc && !list)
		rc = -ENOENT; /* no such module, or no modules for this kernel at all */
	kmod_list_foreach(item, list)
	{
		struct kmod_module *m = kmod_module_get_module(item);
		int one = kmod_module_probe_insert_module(m, KMOD_PROBE_IGNORE_COMMAND, NULL, NULL,
							  NULL, NULL);

		if (!rc && one < 0 && one != -EEXIST)
			rc = one;
		kmod_module_unref(m);
	}
	kmod_module_unref_list(list);
	return rc;
}

static int unload(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_module *m = NULL;
	int rc = kmod_module_new_from_name(ctx, name, &m);

	if (!rc)
		rc = kmod_module_remove_module(m, 0); /* libkmod never waits */
	kmod_module_unref(m);
	return rc;
}

int main(int argc, char **argv)
{
	bool unloads = argc == 3 && !strcmp(argv[1], "unload");
	struct kmod_ctx *ctx;
	int rc;

	if (argc == 3 && !strcmp(argv[1], "query"))
		return module_query(argv[2]);
	if (argc != 2 && !unloads)
		return EINVAL;
	ctx = kmod_new(NULL, NULL);
	if (!ctx)
		return ENOMEM;
	kmod_load_resources(ctx);
	rc = unloads ? unload(ctx, argv[2]) : insert(ctx, argv[1]);
	kmod_unref(ctx);
	return -rc;
}
