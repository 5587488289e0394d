/* SPDX-License-Identifier: GPL-2.0-or-later */
/* udev.h - has udev done what the kernel has told it of? */
#ifndef VFIO_RUN_UDEV_H
#define VFIO_RUN_UDEV_H

#include <stdbool.h>

bool udev_wait(int root);
bool udev_wait_cards(int root);
bool udev_knows_sound(int root, const char *card, bool is_new);

#endif /* VFIO_RUN_UDEV_H */
