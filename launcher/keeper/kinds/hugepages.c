/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hugepages.c - the kind of change that adds huge pages to the host's, for a guest's memory
 *
 * `to` is the amount that this VM adds, `from` what there is without it: what was there
 * before, and what the others that share the row have added. So a revert takes away exactly
 * what an apply has added, also when that died half way, or when another process has made them more
 * or less meanwhile.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "launcher/base/log.h"
#include "launcher/keeper/kinds/kind.h"

static struct work work_on(const struct change *c, enum work_op op)
{
	struct change_pages pages = { .node = -1 };

	(void)change_pages_parse(c->target, &pages);
	return (struct work){ .op = op, .page_kib = pages.kib, .node = pages.node };
}

static int read_pages(struct keeper *k, const struct change *c, uint64_t *all, uint64_t *unused)
{
	struct work work = work_on(c, WORK_PAGES);
	struct work_reply reply;
	int rc = device_work(k, NULL, &work, &reply);

	if (!rc && sscanf(reply.value, "%" SCNu64 " %" SCNu64, all, unused) != 2)
		rc = -EIO;
	return rc;
}

static int set_pages(struct keeper *k, const struct change *c, uint64_t count)
{
	struct work work = work_on(c, WORK_SET_PAGES);
	struct work_reply reply;

	(void)snprintf(work.name, sizeof(work.name), "%" PRIu64, count);
	return device_work(k, NULL, &work, &reply);
}

static int hugepages_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	uint64_t all, unused;
	int rc = read_pages(k, c, &all, &unused);

	(void)snprintf(saved, CHANGE_TEXT_MAX, "%" PRIu64, rc ? 0 : all);
	return rc;
}

/* Reserved pages that are free are used first: 1G pages can rarely be had later. */
static int hugepages_amount(struct keeper *k, struct change *c)
{
	uint64_t all, unused, wanted = strtoull(c->to, NULL, 10);
	int rc = read_pages(k, c, &all, &unused);

	if (rc)
		return rc;
	wanted -= unused < wanted ? unused : wanted;
	(void)snprintf(c->to, sizeof(c->to), "%" PRIu64, wanted);
	return 0;
}

/* All or nothing: when there are too few, those that were allocated are freed at once. */
static int hugepages_apply(struct keeper *k, const struct change *c)
{
	uint64_t wanted = strtoull(c->to, NULL, 10), before, after = 0, unused;
	int rc = read_pages(k, c, &before, &unused);

	if (rc || !wanted)
		return rc;
	rc = set_pages(k, c, before + wanted);
	if (!rc)
		rc = read_pages(k, c, &after, &unused);
	if (rc || after >= before + wanted)
		return rc;
	log_error("huge pages of %s: %" PRIu64 " of %" PRIu64 " could be had", c->target,
		  after > before ? after - before : 0, wanted);
	(void)set_pages(k, c, before);
	return -ENOMEM;
}

static int hugepages_revert(struct keeper *k, const struct change *c)
{
	uint64_t without = strtoull(c->from, NULL, 10), part = strtoull(c->to, NULL, 10);
	uint64_t now, after, unused, wanted;
	int rc = read_pages(k, c, &now, &unused);

	if (rc)
		return rc;
	wanted = now > part && now - part > without ? now - part : without;
	if (now <= wanted)
		return 0;
	rc = set_pages(k, c, wanted);
	if (!rc)
		rc = read_pages(k, c, &after, &unused);
	return rc ? rc : after > wanted ? -EIO : 0;
}

static const struct change_trouble troubles[] = {
	{ ENOENT, "this kernel has no pages of that size: `hugepages = 2M`, or none" },
	{ ENOMEM, "memory is too full or too scattered: close programs, try again after a reboot, or have them "
		  "reserved at boot (hugepagesz= and hugepages= on the kernel's command line)" },
	{ EIO, "some of them are still in use: see HugePages_Rsvd in /proc/meminfo" },
	{ 0 },
};

const struct change_ops change_hugepages = {
	.save = hugepages_save, .amount = hugepages_amount, .apply = hugepages_apply,
	.revert = hugepages_revert, .troubles = troubles,
};
