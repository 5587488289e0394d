/* SPDX-License-Identifier: GPL-2.0-or-later */
/* given.h - descriptors on their way to QEMU: from vfio-run, and of links that were made */
#ifndef VFIO_RUN_KEEPER_GIVEN_H
#define VFIO_RUN_KEEPER_GIVEN_H

#include "launcher/keeper/keeper.h"

int given_receive(struct keeper *k) must_check;
void given_close(struct keeper *k);

#endif /* VFIO_RUN_KEEPER_GIVEN_H */
