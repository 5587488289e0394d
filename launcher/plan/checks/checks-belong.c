/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-belong.c - rows: what belongs together, and what belongs to the host alone */
#include <stdio.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/devices/card.h"
#include "launcher/host/devices/critical.h"
#include "launcher/plan/changes/devices.h"
#include "launcher/plan/checks/checks-rows.h"
#include "launcher/plan/find.h"

/* ---- devices that are not by themselves ------------------------------------------------ */

#define VMD_DOMAIN 0x10000 /* the first that VMD takes: drivers/pci/controller/vmd.c */

/* Its interrupts and its memory accesses are the controller's: the two cannot be kept apart. */
void check_behind_controller(struct checking *c)
{
	char label[PLAN_LABEL_MAX], remedy[192];

	for (size_t i = 0; i < c->plan->wanted_count; i++) {
		const struct host_device *d = c->plan->wanted[i].host;

		if (!*d->controller && d->address.domain < VMD_DOMAIN)
			continue;
		(void)snprintf(remedy, sizeof(remedy),
			       "switch VMD off in the firmware's setup%s%s%s",
			       *d->controller ? ", or give all that is behind it: `device = " : "",
			       d->controller, *d->controller ? "`" : "");
		row_failed(c, remedy,
			   "%s is behind the storage controller (VMD)%s%s, and vanishes without it",
			   plan_label(c->host, d, label), *d->controller ? " " : "", d->controller);
	}
}

/* In a detach the host lets go of it, and no guest gets it. */
void check_critical(struct checking *c)
{
	char label[PLAN_LABEL_MAX];

	if (!c->profile)
		return;
	for (size_t i = 0; i < c->plan->wanted_count; i++) {
		const struct plan_wanted *w = &c->plan->wanted[i];
		const char *what = host_critical(w->host);

		if (!what || !w->assigned)
			continue;
		row_failed(c,
			   w->named
				   ? "name another device"
				   : "`group = hold` takes it from the host and gives it to nobody",
			   "%s is %s: a guest could change the host with it for good",
			   plan_label(c->host, w->host, label), what);
	}
}

/* ---- worth knowing ---------------------------------------------------------------------- */

static bool is_card(const struct checking *c, size_t i)
{
	const struct plan_wanted *w = &c->plan->wanted[i];

	return w->named && host_device_is_display(w->host);
}

void check_card_parts(struct checking *c)
{
	char label[PLAN_LABEL_MAX], remedy[160];

	for (size_t i = 0; i < c->plan->wanted_count; i++) {
		const struct host_device *sound =
			is_card(c, i) ? host_card_sound(c->host, c->plan->wanted[i].host) : NULL;

		if (!sound || plan_find(c->plan, &sound->address))
			continue;
		(void)snprintf(remedy, sizeof(remedy),
			       "a [pci] section with `device = %s` gives it to the guest too",
			       sound->name);
		row_remark(
			c, remedy,
			"%s is the sound of the card %s, behind the same switch on it: it stays with the host",
			plan_label(c->host, sound, label), c->plan->wanted[i].host->name);
	}
}

void check_outputs(struct checking *c)
{
	for (size_t i = 0; i < c->plan->wanted_count; i++)
		if (is_card(c, i) && host_has_no_outputs(c->plan->wanted[i].host))
			row_remark(
				c, "plan for Looking Glass, or a remote desktop in the guest",
				"%s has no outputs of its own (a 3D controller, as in laptops): nothing "
				"plugged in shows its picture",
				c->plan->wanted[i].host->name);
}

void check_removable(struct checking *c)
{
	for (size_t i = 0; i < c->plan->wanted_count; i++)
		if (c->plan->wanted[i].named && host_is_removable(c->host, c->plan->wanted[i].host))
			row_remark(c, "leave the cable in until `vfio-run stop` has given it back",
				   "%s is behind a port that can be unplugged (Thunderbolt, USB4)",
				   c->plan->wanted[i].host->name);
}

/* What a card's driver can do when a guest has left it in any state. Source: drivers/pci/pci.c */
void check_reset(struct checking *c)
{
	for (size_t i = 0; i < c->plan->wanted_count; i++) {
		const struct host_device *d = c->plan->wanted[i].host;

		if (!is_card(c, i) || d->brief || d->expected)
			continue;
		if (!*d->reset_methods)
			row_remark(
				c,
				"shut the guest down from inside; if the card does not come back, suspend and wake the host",
				"%s has no way to be reset: what a guest that crashes leaves in it stays "
				"until the host's driver copes with it",
				d->name);
		else
			row_remark(c, NULL, "%s can be reset: %s", d->name, d->reset_methods);
	}
}

/* A kernel with that patch shows groups as isolated that are not. */
void check_acs_override(struct checking *c)
{
	char text[4096];

	if (sysfs_read(c->root, "proc/cmdline", text, sizeof(text)) < 0 ||
	    !strstr(text, "pcie_acs_override="))
		return;
	row_remark(
		c, "another slot of the board may have a group of its own without it",
		"the kernel was booted with pcie_acs_override: its groups claim more than the hardware "
		"keeps, and a guest's device can reach others past the IOMMU");
}

/* ---- the VM's own disks ----------------------------------------------------------------- */

static bool is_or_is_part_of(const char *disk, const char *node)
{
	size_t n = strlen(node);
	bool ends_in_digit = n && node[n - 1] >= '0' && node[n - 1] <= '9';

	/* "sda" and "sda3", "nvme0n1" and "nvme0n1p3" */
	return !strncmp(disk, node, n) &&
	       (!disk[n] || (ends_in_digit ? disk[n] == 'p' : disk[n] >= '0' && disk[n] <= '9'));
}

static const struct check_device *carrier(const struct checking *c, const char *disk)
{
	for (size_t i = 0; i < c->device_count; i++)
		for (size_t k = 0; k < c->device[i].nodes.count; k++) {
			const struct host_node *n = &c->device[i].nodes.item[k];

			if (n->block && is_or_is_part_of(disk, n->name))
				return &c->device[i];
		}
	return NULL;
}

/* A file's disk has a file system that is mounted: the row storage refuses that. */
void check_own_disk(struct checking *c)
{
	const struct plan_host_facts *f = c->request->facts;

	for (size_t i = 0; f && f->disk && i < c->profile->disk_count; i++) {
		const char *node = f->disk[i].node;
		const struct check_device *d = node ? carrier(c, node) : NULL;

		if (d)
			row_failed(
				c,
				"take out its [disk]: the guest sees it on the controller; or the section of the controller",
				"line %u: %s is on %s, which the guest gets too",
				c->profile->disk[i].path_pos.line, c->profile->disk[i].path,
				d->host->name);
	}
}
