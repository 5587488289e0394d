/* SPDX-License-Identifier: GPL-2.0-or-later */
/* desktop.h - what ends with the desktop */
#ifndef VFIO_RUN_HOST_DESKTOP_H
#define VFIO_RUN_HOST_DESKTOP_H

#include "launcher/host/host.h"

bool host_is_of_seats_session(struct host *h, const char *cgroup);
bool host_is_of_desktop(struct host *h, int32_t pid);

#endif /* VFIO_RUN_HOST_DESKTOP_H */
