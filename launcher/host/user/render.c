/* SPDX-License-Identifier: GPL-2.0-or-later */
/* render.c - the render nodes of the host's graphics cards, and whether a user may use them */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/small-file.h"
#include "launcher/host/user/as-user.h"
#include "launcher/host/user/render.h"

static bool read_node(struct host *h, const char *name, struct host_render *out)
{
	char path[128], text[32];

	*out = (struct host_render){ .major = 0 };
	(void)snprintf(out->node, sizeof(out->node), "%.23s", name);
	(void)snprintf(path, sizeof(path), "sys/class/drm/%.23s/dev", name);
	if (strncmp(name, "renderD", 7) != 0 ||
	    sysfs_read(host_root_fd(h), path, text, sizeof(text)) <= 0 ||
	    sscanf(text, "%u:%u", &out->major, &out->minor) != 2)
		return false;
	(void)snprintf(path, sizeof(path), "sys/class/drm/%.23s/device", name);
	return !sysfs_link_name(host_root_fd(h), path, out->device, sizeof(out->device));
}

/**
 * host_render_nodes() - all of them, by their names
 *
 * Return: 0, also when there are none; -errno
 */
int host_render_nodes(struct host *h, struct host_render out[HOST_RENDER_MAX], size_t *count)
{
	char **name;
	size_t all;
	int r = host_list(host_root_fd(h), "sys/class/drm", &name, &all);

	*count = 0;
	if (r)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < all && *count < HOST_RENDER_MAX; i++)
		if (read_node(h, name[i], &out[*count]))
			++*count;
	host_list_free(name, all);
	return 0;
}

static int do_access(const void *request, void *reply)
{
	int r = access(request, R_OK | W_OK) ? -errno : 0;

	memcpy(reply, &r, sizeof(r));
	return -1;
}

/** host_render_usable() - may the user use it, by whichever group? 0; -EACCES; other -errno */
int host_render_usable(const struct host_user *user, const char *node)
{
	struct host_user all = *user;
	int answer = -EIO, r;
	char path[48];

	all.alone = false;
	(void)snprintf(path, sizeof(path), "/dev/dri/%.23s", node);
	r = as_user_call(&all, do_access, path, &answer, sizeof(answer), NULL);
	return r ? r : answer;
}
