/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irqs.c - the host's interrupts, off the CPUs that a VM's processors have */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/kernel/cpus.h"
#include "launcher/host/kernel/irqs.h"
#include "launcher/plan/changes/irqs.h"

static void find_pinned(const struct plan *plan, struct cpus *out)
{
	*out = plan->places.vcpus;
	for (uint32_t i = 0; i < plan->places.vcpu_count; i++)
		cpus_add(out, plan->places.vcpu[i]);
}

static void take_away(struct cpus *from, const struct cpus *what)
{
	for (size_t i = 0; i < sizeof(from->bit); i++)
		from->bit[i] &= (uint8_t)~what->bit[i];
}

/* Those of the devices that leave go with their drivers, and come back with them. */
static bool leaves(const struct plan *plan, struct host *host, unsigned int number)
{
	for (size_t i = 0; i < plan->device_count; i++)
		if (host_irq_is_of(host, plan->device[i].host->name, number))
			return true;
	return false;
}

/* What an interrupt with this list may go to instead; false: it does not go to any of @pinned. */
static bool instead(const char *list, const struct cpus *pinned, const struct cpus *rest,
		    struct cpus *out)
{
	struct cpus now;

	if (cpus_parse(list, &now))
		return false;
	*out = now;
	take_away(out, pinned);
	if (!memcmp(out, &now, sizeof(now)))
		return false;
	if (cpus_is_empty(out))
		*out = *rest;
	return !cpus_is_empty(out);
}

/* A row of all that have the list of the one at @first, as far as there is room in it. */
static int add_row(struct plan *plan, struct host_irq *irq, size_t count, size_t first,
		   const char *to, plan_irqs_fn add)
{
	char text[CHANGE_TEXT_MAX], from[HOST_IRQ_CPUS_MAX];
	struct cpus numbers = { { 0 } }, more;

	(void)snprintf(from, sizeof(from), "%s", irq[first].list);
	for (size_t i = first; i < count; i++) {
		if (irq[i].number >= CPUS_MAX || strcmp(irq[i].list, from) != 0)
			continue;
		more = numbers;
		cpus_add(&more, irq[i].number);
		cpus_format(&more, text, sizeof(text));
		if (strstr(text, "..."))
			break;
		numbers = more;
		*irq[i].list = '\0'; /* it has its row */
	}
	cpus_format(&numbers, text, sizeof(text));
	return *text ? add(plan, text, from, to) : 0;
}

/**
 * plan_irqs() - a row for all interrupts that have the same CPUs, and lose the pinned ones of them
 * @plan:	its places are filled, and its devices
 * @add:	called for each row
 *
 * Return: 0, also on a kernel that shows no interrupts; -errno
 */
int plan_irqs(struct plan *plan, struct host *host, plan_irqs_fn add)
{
	struct cpus pinned, rest, to;
	struct host_irq *irq = NULL;
	char text[CHANGE_TEXT_MAX];
	size_t count = 0;
	int r = host_irqs(host, &irq, &count);

	find_pinned(plan, &pinned);
	if (!r)
		r = host_cpus_read(host, "sys/devices/system/cpu/online", &rest);
	if (!r)
		take_away(&rest, &pinned);
	for (size_t i = 0; i < count && !r; i++)
		if (!*irq[i].list || leaves(plan, host, irq[i].number) ||
		    !instead(irq[i].list, &pinned, &rest, &to))
			*irq[i].list = '\0';
	for (size_t i = 0; i < count && !r; i++) {
		if (!*irq[i].list || !instead(irq[i].list, &pinned, &rest, &to))
			continue;
		cpus_format(&to, text, sizeof(text));
		r = add_row(plan, irq, count, i, text, add);
	}
	free(irq);
	return r == -ENOENT ? 0 : r;
}
