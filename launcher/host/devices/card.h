/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card.h - what a graphics card is beside its slot */
#ifndef VFIO_RUN_HOST_CARD_H
#define VFIO_RUN_HOST_CARD_H

#include "launcher/host/host.h"

const struct host_device *host_card_sound(struct host *h, const struct host_device *card);
const struct host_device *host_resets_with(struct host *h, const struct host_device *d);
bool host_has_no_outputs(const struct host_device *d);
bool host_is_removable(struct host *h, const struct host_device *d);

#endif /* VFIO_RUN_HOST_CARD_H */
