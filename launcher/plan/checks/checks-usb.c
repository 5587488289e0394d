/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-usb.c - rows: the USB devices that a profile names are there, and the host can miss them */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/host/devices/block-use.h"
#include "launcher/host/holders/net-use.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/plan/changes/usb.h"
#include "launcher/plan/checks/checks-rows.h"
#include "launcher/setup/packages.h"

static unsigned int line_of(const struct checking *c, size_t i)
{
	return c->profile->usb[i].device_pos.line;
}

static void check_missing(struct checking *c, size_t i)
{
	char label[PLAN_USB_NAME_MAX];

	(void)plan_usb_label(&c->profile->usb[i], label);
	if (c->profile->usb[i].required)
		row_failed(c, "plug it in (`vfio-run list usb` shows what is there), or write `required = no`",
			   "line %u: there is no USB device %s", line_of(c, i), label);
	else
		row_remark(c, NULL, "the USB device %s is not plugged in: the guest gets it when it is",
			   label);
}

/* What has others behind it does not go as one device. */
static void check_kind(struct checking *c, size_t i)
{
	const struct host_usb *d = &c->plan->usb[i].device;

	if (d->root_hub)
		row_failed(c, "give its controller with a [pci] section: `vfio-run list usb` shows it",
			   "line %u: %04x:%04x is a part of a USB controller", line_of(c, i),
			   d->vendor, d->product);
	else if (d->hub)
		row_failed(c, "name the devices that are plugged into it, each in a [usb] of its own",
			   "line %u: %s (%04x:%04x) is a hub", line_of(c, i), d->name, d->vendor,
			   d->product);
	for (size_t k = 0; k < i; k++)
		if (plan_usb_is_there(&c->plan->usb[k]) &&
		    !strcmp(c->plan->usb[k].device.name, d->name))
			row_failed(c, "remove one of them",
				   "line %u: it is the device of line %u, %s", line_of(c, i),
				   line_of(c, k), d->name);
}

/* Below a controller that goes to the guest as a whole. */
static void check_controller(struct checking *c, size_t i)
{
	const struct host_usb *d = &c->plan->usb[i].device;
	char place[512], part[PCI_ADDRESS_TEXT + 2];

	if (host_usb_place(c->host, d, place, sizeof(place)))
		return;
	for (size_t k = 0; k < c->plan->device_count; k++) {
		const char *name = c->plan->device[k].host->name;

		(void)snprintf(part, sizeof(part), "/%s/", name);
		if (strstr(place, part))
			row_failed(c, "remove this section: the guest sees it on the controller",
				   "line %u: %s is on the controller %s, which goes to the guest",
				   line_of(c, i), d->name, name);
	}
}

void check_usb(struct checking *c)
{
	const struct plan_host_facts *f = c->request->facts;
	char install[SETUP_INSTALL_MAX];

	for (size_t i = 0; i < c->plan->usb_count; i++) {
		const struct plan_usb *usb = &c->plan->usb[i];

		if (!usb->count) {
			check_missing(c, i);
		} else if (usb->count > 1) {
			row_failed(c, "name the one that you mean by its port, such as `device = 1-2`",
				   "line %u: %zu devices are %04x:%04x: %s", line_of(c, i),
				   usb->count, usb->vendor, usb->product, usb->places);
		} else {
			check_kind(c, i);
			check_controller(c, i);
		}
	}
	if (c->plan->usb_count > KEEPER_USB_MAX)
		row_failed(c, "give a whole controller with [pci]", "%zu USB devices; there can be %d",
			   c->plan->usb_count, KEEPER_USB_MAX);
	if (c->plan->usb_count && f && f->qemu && f->user &&
	    host_qemu_has_device(f->qemu, f->user, "usb-host") == 0)
		row_failed(c, setup_install_part(host_root_fd(c->host), "qemu-system-common", install),
			   "%s has no usb-host, which [usb] needs", f->qemu);
}

/* ---- what the host does with them ------------------------------------------------------ */

static void check_disk(struct checking *c, const struct host_usb *d, const struct host_node *n)
{
	char use[512];
	int r = host_block_use(c->host, n, use, sizeof(use));

	if (r < 0)
		row_file_error(c, "what is mounted", r);
	else if (r > 0)
		row_failed(c, check_storage_remedy(use), "USB %s: %s", d->name, use);
	else if (row_is_root(c) && host_block_claimed(n) > 0)
		row_failed(c, "take it out of use first: `umount`, `zpool export`, `mdadm --stop`",
			   "USB %s: the kernel has claimed %s: for a pool, an array, or a mount in a "
			   "container", d->name, n->name);
}

static void check_nodes(struct checking *c, const struct host_usb *d)
{
	struct host_nodes nodes;
	char use[320];

	if (host_usb_nodes(c->host, d, &nodes))
		return;
	for (size_t i = 0; i < nodes.count; i++) {
		const struct host_node *n = &nodes.item[i];

		if (n->block)
			check_disk(c, d, n);
		else if (!strcmp(n->subsystem, "net") &&
			 host_net_use(c->host, n->name, use, sizeof(use)) > 0)
			row_failed(c, "`ip route replace default via GATEWAY dev OTHER`, or come in another way, first",
				   "USB %s: %s", d->name, use);
	}
	host_nodes_fini(&nodes);
}

/* Another VM, or a program with libusb: two of them would take it from each other. */
static void check_taken(struct checking *c, const struct host_usb *d)
{
	char remedy[96];

	for (size_t i = 0; i < d->interface_count; i++) {
		if (strcmp(d->interface[i].driver, "usbfs"))
			continue;
		(void)snprintf(remedy, sizeof(remedy), "end it: `fuser -v /dev/bus/usb/%03u/%03u` shows which",
			       d->bus, d->number);
		row_failed(c, remedy, "USB %s: a program has it, or another VM", d->name);
		return;
	}
}

void check_usb_use(struct checking *c)
{
	for (size_t i = 0; i < c->plan->usb_count; i++)
		if (plan_usb_is_there(&c->plan->usb[i])) {
			check_taken(c, &c->plan->usb[i].device);
			check_nodes(c, &c->plan->usb[i].device);
		}
}
