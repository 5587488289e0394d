// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * naughty.c - a host driver that misbehaves on request, for QEMU's pci-testdev
 *
 * All of it is controlled by parameters, which can be written while it is loaded. They are for the
 * device `device` only, or for every one when that is empty.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/pci.h>

static char *name = "naughty";
module_param(name, charp, 0444);
MODULE_PARM_DESC(name, "of the driver: a launcher's patience may depend on it");

static char device[16];
module_param_string(device, device, sizeof(device), 0644);
MODULE_PARM_DESC(device, "address of the one that misbehaves");

static bool hang_remove, hang_probe, oops_remove, oops_probe;
module_param(hang_remove, bool, 0644);
MODULE_PARM_DESC(hang_remove, "remove comes back when this is written to N");
module_param(hang_probe, bool, 0644);
module_param(oops_remove, bool, 0644);
MODULE_PARM_DESC(oops_remove, "remove follows a wild pointer, once");
module_param(oops_probe, bool, 0644);

static int fail_probes, fail_error = 5;
module_param(fail_probes, int, 0644);
MODULE_PARM_DESC(fail_probes, "as many probes fail, -1: all of them");
module_param(fail_error, int, 0644);
MODULE_PARM_DESC(fail_error, "with this errno");

static uint remove_seconds, probe_seconds;
module_param(remove_seconds, uint, 0644);
MODULE_PARM_DESC(remove_seconds, "remove takes as long");
module_param(probe_seconds, uint, 0644);

/* What naughty_above has of it: remove waits until that is given back, as NVIDIA's does. */
static atomic_t users = ATOMIC_INIT(0);
void naughty_use(int more);
void naughty_use(int more)
{
	atomic_add(more, &users);
}
EXPORT_SYMBOL_GPL(naughty_use);

static uint removes, probes, hanging;
module_param(removes, uint, 0444);
MODULE_PARM_DESC(removes, "so many have begun");
module_param(probes, uint, 0444);
module_param(hanging, uint, 0444);
MODULE_PARM_DESC(hanging, "so many hang now");

static bool is_meant(const struct pci_dev *dev)
{
	char meant[sizeof(device)];

	strscpy(meant, device, sizeof(meant));
	meant[strcspn(meant, "\n")] = '\0';
	return !*meant || !strcmp(meant, pci_name(dev));
}

/* Uninterruptible, as a driver is that waits for its hardware. */
static void misbehave(const bool *hang, bool *oops, uint seconds)
{
	if (*oops) {
		*oops = false;
		*(volatile int *)8 = 0;
	}
	hanging++;
	msleep(seconds * 1000);
	while (READ_ONCE(*hang) || (hang == &hang_remove && atomic_read(&users)))
		msleep(20);
	hanging--;
}

static int naughty_probe(struct pci_dev *dev, const struct pci_device_id *id)
{
	probes++;
	if (!is_meant(dev))
		return 0;
	misbehave(&hang_probe, &oops_probe, probe_seconds);
	if (!fail_probes)
		return 0;
	if (fail_probes > 0)
		fail_probes--;
	return -fail_error;
}

static void naughty_remove(struct pci_dev *dev)
{
	removes++;
	if (is_meant(dev))
		misbehave(&hang_remove, &oops_remove, remove_seconds);
}

static const struct pci_device_id ids[] = {
	{ PCI_DEVICE(0x1b36, 0x0005) },
	{ }
};

static struct pci_driver naughty = {
	.id_table = ids,
	.probe = naughty_probe,
	.remove = naughty_remove,
};

static int __init naughty_init(void)
{
	naughty.name = name;
	return pci_register_driver(&naughty);
}
module_init(naughty_init);

static void __exit naughty_exit(void)
{
	pci_unregister_driver(&naughty);
}
module_exit(naughty_exit);

MODULE_DESCRIPTION("A driver that misbehaves as it is told");
MODULE_LICENSE("GPL");
