/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-devices.c - QEMU's arguments for what the guest gets of the host's devices */
#include <string.h>

#include <json-c/json.h>

#include "launcher/host/host.h"
#include "launcher/plan/qemu.h"
#include "profiles/profile.h"

#define VENDOR_INTEL 0x8086

/* The functions of one card in the guest: those of one card of the host that are given. */
struct card {
	unsigned int port;
	size_t functions;
};

static const struct plan_device *assigned(const struct qemu *q, size_t i)
{
	const struct plan_device *d = &q->plan->device[i];

	return d->assigned ? d : NULL;
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
 * The guest sees a card with the function numbers of the host, so that drivers find its
 * parts where they expect them; only function 0 must exist, so the first one given is it.
 */
static void emit(struct qemu *q, const struct plan_device *d, size_t index, const struct card *card,
		 bool first)
{
	struct json_object *o = argv_object("driver", "vfio-pci");

	put_text(&q->argv, o, "host", d->host->name);
	put_format(&q->argv, o, "id", "vfio%zu", index);
	put_format(&q->argv, o, "bus", "port%u", card->port);
	put_format(&q->argv, o, "addr", "0x0.0x%x",
		   first ? 0u : (unsigned int)d->host->address.function);
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

/* The firmware's area for Intel's own graphics is given to a device that is there from the start.
 */
static bool is_igd(const struct host_device *d)
{
	return d->vendor == VENDOR_INTEL && host_device_is_display(d) && !d->address.bus &&
	       d->address.device == 2;
}

/**
 * qemu_is_cold() - must QEMU make the host's devices at its start?
 *
 * Then they are taken before it is started, and what it dislikes shows only then.
 */
bool qemu_is_cold(const struct plan *plan, const struct profile *profile)
{
	for (size_t i = 0; i < plan->device_count; i++) {
		const struct plan_device *d = &plan->device[i];

		if (d->assigned && (is_igd(d->host) || profile->device[d->section].primary))
			return true;
	}
	return false;
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
			card = (struct card){ .port = qemu_port(q), .functions = count_slot(q, d) };
		emit(q, d, index++, &card, first);
		previous = d;
	}
}
