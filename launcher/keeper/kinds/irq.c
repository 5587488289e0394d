/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * irq.c - the kind of change that keeps interrupts of the host off a VM's CPUs
 *
 * A row is of all interrupts that had the same CPUs. Another VM may have its own row of the same
 * ones: each takes its CPUs away, and gives back what it has taken, so that they can end in either
 * order. An interrupt that the kernel keeps where it is (a queue's, a timer's) stays there, and one
 * that is gone has nothing to be put back.
 *
 * Source: Documentation/core-api/irq/irq-affinity.rst
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/cpus.h"
#include "launcher/base/log.h"
#include "launcher/keeper/kinds/kind.h"

/* What an interrupt has, and what it is to have. */
struct irq_change {
	struct cpus from, to, now, next;
};

/* Of a kernel that does not let it be moved, or does not know it any more. */
static bool stays(int rc)
{
	return rc == -EIO || rc == -EPERM || rc == -EACCES || rc == -ENOENT || rc == -ENOSPC;
}

static int look(struct keeper *k, unsigned int irq, struct cpus *now)
{
	struct work work = { .op = WORK_IRQ };
	struct work_reply reply;
	int rc;

	(void)snprintf(work.name, sizeof(work.name), "%u", irq);
	rc = device_work(k, NULL, &work, &reply);
	return rc ? rc : cpus_parse(reply.value, now);
}

static int set(struct keeper *k, unsigned int irq, const struct cpus *to)
{
	struct work work = { .op = WORK_SET_IRQ };
	struct work_reply reply;
	char list[CHANGE_TEXT_MAX - 16];
	int rc;

	cpus_format(to, list, sizeof(list));
	(void)snprintf(work.name, sizeof(work.name), "%u %s", irq, list);
	rc = device_work(k, NULL, &work, &reply);
	if (stays(rc))
		log_verbose("interrupt %u: stays where it is: %s", irq, strerror(-rc));
	return stays(rc) ? 0 : rc;
}

/* `next` of the way back: with what was taken away, and without what came instead. */
static void find_back(struct irq_change *c)
{
	bool seen = false;

	for (size_t i = 0; i < sizeof(c->now.bit); i++)
		seen |= c->now.bit[i] & c->to.bit[i];
	c->next = c->now;
	for (size_t i = 0; i < sizeof(c->now.bit) && seen; i++) {
		c->next.bit[i] &= (uint8_t) ~(c->to.bit[i] & ~c->from.bit[i]);
		c->next.bit[i] |= (uint8_t)(c->from.bit[i] & ~c->to.bit[i]);
	}
}

/* Return: 0, also for one that is gone; -errno */
static int change_one(struct keeper *k, unsigned int irq, struct irq_change *c, bool back)
{
	int rc = look(k, irq, &c->now);

	if (rc)
		return rc == -ENOENT ? 0 : rc;
	c->next = c->to;
	if (back)
		find_back(c);
	return memcmp(&c->now, &c->next, sizeof(c->now)) ? set(k, irq, &c->next) : 0;
}

static int change_all(struct keeper *k, const struct change *c, bool back)
{
	struct irq_change change;
	struct cpus irqs;
	int first = 0;

	if (cpus_parse(c->target, &irqs) || cpus_parse(c->from, &change.from) ||
	    cpus_parse(c->to, &change.to))
		return -EINVAL;
	for (unsigned int irq = 0; irq < CPUS_MAX && (back || !first); irq++) {
		int rc = cpus_has(&irqs, irq) ? change_one(k, irq, &change, back) : 0;

		first = first ? first : rc;
	}
	return first;
}

/* Is one of them where the change puts it, or would putting back change one? */
static bool is_made(struct keeper *k, const struct change *c, bool back)
{
	struct irq_change change;
	struct cpus irqs;

	if (cpus_parse(c->target, &irqs) || cpus_parse(c->from, &change.from) ||
	    cpus_parse(c->to, &change.to))
		return false;
	for (unsigned int irq = 0; irq < CPUS_MAX; irq++) {
		if (!cpus_has(&irqs, irq) || look(k, irq, &change.now))
			continue;
		change.next = change.to;
		if (back)
			find_back(&change);
		if (!memcmp(&change.now, &change.next, sizeof(change.now)) != back)
			return true;
	}
	return false;
}

/* One that was moved since the plan was made is put where the others are, and back with them. */
static int irq_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	(void)snprintf(saved, CHANGE_TEXT_MAX, "%s", is_made(k, c, false) ? c->to : c->from);
	return 0;
}

static int irq_apply(struct keeper *k, const struct change *c)
{
	return change_all(k, c, false);
}

static int irq_revert(struct keeper *k, const struct change *c)
{
	return change_all(k, c, true);
}

static bool irq_still_ok(struct keeper *k, const struct change *c)
{
	return !is_made(k, c, true);
}

static const struct change_trouble troubles[] = {
	{ EINVAL, "none of these CPUs is online any more" },
	{ 0 },
};

const struct change_ops change_irq = {
	.save = irq_save,
	.apply = irq_apply,
	.revert = irq_revert,
	.still_ok = irq_still_ok,
	.troubles = troubles,
};
