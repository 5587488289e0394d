/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irqs.h - the host's interrupts, and the CPUs that they go to */
#ifndef VFIO_RUN_HOST_IRQS_H
#define VFIO_RUN_HOST_IRQS_H

#include "launcher/base/cpus.h"
#include "launcher/host/host.h"

#define HOST_IRQ_CPUS_MAX 256 /* bytes of a list of CPUs, with its NUL */

struct host_irq {
	unsigned int number;
	char list[HOST_IRQ_CPUS_MAX]; /* the CPUs that it may go to, as the kernel writes them:
					 "0-3" */
};

int host_irqs(struct host *h, struct host_irq **out, size_t *count) must_check;
bool host_irq_is_of(struct host *h, const char *address, unsigned int number);

#endif /* VFIO_RUN_HOST_IRQS_H */
