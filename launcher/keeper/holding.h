/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holding.h - who holds a device, for the messages about one that does not come free */
#ifndef VFIO_RUN_HOLDING_H
#define VFIO_RUN_HOLDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "launcher/base/holders.h"
#include "launcher/keeper/journal.h"

#define HOLDING_NODES_MAX 32

/* The device nodes of one function, as they were before its driver was asked to let go. */
struct holding {
	struct holder_target node[HOLDING_NODES_MAX];
	size_t count;
};

void holding_remember(struct holding *h, const struct journal_device *d);
void holding_say(const struct holding *h, const char *device);
pid_t holding_group(int32_t group, bool say);

#endif /* VFIO_RUN_HOLDING_H */
