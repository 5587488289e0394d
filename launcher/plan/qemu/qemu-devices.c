/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-devices.c - QEMU's arguments for what the guest gets of the host's devices */
#include <string.h>

#include <json-c/json.h>

#include "launcher/host/host.h"
#include "launcher/plan/qemu/qemu.h"
#include "profiles/profile.h"

#define VENDOR_INTEL 0x8086
#define IGD_SLOT 2 /* of the root bus, on the host and in the guest */

/* The functions of one card in the guest: those of one card of the host that are given. */
struct card {
	bool igd; /* it is on no root port */
	unsigned int port;
	size_t functions;
};

static const struct plan_device *assigned(const struct qemu *q, size_t i)
{
	const struct plan_device *d = &q->plan->device[i];

	return d->assigned ? d : NULL;
}

/* Intel's graphics in the processor. Source: QEMU, docs/igd-assign.txt: its drivers expect it
 * there. */
static bool is_igd(const struct plan_device *d)
{
	const struct pci_address *a = &d->host->address;

	return d->host->vendor == VENDOR_INTEL && host_device_is_display(d->host) && !a->domain &&
	       !a->bus && a->device == IGD_SLOT && !a->function;
}

/** qemu_has_igd() - does the guest get Intel's integrated graphics, which needs a slot of its own?
 */
bool qemu_has_igd(const struct qemu *q)
{
	for (size_t i = 0; i < q->plan->device_count; i++)
		if (assigned(q, i) && is_igd(&q->plan->device[i]))
			return true;
	return false;
}

/* Of what a section gives the card that it names, and not what `group = all` adds to that. */
static bool is_of_named_card(const struct qemu *q, const struct plan_device *d)
{
	for (size_t i = 0; i < q->plan->wanted_count; i++) {
		const struct plan_wanted *w = &q->plan->wanted[i];

		if (w->named && w->section == d->section)
			return host_same_card(w->host, d->host);
	}
	return true;
}

static size_t count_slot(const struct qemu *q, const struct plan_device *first)
{
	size_t n = 0;

	for (size_t i = 0; i < q->plan->device_count; i++)
		if (assigned(q, i) && host_same_card(q->plan->device[i].host, first->host))
			n++;
	return n;
}

/* The ROM and the screen are matters of the display function alone. */
static void display_keys(struct qemu *q, struct json_object *o, const struct plan_device *d)
{
	const struct profile_device *section = &q->profile->device[d->section];

	if (!section->gpu || !host_device_is_display(d->host))
		return;
	if (section->primary)
		put_bool(&q->argv, o, "x-vga", true);
	if (section->rom_off)
		put_number(&q->argv, o, "rombar", 0);
	else if (section->rom)
		put_text(&q->argv, o, "romfile", section->rom);
}

/*
 * What the guest sees in place of the ids of function 0; the others keep theirs, which their
 * drivers need. Source: QEMU, hw/vfio/pci.c, vfio_pci_dev_properties.
 */
static void shown_ids(struct qemu *q, struct json_object *o, const struct plan_device *d)
{
	const struct profile_device *section = &q->profile->device[d->section];

	if (!is_of_named_card(q, d))
		return;
	if (section->show.given) {
		put_number(&q->argv, o, "x-pci-vendor-id", section->show.vendor);
		put_number(&q->argv, o, "x-pci-device-id", section->show.device);
	}
	if (section->subsystem.given) {
		put_number(&q->argv, o, "x-pci-sub-vendor-id", section->subsystem.vendor);
		put_number(&q->argv, o, "x-pci-sub-device-id", section->subsystem.device);
	}
}

/* The root bus for what belongs there; a root port of its own for any other card. */
static void put_place(struct qemu *q, struct json_object *o, const struct card *card,
		      unsigned int function)
{
	if (card->igd)
		put_text(&q->argv, o, "bus", "pcie.0");
	else
		put_format(&q->argv, o, "bus", "port%u", card->port);
	put_format(&q->argv, o, "addr", "0x%x.0x%x", card->igd ? IGD_SLOT : 0, function);
}

/*
 * The guest sees a card with the function numbers of the host, so that drivers find its
 * parts where they expect them; only function 0 must exist, so the first one given is it.
 */
static void emit(struct qemu *q, const struct plan_device *d, size_t index, const struct card *card,
		 bool first)
{
	struct json_object *o = argv_object("driver", "vfio-pci");

	put_text(&q->argv, o, "host", d->host->name);
	put_format(&q->argv, o, "id", "vfio%zu", index);
	put_place(q, o, card, first ? 0u : (unsigned int)d->host->address.function);
	if (card->igd && first)
		put_bool(&q->argv, o, "x-igd-opregion", true);
	if (first)
		shown_ids(q, o, d);
	if (first && card->functions > 1)
		put_bool(&q->argv, o, "multifunction", true);
	if (d->boot_index)
		put_number(&q->argv, o, "bootindex", d->boot_index);
	display_keys(q, o, d);
	if (q->plan->cold)
		argv_json(&q->argv, "-device", o);
	else
		argv_json(&q->plug, NULL, o);
}

/**
 * qemu_is_cold() - must QEMU make the host's devices at its start?
 *
 * The OpRegion of Intel's graphics is given to nothing that comes later, and a port without hot-plug
 * takes nothing later.
 *
 * Then they are taken before it is started, and what it dislikes shows only then.
 */
bool qemu_is_cold(const struct plan *plan, const struct profile *profile)
{
	for (size_t i = 0; i < plan->device_count; i++) {
		const struct plan_device *d = &plan->device[i];
		const struct profile_device *section = &profile->device[d->section];

		if (d->assigned && (is_igd(d) || section->primary || !section->eject))
			return true;
	}
	return false;
}

/* What is ejected is the whole slot: one section that forbids it does so for all of the card. */
static bool can_eject(const struct qemu *q, const struct plan_device *first)
{
	for (size_t i = 0; i < q->plan->device_count; i++) {
		const struct plan_device *d = assigned(q, i);

		if (d && host_same_card(d->host, first->host) &&
		    !q->profile->device[d->section].eject)
			return false;
	}
	return true;
}

static struct card take_place(struct qemu *q, const struct plan_device *first)
{
	struct card card = { .igd = is_igd(first), .functions = count_slot(q, first) };

	if (!card.igd)
		card.port = qemu_port_with(q, can_eject(q, first));
	return card;
}

/** qemu_devices() - one root port for each card of the host, with its functions on it */
void qemu_devices(struct qemu *q)
{
	const struct plan_device *previous = NULL;
	struct card card = { 0 };
	size_t index = 0;

	for (size_t i = 0; i < q->plan->device_count; i++) {
		const struct plan_device *d = assigned(q, i);
		bool first;

		if (!d)
			continue;
		first = !previous || !host_same_card(previous->host, d->host);
		if (first)
			card = take_place(q, d);
		emit(q, d, index++, &card, first);
		previous = d;
	}
}
