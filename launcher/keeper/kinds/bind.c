/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bind.c - the kind of change that gives a device to its vfio driver, and unbinds it again */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/keeper/kinds/kind.h"

static int bind_apply(struct keeper *k, const struct change *c)
{
	return driver_give(k, journal_device(&k->journal, c->target), c->to);
}

/*
 * The kernel resets a device when the last descriptor is closed, and clears bus mastering. This
 * verifies it: with bus mastering still on, the device could overwrite the host's memory.
 */
static void assert_quiet(struct keeper *k, struct journal_device *d)
{
	struct work work = { .op = WORK_COMMAND };
	struct work_reply reply;
	unsigned long command;

	if (device_work(k, d, &work, &reply))
		return;
	command = strtoul(reply.value, NULL, 16);
	if (command == 0xffff)
		log_warning("%s (%s): does not answer any more: its driver may not get it to work "
			    "again before a reboot", d->name, d->title);
	else if (command & PCI_COMMAND_MASTER)
		log_warning("%s (%s): can still write to memory, though no process has it open (PCI "
			    "command %s): the kernel left bus mastering on", d->name, d->title,
			    reply.value);
}

/*
 * Unbind from vfio-pci. driver_override names the host's driver first: between the unbind
 * and the bind no other driver can take the device, not even vfio-pci with ids= of its own.
 */
int bind_revert(struct keeper *k, const struct change *c)
{
	struct journal_device *d = journal_device(&k->journal, c->target);
	char now[CHANGE_TEXT_MAX];
	int rc;

	device_driver(d->name, now);
	if (!driver_is_vfio(now) || !strcmp(now, d->driver))
		return 0;
	if (*d->power)
		(void)attribute_set(k, d, ATTRIBUTE_POWER, "on"); /* one in D3 must be woken */
	assert_quiet(k, d);
	if (*d->driver) {
		rc = attribute_set(k, d, ATTRIBUTE_OVERRIDE, d->driver);
		if (rc)
			return rc;
	}
	return driver_take(k, d, now);
}

static const struct change_trouble troubles[] = {
	{ EINVAL, "vfio-pci refuses it: a bridge, a device on its denylist, or no usable IOMMU" },
	{ EBUSY, "a process has its IOMMU group open, or it has virtual functions: end that, then `sudo vfio-run recover`" },
	{ ENODEV, "vfio-pci did not take it: its driver_override was changed by another program" },
	{ ENOENT, "vfio-pci is not there: `modprobe vfio-pci`" },
	{ ETIME, "vfio-pci does not come back: end what holds the device, then `sudo vfio-run recover`" },
	{ 0 },
};

const struct change_ops change_bind = {
	.save = driver_save, .apply = bind_apply, .revert = bind_revert,
	.still_ok = driver_still_ok, .troubles = troubles,
};
