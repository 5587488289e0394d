/* SPDX-License-Identifier: GPL-2.0-or-later */
/* module-stack.c - the loaded modules that use a driver's module, directly or not */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/host/kernel/module-stack.h"
#include "launcher/host/small-file.h"

#define DEPTH_MAX 8

static bool has(const struct host_stack *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->name[i], name))
			return true;
	return false;
}

/* What uses a module comes before it. Source: Documentation/ABI/testing/sysfs-module, holders */
static int add_users(struct host *h, const char *module, struct host_stack *out, int depth)
{
	char path[HOST_WORD_MAX + 32], **name;
	size_t count;
	int r;

	(void)snprintf(path, sizeof(path), "sys/module/%s/holders", module);
	r = host_list(host_root_fd(h), path, &name, &count);
	if (r)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < count && !r; i++) {
		if (has(out, name[i]))
			continue;
		r = depth ? add_users(h, name[i], out, depth - 1) : -ELOOP;
		if (!r && (out->count == HOST_STACK_MAX || strlen(name[i]) >= HOST_WORD_MAX))
			r = -E2BIG;
		if (!r && !has(out, name[i]))
			(void)snprintf(out->name[out->count++], HOST_WORD_MAX, "%s", name[i]);
	}
	host_list_free(name, count);
	return r;
}

/**
 * host_module_stack() - which loaded modules use one
 * @module:	as /sys/module has it; it is not among them
 *
 * Return: 0; -E2BIG more than there is room for; -errno
 */
int host_module_stack(struct host *h, const char *module, struct host_stack *out)
{
	out->count = 0;
	return *module ? add_users(h, module, out, DEPTH_MAX) : 0;
}
