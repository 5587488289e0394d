/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nets.h - network cards whose other end is a link of the host's. Inside launcher/plan, and for run.c */
#ifndef VFIO_RUN_PLAN_NETS_H
#define VFIO_RUN_PLAN_NETS_H

#include "launcher/base/change.h"
#include "launcher/keeper/handover.h"
#include "launcher/plan/plan.h"

/* The descriptors by which QEMU reaches the host's end of a card. */
struct plan_net_ends {
	enum keeper_channel channel; /* KEEPER_CHANNEL_NONE: it has none */
	unsigned int queues;	     /* as many descriptors */
	int first;		     /* the number of the first; the others follow */
	bool vhost; /* and behind them as many of /dev/vhost-net: the kernel moves the frames */
};

void plan_net_ends(const struct profile *profile, const struct plan_host_facts *facts, size_t i,
		   struct plan_net_ends *out);
void plan_net_mac(const char *name, const struct profile *profile, size_t i, uint8_t mac[6]);
bool plan_net_link(const char *name, const struct profile *profile, size_t i,
		   char link[CHANGE_LINK_MAX], struct change_link *out);
const char *plan_net_driver(enum profile_net_model model);
size_t plan_net_channels(const struct profile *profile, const struct plan_host_facts *facts,
			 uint32_t *channel, size_t room);

#endif /* VFIO_RUN_PLAN_NETS_H */
