/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-nets.c - QEMU's arguments for network cards */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/plan/changes/nets.h"
#include "launcher/plan/programs/beside.h"
#include "launcher/plan/qemu/qemu.h"
#include "profiles/profile.h"

static void put_mac(struct qemu *q, struct json_object *o, size_t i)
{
	uint8_t m[6];

	plan_net_mac(q->plan->name, q->profile, i, m);
	put_format(&q->argv, o, "mac", "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3],
		   m[4], m[5]);
}

static void put_forwards(struct qemu *q, struct json_object *o, const struct profile_net *net)
{
	struct json_object *list;

	if (!net->forward_count)
		return;
	list = json_object_new_array();
	for (size_t i = 0; i < net->forward_count; i++) {
		const struct profile_forward *f = &net->forward[i];
		struct json_object *rule = json_object_new_object();

		put_format(&q->argv, rule, "str", "%s::%u-:%u", f->udp ? "udp" : "tcp",
			   f->host_port, f->guest_port);
		if (!list || !rule || json_object_array_add(list, rule)) {
			(void)json_object_put(rule);
			q->argv.error = -ENOMEM;
		}
	}
	put_object(&q->argv, o, "hostfwd", list);
}

/*
 * Each network that QEMU makes itself is 10.0.2.0/24 and fec0::/64 as it comes, with the guest's address in it.
 * A guest with two of the same answers on the first one what came in by the second. Source: libslirp's default
 * of vnetwork and vprefix6, as set in QEMU's net/slirp.c.
 */
static void put_network(struct qemu *q, struct json_object *o, size_t i)
{
	unsigned int before = plan_user_nets_before(q->profile, i);

	if (!before)
		return;
	put_format(&q->argv, o, "net", PLAN_USER_NET ".0/24", PLAN_USER_NET_FIRST + before);
	put_format(&q->argv, o, "ipv6-prefix", "fec0:0:0:%x::", before);
}

/* By number: QEMU itself has no network to open one in. */
static void put_descriptors(struct qemu *q, struct json_object *o, const char *key, int first,
			    unsigned int count)
{
	char list[KEEPER_CHANNELS_MAX * 4 + 1] = "";
	size_t used = 0;

	for (unsigned int i = 0; i < count && used < sizeof(list) - 4; i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%d", i ? ":" : "",
					 first + (int)i);
	put_text(&q->argv, o, key, list);
}

/* Of passt, by the one descriptor that both are started with. */
static void put_stream(struct qemu *q, struct json_object *o, int fd)
{
	struct json_object *address = argv_object("type", "fd");

	put_bool(&q->argv, o, "server", false);
	put_format(&q->argv, address, "str", "%d", fd);
	put_object(&q->argv, o, "addr", address);
}

static void backend(struct qemu *q, size_t i, const struct plan_net_ends *ends)
{
	int fd = plan_passt_fd(q->plan, q->profile, q->facts, i);
	struct json_object *o = argv_object("type", ends->queues ? "tap" : fd >= 0 ? "stream" : "user");

	put_format(&q->argv, o, "id", "net%zu", i);
	if (ends->queues)
		put_descriptors(q, o, "fds", ends->first, ends->queues);
	if (ends->vhost) {
		put_bool(&q->argv, o, "vhost", true);
		put_descriptors(q, o, "vhostfds", ends->first + (int)ends->queues, ends->queues);
	}
	if (fd >= 0) {
		put_stream(q, o, fd);
	} else if (!ends->queues) {
		put_network(q, o, i);
		put_forwards(q, o, &q->profile->net[i]);
	}
	argv_json(&q->argv, "-netdev", o);
}

/* Each pair of queues has two interrupts, and there is one for the configuration and the control queue each. */
static void put_queues(struct qemu *q, struct json_object *o, unsigned int queues)
{
	if (queues < 2)
		return;
	put_bool(&q->argv, o, "mq", true);
	put_number(&q->argv, o, "vectors", 2 * queues + 2);
}

static void card(struct qemu *q, size_t i, const struct plan_net_ends *ends)
{
	const struct profile_net *net = &q->profile->net[i];
	unsigned int port = qemu_port(q);
	struct json_object *o = argv_object("driver", plan_net_driver(net->model));

	put_format(&q->argv, o, "id", "nic%zu", i);
	if (net->mode != PROFILE_NET_NONE)
		put_format(&q->argv, o, "netdev", "net%zu", i);
	put_mac(q, o, i);
	put_format(&q->argv, o, "bus", "port%u", port);
	put_text(&q->argv, o, "addr", "0x0");
	put_queues(q, o, ends->queues);
	/* No boot from the network: its ROM would be one more file in the jail. */
	put_text(&q->argv, o, "romfile", "");
	argv_json(&q->argv, "-device", o);
}

/** qemu_nets() - for each network card its two ends, or a card that is connected to nothing */
void qemu_nets(struct qemu *q)
{
	for (size_t i = 0; i < q->profile->net_count; i++) {
		struct plan_net_ends ends = { .queues = 0 };

		if (q->profile->net[i].mode != PROFILE_NET_NONE) {
			plan_net_ends(q->profile, q->facts, i, &ends);
			backend(q, i, &ends);
		}
		card(q, i, &ends);
	}
}
