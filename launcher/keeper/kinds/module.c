/* SPDX-License-Identifier: GPL-2.0-or-later */
/* module.c - the kind of change that loads a kernel module; it is never put back */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "launcher/keeper/kinds/kind.h"

/** module_is_loaded() - is it loaded, or built into the kernel? */
bool module_is_loaded(const char *name)
{
	char path[CHANGE_TEXT_MAX + 16];

	(void)snprintf(path, sizeof(path), "/sys/module/%s", name);
	return access(path, F_OK) == 0;
}

static int module_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	(void)k;
	(void)snprintf(saved, CHANGE_TEXT_MAX, "%s", module_is_loaded(c->target) ? "loaded" : "");
	return 0;
}

static int module_apply(struct keeper *k, const struct change *c)
{
	struct work work = { .op = WORK_MODULE };
	char now[CHANGE_TEXT_MAX];
	struct work_reply reply;
	int rc;

	(void)snprintf(work.name, sizeof(work.name), "%s", c->target);
	rc = device_work(k, NULL, &work, &reply);
	(void)module_save(k, c, now);
	return rc ? rc : *now ? 0 : -EIO;
}

static const struct change_trouble troubles[] = {
	{ ENOENT, "there is no such module for the running kernel: after a kernel update, reboot" },
	{ EPERM, "the kernel refuses modules: see `dmesg` (secure boot, lockdown)" },
	{ ENOKEY,
	  "its signature is of a key that this kernel does not trust: `mokutil --import` the key" },
	{ EKEYREJECTED, "its signature is not of this file: build or install it again" },
	{ ETIME, "loading it does not come back: see `dmesg`" },
	{ 0 },
};

const struct change_ops change_module = {
	.save = module_save, .apply = module_apply, .troubles = troubles,
};
