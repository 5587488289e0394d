/* SPDX-License-Identifier: GPL-2.0-or-later */
/* links.h - what a network link of the host is, as far as a guest's card can be connected with it */
#ifndef VFIO_RUN_HOST_LINKS_H
#define VFIO_RUN_HOST_LINKS_H

#include "launcher/base/change.h"
#include "launcher/host/host.h"
#include "launcher/host/user/user.h"

struct host_link {
	bool up;
	bool bridge, wireless, loopback;
	bool switch_; /* of Open vSwitch */
	bool tap, multi_queue;
	bool headers; /* of a tap: frames come with what the card is to do of the work (vnet_hdr) */
	int64_t owner; /* of a tap; -1: none */
	char port_of[CHANGE_LINK_MAX]; /* the bridge, bond or team that it is part of; "" none */
	char wireless_port[CHANGE_LINK_MAX]; /* of a bridge: one that is wireless; "" none */
};

int host_link(struct host *h, const char *name, struct host_link *out) must_check;
bool host_has_tun(struct host *h);
int host_open_vhost(const struct host_user *user, int *fd_out) must_check;
int host_open_tap(const struct host_user *user, const char *name, const struct host_link *link,
		  int *fd_out) must_check;

#endif /* VFIO_RUN_HOST_LINKS_H */
