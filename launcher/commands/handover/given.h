/* SPDX-License-Identifier: GPL-2.0-or-later */
/* given.h - descriptors that are opened as the VM's user and handed through the keeper to QEMU */
#ifndef VFIO_RUN_COMMANDS_GIVEN_H
#define VFIO_RUN_COMMANDS_GIVEN_H

#include "launcher/base/cleanup.h"

struct facts;
struct host;
struct opened_profile;

int given_open(const struct opened_profile *o, struct host *host, const struct facts *f,
	       int *socket_out) must_check;

#endif /* VFIO_RUN_COMMANDS_GIVEN_H */
