/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seat.h - whose seat a device belongs to */
#ifndef VFIO_RUN_HOST_SEAT_H
#define VFIO_RUN_HOST_SEAT_H

#include <sys/types.h>

#include "launcher/host/host.h"

bool host_is_of_seat(struct host *h, uint32_t major, uint32_t minor, uid_t uid);

#endif /* VFIO_RUN_HOST_SEAT_H */
