/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notify-open.c - the socket to the service manager, for the service's state */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "launcher/commands/handover/notify-open.h"

/**
 * notify_open() - connect to NOTIFY_SOCKET, for the keeper to write to
 *
 * It is opened here, because the keeper reads no environment and opens no socket.
 *
 * Return: a descriptor that the caller closes; -ENOENT there is none; -EAFNOSUPPORT it is
 *	   neither a path nor an abstract name; other -errno of connect(2)
 * Source: sd_notify(3)
 */
int notify_open(void)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = name ? strlen(name) : 0;
	cleanup_close int fd = -1;

	if (!length)
		return -ENOENT;
	if ((*name != '/' && *name != '@') || length < 2)
		return -EAFNOSUPPORT;
	if (length >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, name, length);
	if (*name == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
		return -errno;
	return take_fd(&fd);
}

/** notify_is_after_service() - is this what a service manager runs when its service has ended? */
bool notify_is_after_service(void)
{
	return getenv("SERVICE_RESULT") != NULL;
}
