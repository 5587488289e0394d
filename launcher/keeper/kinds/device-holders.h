/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device-holders.h - the holders of a device, for the report of one that is not released */
#ifndef VFIO_RUN_DEVICE_HOLDERS_H
#define VFIO_RUN_DEVICE_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "launcher/base/holders.h"
#include "launcher/keeper/journal/journal.h"

#define HOLDING_NODES_MAX 32

/* The device nodes of one function, as they were before its driver was asked to let go. */
struct device_holders {
	struct holder_target node[HOLDING_NODES_MAX];
	size_t count;
	bool only_binding; /* without those whose holders let go, or bear it, when the device goes */
	bool only_cards;   /* those of a graphics card */
};

typedef bool (*device_holders_fn)(const void *context, pid_t pid);

void device_holders_remember(struct device_holders *h, const struct journal_device *d);
void device_holders_say(const struct device_holders *h, const char *device);
pid_t device_holders_binding(const struct device_holders *h, const char *say);
pid_t device_holders_beside(const struct device_holders *h, device_holders_fn known, const void *context,
			    const char *say);
pid_t device_holders_group(int32_t group, bool say);

#endif /* VFIO_RUN_DEVICE_HOLDERS_H */
