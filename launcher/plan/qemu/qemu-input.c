/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu-input.c - QEMU's arguments for keyboards and mice that host and guest use in turns
 *
 * QEMU grabs the host's event nodes and types on devices of the guest's, one keyboard and one
 * pointer of a kind whatever number of nodes leads to them. Source: QEMU, ui/input-linux.c
 */
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/plan/qemu/qemu.h"
#include "profiles/profile.h"

/* What a guest types and points with. PS/2 is the machine's own. */
enum part { KEYBOARD, MOUSE, TABLET, PARTS };

/* clang-format off */
static const struct { const char *driver, *id; } parts[][PARTS] = {
	[PROFILE_INPUT_USB]    = { { "usb-kbd", "input-keyboard" }, { "usb-mouse", "input-mouse" },
				   { "usb-tablet", "input-tablet" } },
	[PROFILE_INPUT_VIRTIO] = { { "virtio-keyboard-pci", "input-virtio-keyboard" },
				   { "virtio-mouse-pci", "input-virtio-mouse" },
				   { "virtio-tablet-pci", "input-virtio-tablet" } },
};
/* clang-format on */

/* Of another machine's device nothing is known but its name, which udev gives. */
static struct plan_input_facts facts_of(const struct plan_host_facts *facts,
					const struct profile_input *input, size_t i)
{
	size_t length = strlen(input->evdev);

	if (facts->input)
		return facts->input[i];
	return (struct plan_input_facts){ .keyboard = length > 4 &&
						      !strcmp(input->evdev + length - 4, "-kbd") };
}

static enum part part_of(const struct plan_input_facts *f)
{
	return f->keyboard ? KEYBOARD : f->absolute ? TABLET : MOUSE;
}

/*
 * The keyboard's keys switch everything; a mouse has none, and follows.
 * @at:		the input whose node it is at: itself, but when it was plugged in again
 */
static void node(struct qemu *q, size_t i, size_t at, struct argv *argv)
{
	const struct profile_input *input = &q->profile->input[i];
	const struct plan_input_facts f = facts_of(q->facts, input, i);
	const struct plan_input_facts there = facts_of(q->facts, &q->profile->input[at], at);
	struct json_object *o = argv_object("qom-type", "input-linux");

	put_format(argv, o, "id", "input%zu", i);
	if (*there.node)
		put_format(argv, o, "evdev", "/dev/input/%s", there.node);
	else
		put_text(argv, o, "evdev", input->evdev);
	if (f.keyboard) {
		put_bool(argv, o, "grab_all", true);
		put_bool(argv, o, "repeat", true);
		put_text(argv, o, "grab-toggle", input->grab_toggle);
	}
	argv_json(argv, argv == &q->argv ? "-object" : NULL, o);
}

/* What is said when one is plugged in again, at its own node or at another one's that the jail has. */
static void again(struct qemu *q)
{
	struct plan *plan = q->plan;
	size_t count = q->facts->input ? q->profile->input_count : 0;

	count = count < KEEPER_INPUTS_MAX ? count : KEEPER_INPUTS_MAX;
	for (size_t i = 0; i < count; i++) {
		const struct plan_input_facts *f = &q->facts->input[i];

		plan->input[i].identity = f->identity;
		if (sscanf(f->node, "event%u", &plan->input[i].node) != 1 || !f->identity.instance)
			return; /* of another machine */
	}
	plan->input_count = count;
	for (size_t i = 0; i < count; i++)
		for (size_t at = 0; at < count; at++)
			node(q, i, at, &q->inputs);
}

static bool has_part(const struct qemu *q, enum profile_input_bus bus, enum part part)
{
	for (size_t i = 0; i < q->profile->input_count; i++) {
		const struct profile_input *input = &q->profile->input[i];
		const struct plan_input_facts f = facts_of(q->facts, input, i);

		if (input->bus == bus && part_of(&f) == part)
			return true;
	}
	return false;
}

static void device(struct qemu *q, enum profile_input_bus bus, enum part part)
{
	struct json_object *o = argv_object("driver", parts[bus][part].driver);

	put_text(&q->argv, o, "id", parts[bus][part].id);
	if (bus == PROFILE_INPUT_USB)
		put_text(&q->argv, o, "bus", QEMU_USB_BUS);
	else
		put_format(&q->argv, o, "bus", "port%u", qemu_port(q));
	argv_json(&q->argv, "-device", o);
}

/** plan_needs_usb() - is there anything on the controller of the guest's that is not the display's? */
bool plan_needs_usb(const struct profile *p)
{
	for (size_t i = 0; i < p->input_count; i++)
		if (p->input[i].bus == PROFILE_INPUT_USB)
			return true;
	return p->usb_count;
}

/* As many ports of each speed as it can have: which one a device takes is QEMU's to choose. */
static void controller(struct qemu *q)
{
	struct json_object *o = argv_object("driver", "qemu-xhci");

	put_text(&q->argv, o, "id", QEMU_USB);
	put_format(&q->argv, o, "bus", "port%u", qemu_port(q));
	put_number(&q->argv, o, "p2", 15);
	put_number(&q->argv, o, "p3", 15);
	argv_json(&q->argv, "-device", o);
}

/** qemu_input() - the guest's USB controller; the host's nodes, and what the guest sees of them */
void qemu_input(struct qemu *q)
{
	if (plan_needs_usb(q->profile))
		controller(q);
	for (size_t bus = 0; bus < ARRAY_SIZE(parts); bus++)
		for (enum part part = KEYBOARD; part < PARTS; part++)
			if (has_part(q, (enum profile_input_bus)bus, part))
				device(q, (enum profile_input_bus)bus, part);
	for (size_t i = 0; i < q->profile->input_count; i++)
		node(q, i, i, &q->argv);
	again(q);
}
