/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * links.c - what a network link of the host is, as far as a guest's card can be connected with it
 *
 * Source: Documentation/ABI/testing/sysfs-class-net, drivers/net/tun.c (tun_flags, owner)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/small-file.h"
#include "launcher/host/user/as-user.h"
#include "launcher/host/user/links.h"

#define LINKS "sys/class/net/"

static bool has(int root, const char *link, const char *file)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), LINKS "%.15s/%s", link, file);
	return sysfs_exists(root, path);
}

static bool read_number(int root, const char *link, const char *file, int64_t *out)
{
	char path[SYSFS_PATH_MAX], text[32], *end;

	(void)snprintf(path, sizeof(path), LINKS "%.15s/%s", link, file);
	if (sysfs_read(root, path, text, sizeof(text)) <= 0)
		return false;
	*out = strtoll(text, &end, 0);
	return end != text;
}

static bool is_wireless(int root, const char *link)
{
	return has(root, link, "wireless") || has(root, link, "phy80211");
}

static void find_wireless_port(int root, const char *bridge, char out[CHANGE_LINK_MAX])
{
	char path[SYSFS_PATH_MAX], **port;
	size_t count;

	*out = '\0';
	(void)snprintf(path, sizeof(path), LINKS "%.15s/brif", bridge);
	if (host_list(root, path, &port, &count))
		return;
	for (size_t i = 0; i < count && !*out; i++)
		if (is_wireless(root, port[i]))
			(void)snprintf(out, CHANGE_LINK_MAX, "%.15s", port[i]);
	host_list_free(port, count);
}

/**
 * host_link() - a link of the host
 * @name:	at most 15 characters, without a slash
 *
 * Return: 0; -ENODEV: there is none
 */
int host_link(struct host *h, const char *name, struct host_link *out)
{
	char path[SYSFS_PATH_MAX], text[64];
	int root = host_root_fd(h);
	int64_t flags = 0, tun = 0;

	*out = (struct host_link){ .owner = -1 };
	if (!read_number(root, name, "flags", &flags))
		return -ENODEV;
	out->up = flags & IFF_UP;
	out->loopback = flags & IFF_LOOPBACK;
	out->bridge = has(root, name, "bridge");
	out->wireless = is_wireless(root, name);
	if (read_number(root, name, "tun_flags", &tun)) {
		out->tap = tun & IFF_TAP;
		out->multi_queue = tun & IFF_MULTI_QUEUE;
		out->headers = tun & IFF_VNET_HDR;
		(void)read_number(root, name, "owner", &out->owner);
	}
	(void)snprintf(path, sizeof(path), LINKS "%.15s/master", name);
	if (sysfs_link_name(root, path, text, sizeof(text)) == 0)
		(void)snprintf(out->port_of, sizeof(out->port_of), "%.15s", text);
	/* the one that all bridges of Open vSwitch hang on; they themselves have no sign in sysfs
	 */
	out->switch_ = !out->bridge && !out->tap && !has(root, name, "device") &&
		       sysfs_exists(root, LINKS "ovs-system");
	find_wireless_port(root, name, out->wireless_port);
	return 0;
}

/** host_has_tun() - can taps be made here, or by loading a module that the kernel finds itself? */
bool host_has_tun(struct host *h)
{
	return sysfs_exists(host_root_fd(h), "sys/class/misc/tun") ||
	       (host_is_live(h) && access("/dev/net/tun", F_OK) == 0);
}

struct tap_request {
	const char *name;
	bool multi_queue, headers;
};

/* The kernel lets its owner join it, and nobody else without rights over the network. */
static int do_open_tap(const void *request, void *reply)
{
	const struct tap_request *t = request;
	struct ifreq f = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK), r = fd < 0 ? -errno : 0;

	if (t->multi_queue)
		f.ifr_flags |= IFF_MULTI_QUEUE;
	if (t->headers)
		f.ifr_flags |= IFF_VNET_HDR;
	(void)snprintf(f.ifr_name, sizeof(f.ifr_name), "%s", t->name);
	if (!r && ioctl(fd, TUNSETIFF, &f) < 0)
		r = -errno;
	memcpy(reply, &r, sizeof(r));
	return fd;
}

/**
 * host_open_tap() - one queue of a tap that is there, with the rights of its owner
 * @link:	what host_link() has said of it: joining would change what it was made with
 * @fd_out:	closed by the caller
 *
 * Return: 0; -EBUSY: another program has it; -EPERM: it is another user's; -errno of
 * opening /dev/net/tun, or that of as_user_call()
 */
int host_open_tap(const struct host_user *user, const char *name, const struct host_link *link,
		  int *fd_out)
{
	const struct tap_request t = { name, link->multi_queue, link->headers };
	int error = 0, r = as_user_call(user, do_open_tap, &t, &error, sizeof(error), fd_out);

	if (!r && error && *fd_out >= 0) {
		(void)close(*fd_out);
		*fd_out = -1;
	}
	return r ? r : error;
}

static int do_open_vhost(const void *request, void *reply)
{
	int fd = open("/dev/vhost-net", O_RDWR | O_CLOEXEC | O_NONBLOCK), r = fd < 0 ? -errno : 0;

	(void)request;
	memcpy(reply, &r, sizeof(r));
	return fd;
}

/**
 * host_open_vhost() - one queue of the kernel's, which moves frames between a guest and a tap
 * @user:	with all its groups: a group is what most systems give it to
 * @fd_out:	closed by the caller
 *
 * Return: 0; -ENOENT, -EACCES, ...: there is none for this user; or that of as_user_call()
 */
int host_open_vhost(const struct host_user *user, int *fd_out)
{
	struct host_user all = *user;
	int error = 0, r;

	all.alone = false;
	r = as_user_call(&all, do_open_vhost, NULL, &error, sizeof(error), fd_out);
	return r ? r : error;
}
