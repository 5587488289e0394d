/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-nets.c - QEMU's arguments for network cards */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/base/checksum.h"
#include "launcher/plan/qemu.h"
#include "profiles/profile.h"

static const char *const models[] = {
	[PROFILE_NET_VIRTIO] = "virtio-net-pci",
	[PROFILE_NET_E1000E] = "e1000e",
};

/* The same for the same name on every machine, so that a guest keeps its leases. */
static uint32_t hash(const char *text, size_t index)
{
	return (checksum(text, strlen(text)) ^ (uint32_t)index) * CHECKSUM_PRIME;
}

static void put_mac(struct qemu *q, struct json_object *o, size_t i)
{
	const struct profile_net *net = &q->profile->net[i];
	uint32_t h = hash(q->plan->name, i);
	/* 52:54:00 is what QEMU and libvirt give to their guests. */
	uint8_t derived[6] = { 0x52, 0x54, 0, (uint8_t)(h >> 16), (uint8_t)(h >> 8), (uint8_t)h };
	const uint8_t *m = net->has_mac ? net->mac : derived;

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

static void backend(struct qemu *q, size_t i)
{
	const struct profile_net *net = &q->profile->net[i];
	struct json_object *o = argv_object("type", net->mode == PROFILE_NET_TAP ? "tap" : "user");

	put_format(&q->argv, o, "id", "net%zu", i);
	if (net->mode == PROFILE_NET_TAP) {
		put_text(&q->argv, o, "ifname", net->tap);
		put_text(&q->argv, o, "script", "no");
		put_text(&q->argv, o, "downscript", "no");
	} else {
		put_forwards(q, o, net);
	}
	argv_json(&q->argv, "-netdev", o);
}

/** qemu_nets() - for each network card its two ends */
void qemu_nets(struct qemu *q)
{
	for (size_t i = 0; i < q->profile->net_count; i++) {
		const struct profile_net *net = &q->profile->net[i];
		struct json_object *o;
		unsigned int port;

		if (net->mode == PROFILE_NET_NONE)
			continue;
		backend(q, i);
		port = qemu_port(q);
		o = argv_object("driver", models[net->model]);
		put_format(&q->argv, o, "id", "nic%zu", i);
		put_format(&q->argv, o, "netdev", "net%zu", i);
		put_mac(q, o, i);
		put_format(&q->argv, o, "bus", "port%u", port);
		put_text(&q->argv, o, "addr", "0x0");
		/* No boot from the network: its ROM would be one more file in the jail. */
		put_text(&q->argv, o, "romfile", "");
		argv_json(&q->argv, "-device", o);
	}
}
