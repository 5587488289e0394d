/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port.h - can the VM's user listen on a port of this host? */
#ifndef VFIO_RUN_HOST_PORT_H
#define VFIO_RUN_HOST_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "launcher/host/user/user.h"

/* What binding it gives, 0 or -errno; -EAFNOSUPPORT is a host without IPv6. */
struct host_port {
	int ipv4, ipv6;
};

int host_port(const struct host_user *user, bool udp, uint16_t port,
	      struct host_port *out) must_check;

#endif /* VFIO_RUN_HOST_PORT_H */
