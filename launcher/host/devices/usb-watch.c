/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usb-watch.c - USB devices as they come and go, told by the kernel
 *
 * A message is "ACTION@DEVPATH" and KEY=VALUE, each with a NUL behind it. Source:
 * lib/kobject_uevent.c. Only what comes from the kernel itself counts: from port 0.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "launcher/host/devices/usb-watch.h"

#define KERNEL_EVENTS 1 /* the group; udev's own are in group 2 */
#define MESSAGE_MAX 8192

/** host_usb_watch_open() - begin to listen. Return: a descriptor that the caller closes; -errno */
int host_usb_watch_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_EVENTS };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

	if (fd < 0)
		return -errno;
	if (!bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		return fd;
	{
		int saved = errno;

		(void)close(fd);
		return -saved;
	}
}

static const char *value_of(const char *message, size_t size, const char *key)
{
	size_t length = strlen(key);

	for (size_t at = 0; at < size; at += strnlen(message + at, size - at) + 1)
		if (size - at > length && !strncmp(message + at, key, length) &&
		    message[at + length] == '=')
			return message + at + length + 1;
	return NULL;
}

/**
 * host_usb_event_parse() - is a message one of a USB device that has come or gone?
 * @message:	with a NUL behind its @size bytes
 */
bool host_usb_event_parse(const char *message, size_t size, struct host_usb_event *out)
{
	const char *action = value_of(message, size, "ACTION"),
		   *type = value_of(message, size, "DEVTYPE");
	const char *path = value_of(message, size, "DEVPATH"),
		   *slash = path ? strrchr(path, '/') : NULL;

	*out = (struct host_usb_event){ .added = false };
	if (!action || !type || !slash || strcmp(type, "usb_device") != 0 ||
	    strlen(slash + 1) >= sizeof(out->name))
		return false;
	if (strcmp(action, "add") != 0 && strcmp(action, "remove") != 0)
		return false;
	out->added = *action == 'a';
	(void)snprintf(out->name, sizeof(out->name), "%s", slash + 1);
	return true;
}

/**
 * host_usb_watch_next() - wait for the next one
 *
 * Return: 0; -ENOBUFS: some were lost, as more came than were read; other -errno
 */
int host_usb_watch_next(int fd, struct host_usb_event *out)
{
	for (;;) {
		struct sockaddr_nl from = { .nl_pid = 1 };
		socklen_t length = sizeof(from);
		char message[MESSAGE_MAX + 1];
		ssize_t n =
			recvfrom(fd, message, MESSAGE_MAX, 0, (struct sockaddr *)&from, &length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		message[n] = '\0';
		if (!from.nl_pid && host_usb_event_parse(message, (size_t)n, out))
			return 0;
	}
}
