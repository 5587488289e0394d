/* SPDX-License-Identifier: GPL-2.0-or-later */
/* evdev-identity.h - is an input device the one that it was, plugged in again? */
#ifndef VFIO_RUN_EVDEV_IDENTITY_H
#define VFIO_RUN_EVDEV_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

struct evdev_identity {
	uint32_t sum;      /* of its name, its ids and what it can do: the same when it comes back */
	uint32_t instance; /* the kernel's number for this time, plus 1: never the same twice; 0: none */
};

bool evdev_has_key(const char *bitmap, unsigned int key);
bool evdev_is_own_button(int root, unsigned int node);
bool evdev_identify(int root, unsigned int node, struct evdev_identity *out);

#endif /* VFIO_RUN_EVDEV_IDENTITY_H */
