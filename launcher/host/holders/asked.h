/* SPDX-License-Identifier: GPL-2.0-or-later */
/* asked.h - programs that let go of a card when it is announced as gone, and go on without it */
#ifndef VFIO_RUN_HOST_ASKED_H
#define VFIO_RUN_HOST_ASKED_H

#include "launcher/base/holders.h"
#include "launcher/host/host.h"

bool host_is_asked(const char *comm, const char *subsystem);
bool host_display_is_asked(struct host *h, const struct holder *f, const struct host_device *card,
			   const struct host_devices *goes);

#endif /* VFIO_RUN_HOST_ASKED_H */
