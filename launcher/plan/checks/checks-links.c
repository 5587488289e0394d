/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-links.c - row: the links of the host's network that a VM's cards are connected with */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "launcher/host/user/links.h"
#include "launcher/plan/changes/nets.h"
#include "launcher/plan/checks/checks-rows.h"

#define NAT "virbr0" /* libvirt's network "default" */

static void check_bridge(struct checking *c, const struct profile_net *net)
{
	unsigned int line = net->link_pos.line;
	const char *name = net->bridge;
	char remedy[CHECK_REMEDY_MAX];
	struct host_link link;

	if (host_link(c->host, name, &link)) {
		(void)snprintf(
			remedy, sizeof(remedy),
			!strcmp(name, NAT)
				? "`virsh net-start default`: it is libvirt's"
				: "make it: `ip link add %s type bridge`, `ip link set %s up`; "
				  "with libvirt `bridge = " NAT "` is there",
			name, name);
		row_failed(c, remedy, "line %u: there is no bridge %s", line, name);
	} else if (!link.bridge) {
		(void)snprintf(
			remedy, sizeof(remedy),
			link.switch_
				? "make a tap that is a port of it, for that user, and write "
				  "`mode = tap`"
				: "name a bridge: `ip link show type bridge`; or write `mode = macvtap` "
				  "with `parent = %s`",
			name);
		row_failed(c, remedy, "line %u: %s is no bridge of the kernel's", line, name);
	} else if (*link.wireless_port) {
		row_failed(
			c, "take it out of the bridge, or write `mode = user`",
			"line %u: %s has the wireless card %s as a port, which carries no guest's frames",
			line, name, link.wireless_port);
	} else if (!link.up) {
		(void)snprintf(remedy, sizeof(remedy), "`ip link set %s up`", name);
		row_failed(c, remedy, "line %u: the bridge %s is down", line, name);
	}
}

static void check_parent(struct checking *c, const struct profile_net *net)
{
	unsigned int line = net->link_pos.line;
	const char *name = net->parent;
	char remedy[CHECK_REMEDY_MAX];
	struct host_link link;

	if (host_link(c->host, name, &link)) {
		row_failed(c, "name another one: `ip link` shows them",
			   "line %u: there is no network card %s", line, name);
	} else if (link.wireless) {
		row_failed(
			c, "write `mode = user`, or name a wired card",
			"line %u: %s is wireless: the access point refuses frames of a second address",
			line, name);
	} else if (link.loopback || link.tap) {
		row_failed(c, "name a network card", "line %u: %s is no network card", line, name);
	} else if (*link.port_of) {
		(void)snprintf(
			remedy, sizeof(remedy),
			"write `mode = bridge` with `bridge = %s`, or `parent = %s` if that is a bond",
			link.port_of, link.port_of);
		row_failed(c, remedy, "line %u: %s is part of %s", line, name, link.port_of);
	} else if (!link.up) {
		(void)snprintf(remedy, sizeof(remedy), "`ip link set %s up`", name);
		row_failed(c, remedy, "line %u: %s is down", line, name);
	}
}

static void check_tap(struct checking *c, const struct profile_net *net)
{
	const struct plan_host_facts *f = c->request->facts;
	const char *user = f && f->user ? f->user : "USER", *name = net->tap;
	unsigned int line = net->link_pos.line;
	char remedy[CHECK_REMEDY_MAX];
	struct host_link link;

	(void)snprintf(remedy, sizeof(remedy), "`ip tuntap add dev %s mode tap user %s`%s", name,
		       user, net->queues > 1 ? " with `multi_queue` behind it" : "");
	if (host_link(c->host, name, &link))
		row_failed(c, remedy, "line %u: there is no tap %s", line, name);
	else if (!link.tap)
		row_failed(c, "name a tap: `ip tuntap` shows them", "line %u: %s is no tap", line,
			   name);
	else if (f && link.owner != (int64_t)f->uid)
		row_failed(c, remedy, "line %u: the tap %s is not %s's", line, name, user);
	else if (net->queues > 1 && !link.multi_queue)
		row_failed(c, remedy, "line %u: the tap %s was made with one queue, not %u", line,
			   name, net->queues);
}

/* A name that a link has already: of an earlier run, or of a VM whose name begins like this one's.
 */
static void check_free(struct checking *c, size_t i)
{
	char name[CHANGE_LINK_MAX];
	struct change_link made;
	struct host_link link;

	if (plan_net_link(c->profile->name, c->profile, i, name, &made) &&
	    !host_link(c->host, name, &link))
		row_failed(c,
			   "give this VM another `name`, or delete it: `ip link show` has its use",
			   "there is a link %s already, which is to be made for this VM", name);
}

void check_links(struct checking *c)
{
	bool tun = false;

	for (size_t i = 0; i < c->profile->net_count; i++) {
		const struct profile_net *net = &c->profile->net[i];

		tun |= net->mode == PROFILE_NET_BRIDGE || net->mode == PROFILE_NET_TAP;
		if (net->mode == PROFILE_NET_BRIDGE)
			check_bridge(c, net);
		else if (net->mode == PROFILE_NET_MACVTAP)
			check_parent(c, net);
		else if (net->mode == PROFILE_NET_TAP)
			check_tap(c, net);
		check_free(c, i);
	}
	if (tun && !host_has_tun(c->host))
		row_failed(c, "`modprobe tun` as root",
			   "this kernel has no taps now: /dev/net/tun is missing");
}
