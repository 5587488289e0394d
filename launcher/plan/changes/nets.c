/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nets.c - network cards whose other end is a link of the host's
 *
 * QEMU gets descriptors and no network: those of a tap that its user owns are opened by vfio-run,
 * as that user; a tap on a bridge and a macvtap are links that the keeper makes for the run.
 */
#include <stdio.h>
#include <string.h>

#include "launcher/base/checksum.h"
#include "launcher/plan/changes/nets.h"

#define QUEUES_BY_DEFAULT 8 /* at most: each is two interrupts of the guest's */
#define TAP_FIRST_BYTE 0xfe /* a bridge takes the lowest address of its ports as its own */

/* By QEMU's names. */
static const char *const drivers[] = {
	[PROFILE_NET_VIRTIO] = "virtio-net-pci", [PROFILE_NET_E1000E] = "e1000e",
	[PROFILE_NET_E1000] = "e1000",           [PROFILE_NET_E1000_82545EM] = "e1000-82545em",
	[PROFILE_NET_VMXNET3] = "vmxnet3",       [PROFILE_NET_RTL8139] = "rtl8139",
};

/** plan_net_driver() - QEMU's name for a model */
const char *plan_net_driver(enum profile_net_model model)
{
	return drivers[model];
}

/* The same for the same name on every machine, so that a guest keeps its leases. */
static uint32_t hash(const char *text, size_t index)
{
	return (checksum(text, strlen(text)) ^ (uint32_t)index) * CHECKSUM_PRIME;
}

/** plan_net_mac() - the address of the guest's card: the profile's, or one that follows from the
 * VM's name */
void plan_net_mac(const char *name, const struct profile *profile, size_t i, uint8_t mac[6])
{
	const struct profile_net *net = &profile->net[i];
	uint32_t h = hash(name, i);
	/* 52:54:00 is what QEMU and libvirt give to their guests. */
	const uint8_t derived[6] = { 0x52,      0x54, 0, (uint8_t)(h >> 16), (uint8_t)(h >> 8),
				     (uint8_t)h };

	memcpy(mac, net->has_mac ? net->mac : derived, sizeof(derived));
}

static enum keeper_channel channel_of(const struct profile_net *net)
{
	switch (net->mode) {
	case PROFILE_NET_TAP:
		return KEEPER_CHANNEL_GIVEN;
	case PROFILE_NET_BRIDGE:
	case PROFILE_NET_MACVTAP:
		return KEEPER_CHANNEL_LINK;
	default:
		return KEEPER_CHANNEL_NONE;
	}
}

/* Only virtio has several; and a tap only when it was made with them. */
static unsigned int queues_of(const struct profile *p, const struct plan_host_facts *facts,
			      size_t i)
{
	const struct profile_net *net = &p->net[i];

	if (net->model != PROFILE_NET_VIRTIO)
		return 1;
	if (net->mode == PROFILE_NET_TAP && !(facts && facts->multi_queue && facts->multi_queue[i]))
		return 1;
	if (net->queues)
		return net->queues;
	return p->cpus < QUEUES_BY_DEFAULT ? p->cpus : QUEUES_BY_DEFAULT;
}

/**
 * plan_net_ends() - the descriptors of a card
 * @facts:	NULL: a tap has one queue
 * @i:		its number among profile->net
 */
void plan_net_ends(const struct profile *profile, const struct plan_host_facts *facts, size_t i,
		   struct plan_net_ends *out)
{
	*out = (struct plan_net_ends){ .first = KEEPER_QEMU_NETS_FD };
	for (size_t k = 0; k <= i; k++) {
		out->first += (int)(out->vhost ? 2 * out->queues : out->queues);
		out->channel = channel_of(&profile->net[k]);
		out->queues = out->channel ? queues_of(profile, facts, k) : 0;
		out->vhost = out->queues && facts && facts->vhost &&
			     profile->net[k].model == PROFILE_NET_VIRTIO;
	}
}

/**
 * plan_net_channels() - the channels of QEMU's that all cards have, in the order of their numbers
 *
 * Return: how many; more than @room: the others are left out, and the row `supported` refuses it
 */
size_t plan_net_channels(const struct profile *profile, const struct plan_host_facts *facts,
			 uint32_t *channel, size_t room)
{
	struct plan_net_ends ends;
	size_t count = 0;

	for (size_t i = 0; i < profile->net_count; i++) {
		plan_net_ends(profile, facts, i, &ends);
		for (unsigned int q = 0; q < ends.queues; q++, count++)
			if (count < room)
				channel[count] = ends.channel;
		for (unsigned int q = 0; ends.vhost && q < ends.queues; q++, count++)
			if (count < room)
				channel[count] = KEEPER_CHANNEL_GIVEN;
	}
	return count;
}

/**
 * plan_net_link() - the link that is made for a card
 * @name:	the VM's
 * @link:	receives the link's name: that of the VM, as far as it fits, and a number
 *
 * Return: false when none is made
 */
bool plan_net_link(const char *name, const struct profile *profile, size_t i,
		   char link[CHANGE_LINK_MAX], struct change_link *out)
{
	const struct profile_net *net = &profile->net[i];
	struct plan_net_ends ends;
	char number[8];

	if (channel_of(net) != KEEPER_CHANNEL_LINK)
		return false;
	plan_net_ends(profile, NULL, i, &ends);
	(void)snprintf(number, sizeof(number), "%u", (unsigned int)i % 100);
	(void)snprintf(link, CHANGE_LINK_MAX, CHANGE_LINK_PREFIX "%.*s%s",
		       (int)(CHANGE_LINK_MAX - sizeof(CHANGE_LINK_PREFIX) - strlen(number)), name,
		       number);
	*out = (struct change_link){ .macvtap = net->mode == PROFILE_NET_MACVTAP,
				     .queues = ends.queues };
	(void)snprintf(out->base, sizeof(out->base), "%s",
		       out->macvtap ? net->parent : net->bridge);
	plan_net_mac(name, profile, i, out->mac);
	if (!out->macvtap)
		out->mac[0] = TAP_FIRST_BYTE;
	return true;
}
