/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net-use.h - what a network interface carries: the way out, and this very session */
#ifndef VFIO_RUN_HOST_NET_USE_H
#define VFIO_RUN_HOST_NET_USE_H

#include "launcher/host/host.h"

int host_net_use(struct host *h, const char *interface, char *buf, size_t size) must_check;
int host_ssh_client(struct host *h, char *buf, size_t size) must_check;

#endif /* VFIO_RUN_HOST_NET_USE_H */
