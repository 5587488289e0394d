/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notify-open.h - the socket to the service manager, for the service's state */
#ifndef VFIO_RUN_NOTIFY_OPEN_H
#define VFIO_RUN_NOTIFY_OPEN_H

#include <stdbool.h>

#include "launcher/base/cleanup.h"

int notify_open(void) must_check;
bool notify_is_after_service(void) must_check;

#endif /* VFIO_RUN_NOTIFY_OPEN_H */
