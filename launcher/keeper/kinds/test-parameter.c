/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-parameter.c - of a test build only: an attribute of the host that several VMs share */
#include "launcher/keeper/kinds/kind.h"

#ifdef VFIO_RUN_TEST_CHANGE
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int test_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	struct work work = { .op = WORK_TEST_READ };
	struct work_reply reply;
	int rc = device_work(k, NULL, &work, &reply);

	(void)c;
	(void)snprintf(saved, CHANGE_TEXT_MAX, "%s", rc ? "" : reply.value);
	return rc;
}

static int test_set(struct keeper *k, const struct change *c, const char *value)
{
	struct work work = { .op = WORK_TEST_WRITE };
	char now[CHANGE_TEXT_MAX];
	struct work_reply reply;
	int rc = test_save(k, c, now);

	if (rc || !strcmp(now, value))
		return rc;
	(void)snprintf(work.name, sizeof(work.name), "%s", value);
	rc = device_work(k, NULL, &work, &reply);
	if (!rc)
		rc = test_save(k, c, now);
	return rc ? rc : strcmp(now, value) ? -EIO : 0;
}

static int test_apply(struct keeper *k, const struct change *c)
{
	return test_set(k, c, c->to);
}

static int test_revert(struct keeper *k, const struct change *c)
{
	return test_set(k, c, c->from);
}

const struct change_ops change_test = {
	.save = test_save, .apply = test_apply, .revert = test_revert,
};
#endif
