/* SPDX-License-Identifier: GPL-2.0-or-later */
/* module-stack.h - the loaded modules that use a driver's module */
#ifndef VFIO_RUN_HOST_MODULE_STACK_H
#define VFIO_RUN_HOST_MODULE_STACK_H

#include <stddef.h>

#include "launcher/host/host.h"

#define HOST_STACK_MAX 16
struct host_stack {
	char name[HOST_STACK_MAX][HOST_WORD_MAX]; /* in an order in which they can be unloaded */
	size_t count;
};

int host_module_stack(struct host *h, const char *module, struct host_stack *out) must_check;

#endif /* VFIO_RUN_HOST_MODULE_STACK_H */
