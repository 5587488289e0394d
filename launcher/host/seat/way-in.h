/* SPDX-License-Identifier: GPL-2.0-or-later */
/* way-in.h - how a person gets at this host without its screen */
#ifndef VFIO_RUN_HOST_WAY_IN_H
#define VFIO_RUN_HOST_WAY_IN_H

#include "launcher/host/host.h"

int host_ssh_listens(struct host *h, unsigned int *port) must_check;
bool host_session_link(struct host *h, char *buf, size_t size);
bool host_serial_login(struct host *h, char *buf, size_t size);

#endif /* VFIO_RUN_HOST_WAY_IN_H */
