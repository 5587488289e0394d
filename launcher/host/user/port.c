/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port.c - can the VM's user listen on a port of this host?
 *
 * A port is bound and let go at once, by a child that is the user, and is never listened on: no
 * connection can come in. Source of how it is bound: libslirp, src/socket.c, tcpx_listen().
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launcher/host/user/as-user.h"
#include "launcher/host/user/port.h"

struct port_question {
	bool udp;
	uint16_t port;
};

static int try_bind(int family, const struct port_question *q)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(q->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(q->port) };
	const struct sockaddr *address = family == AF_INET ? (void *)&v4 : (void *)&v6;
	int one = 1, r = 0;
	cleanup_close int fd =
		socket(family, (q->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	/* a connection that has just ended does not count */
	if (!q->udp)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (family == AF_INET6) /* else it would be both families at once */
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, address, family == AF_INET ? sizeof(v4) : sizeof(v6)))
		r = -errno;
	return r;
}

static int do_port(const void *request, void *reply)
{
	struct host_port *out = reply;

	out->ipv4 = try_bind(AF_INET, request);
	out->ipv6 = try_bind(AF_INET6, request);
	return -1;
}

/**
 * host_port() - could the user listen on it, on all addresses?
 * @out:	for each family 0, -EADDRINUSE, -EACCES (below net.ipv4.ip_unprivileged_port_start),
 * ...
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_port(const struct host_user *user, bool udp, uint16_t port, struct host_port *out)
{
	struct port_question q = { udp, port };

	*out = (struct host_port){ 0, 0 };
	return as_user_call(user, do_port, &q, out, sizeof(*out), NULL);
}
