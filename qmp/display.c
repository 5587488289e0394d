// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * display.c - the clients of SPICE and VNC: accepted here, handed over to QEMU
 *
 * Theory of operation. QEMU has no socket for its display and no network: a client connects to
 * one that is the VM's user's (or to a port of the loopback, and then QEMU asks for the
 * password), is accepted here, and goes to QEMU as a descriptor: `getfd`, then `add_client`.
 * Nothing of what it sends is read here. One at a time: the next stays in the listener's queue
 * until QEMU has answered, so a flood of them costs one descriptor.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qmp/display.h"

/**
 * qmp_display_init() - Begin
 * @d:	      To be filled
 * @listener: Not blocking; -1: there is no such display; borrows
 * @owner:    The VM's user
 */
void qmp_display_init(struct qmp_display *d, int listener, uid_t owner)
{
	*d = (struct qmp_display){ .listener = listener, .owner = owner, .client = -1 };
}

static bool takes_one(const struct qmp_display *d, const struct qmp_client *c)
{
	return !d->busy && c->phase == QMP_PHASE_COMMANDS;
}

/** qmp_display_poll() - What to wait for: a client, when QEMU can be given one */
void qmp_display_poll(const struct qmp_display *d, const struct qmp_client *c, struct pollfd *p)
{
	*p = (struct pollfd){ .fd = takes_one(d, c) ? d->listener : -1, .events = POLLIN };
}

/* A port has no peer's uid: there QEMU asks for the password. */
static bool may_connect(const struct qmp_display *d, int fd)
{
	struct ucred peer = { .pid = 0 };
	socklen_t size = sizeof(peer);
	int domain = 0;
	socklen_t domain_size = sizeof(domain);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size))
		return false;
	if (domain != AF_UNIX)
		return true;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && size == sizeof(peer) &&
	       (peer.uid == 0 || peer.uid == d->owner);
}

static void forget(struct qmp_display *d)
{
	if (d->client >= 0)
		(void)close(d->client);
	d->client = -1;
}

/**
 * qmp_display_accept() - Accept one, if its uid may connect, and begin to hand it over
 * @d: As initialised
 * @c: Its screen is set
 */
void qmp_display_accept(struct qmp_display *d, struct qmp_client *c)
{
	if (!takes_one(d, c))
		return;
	d->client = accept4(d->listener, NULL, NULL, SOCK_CLOEXEC);
	if (d->client < 0)
		return;
	d->busy = may_connect(d, d->client) && qmp_client_hand_over(c, d->client);
	if (!d->busy)
		forget(d);
}

/** qmp_display_answered() - QEMU has it, or does not want it: the next one can come */
void qmp_display_answered(struct qmp_display *d, unsigned int command, bool done)
{
	if (command == QMP_OWN_GETFD)
		forget(d);
	if (command == QMP_OWN_ADD_CLIENT || (command == QMP_OWN_GETFD && !done))
		d->busy = false;
}

/**
 * qmp_display_send() - Bytes to the monitor, and a descriptor along with the first of them
 * @fd: -1: none
 *
 * Return: Bytes sent, or -1 with errno. Does not wait.
 */
ssize_t qmp_display_send(int monitor, const char *bytes, size_t length, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	struct iovec data = { .iov_base = (char *)(uintptr_t)bytes, .iov_len = length };
	const struct msghdr message = { .msg_iov = &data,
					.msg_iovlen = 1,
					.msg_control = &control,
					.msg_controllen = sizeof(control.room) };

	if (fd < 0)
		return send(monitor, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(monitor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}
