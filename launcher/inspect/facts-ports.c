/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-ports.c - the check "ports": can the VM's user listen where the profile forwards from? */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/cli.h"
#include "launcher/host/user/port.h"
#include "launcher/inspect/facts-files.h"
#include "launcher/inspect/looking.h"

static int port_failed(const struct looking *l, const struct profile_forward *f, const char *remedy,
		       const char *what)
{
	check_add(l->results, "ports", CHECK_FAILED, remedy, "%s: port %u of %s %s",
		  opened_place(l->o, &f->pos), f->host_port, f->udp ? "UDP" : "TCP",
		  what);
	return EXIT_HOST;
}

static int judge_port(const struct looking *l, const struct profile_forward *f)
{
	struct host_port port;
	char remedy[192], what[96];
	int r = host_port(&l->f->user, f->udp, f->host_port, &port);

	if (r) {
		check_add(l->results, "ports", CHECK_SKIPPED, NULL, "not checked: %s",
			  strerror(-r));
		return 0;
	}
	if (port.ipv4 == -EADDRINUSE || port.ipv6 == -EADDRINUSE) {
		(void)snprintf(
			remedy, sizeof(remedy),
			"write another port, or end the program: `ss -l%snp sport = :%u` names it",
			f->udp ? "u" : "t", f->host_port);
		return port_failed(
			l, f, remedy,
			port.ipv4 == -EADDRINUSE
				? "is taken by another program"
				: "is taken by another program over IPv6, where localhost leads first");
	}
	if (port.ipv4 == -EACCES)
		return port_failed(l, f,
				   "write a port from 1024 on; or let every user have it: "
				   "`sysctl -w net.ipv4.ip_unprivileged_port_start=PORT`",
				   "is for root only");
	if (port.ipv4) {
		(void)snprintf(what, sizeof(what), "cannot be bound: %s", strerror(-port.ipv4));
		return port_failed(l, f, "write another port", what);
	}
	return 0;
}

/**
 * facts_look_at_ports() - the ports of this host that [net] forward names
 *
 * Return: 0 or EXIT_HOST
 */
int facts_look_at_ports(const struct opened_profile *o, struct host *host, struct facts *f,
			struct check_results *results)
{
	const struct looking l = { o, host, f, results };
	int code = 0;

	if (geteuid() && geteuid() != f->user.uid)
		return 0; /* "files" has reported it */
	for (size_t i = 0; i < o->profile->net_count; i++)
		for (size_t k = 0; k < o->profile->net[i].forward_count; k++)
			code |= judge_port(&l, &o->profile->net[i].forward[k]);
	return code;
}
