/* SPDX-License-Identifier: GPL-2.0-or-later */
/* values-device.c - values that name a device, a CPU or a port */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/meant.h"
#include "profiles/message-text.h"
#include "profiles/values.h"

#define CPU_WORDS (8192 / 64)

static bool take(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

/* "10de:2486" and nothing else; *@p stays where it goes wrong. */
static bool read_ids(const char **p, uint16_t *vendor, uint16_t *device)
{
	uint32_t v, d;

	if (!value_hex(p, 4, 4, &v) || !take(p, ':') || !value_hex(p, 4, 4, &d) || **p)
		return false;
	*vendor = (uint16_t)v;
	*device = (uint16_t)d;
	return true;
}

/* As the examples have it: a [gpu] that is not filled in yet. */
static bool is_blank_form(const struct profile_setting *s)
{
	return !strcmp(s->key->section, "gpu") && strstr(s->text, "ADDRESS");
}

/* What was meant, when it is written as another program writes it. */
static int wrong_device(const struct profile_setting *s, size_t offset, bool address,
			const char *help)
{
	char meant[MEANT_MAX], hint[TEXT_MESSAGE];

	if ((address && meant_address(s->text, meant)) || meant_ids(s->text, meant))
		(void)snprintf(hint, sizeof(hint), "did you mean \"%s\"?", meant);
	else
		(void)snprintf(hint, sizeof(hint), "%s", help);
	return value_wrong(s, offset, hint);
}

/** value_set_device() - a PCI device, by address or by ids */
int value_set_device(const struct profile_setting *s)
{
	struct profile_device_name *name = value_field(s);
	bool by_id = !strchr(s->text, '.') && strcspn(s->text, ":") == 4;
	const char *p = s->text;

	if (by_id ? !read_ids(&p, &name->vendor, &name->device) : !pci_address_read(&p, &name->address))
		return wrong_device(s, (size_t)(p - s->text), true,
				    is_blank_form(s) ?
					    "`vfio-run list gpu` shows the graphics cards: put the address of one here" :
					    "`vfio-run list` shows addresses and ids");
	name->by_id = by_id;
	return value_take_text(&name->text, s->text);
}

/** value_release_device() - free a struct profile_device_name's text */
void value_release_device(void *field)
{
	struct profile_device_name *name = field;

	free(name->text);
	name->text = NULL;
}

/** value_set_id() - the ids that a device must have */
int value_set_id(const struct profile_setting *s)
{
	struct profile_device *device = s->record;
	const char *p = s->text;

	if (!read_ids(&p, &device->id_vendor, &device->id_device))
		return wrong_device(s, (size_t)(p - s->text), false,
				    "`vfio-run list` shows the ids of a device");
	device->has_id = true;
	return 0;
}

/** value_set_shown_id() - ids that the guest sees; ffff is what no device answers with */
int value_set_shown_id(const struct profile_setting *s)
{
	struct profile_ids *ids = value_field(s);
	const char *p = s->text;

	if (!read_ids(&p, &ids->vendor, &ids->device))
		return wrong_device(
			s, (size_t)(p - s->text), false,
			"four hexadecimal digits of each, as `vfio-run list` shows them");
	if (ids->vendor == 0xffff || ids->device == 0xffff)
		return value_wrong(s, 0, "ffff stands for no device: a guest finds none then");
	ids->given = true;
	return 0;
}

/* "1-2.3": the bus, and the ports down to the device. */
static bool read_bus_port(const char **p)
{
	uint64_t number;
	char before = '-';

	if (!value_digits(p, &number) || !number || number > 255)
		return false;
	for (int depth = 0; depth < 7; depth++, before = '.') {
		if (!take(p, before) || !value_digits(p, &number) || !number || number > 255)
			return false;
		if (!**p)
			return true;
	}
	return false; /* USB 2.0, 4.1.1: at most seven tiers, the root hub's among them */
}

/** value_set_usb() - a USB device, by ids or by the port that it is plugged into */
int value_set_usb(const struct profile_setting *s)
{
	struct profile_usb *usb = s->record;
	const char *p = s->text;

	usb->by_id = strchr(s->text, ':') != NULL;
	if (usb->by_id ? !read_ids(&p, &usb->vendor, &usb->product) : !read_bus_port(&p))
		return wrong_device(s, (size_t)(p - s->text), false,
				    "lsusb shows ids, lsusb -t buses and ports");
	return usb->by_id ? 0 : value_take_text(&usb->bus_port, s->text);
}

/** value_set_listen() - nothing but this machine: what a guest shows and takes is not for a network
 */
int value_set_listen(const struct profile_setting *s)
{
	char address[64];
	uint16_t port;

	if (!profile_loopback(s->text, address, sizeof(address), &port))
		return value_wrong(s, 0,
				   "from another machine: `ssh -L 5900:localhost:5900 HOST`, and "
				   "connect to port 5900 there");
	return value_take_text(value_field(s), s->text);
}

/** value_set_kvmfr() - what QEMU opens there is made when it is missing: so no other path */
int value_set_kvmfr(const struct profile_setting *s)
{
	static const char start[] = "/dev/kvmfr";
	size_t length = sizeof(start) - 1, digits;

	if (strncmp(s->text, start, length) != 0)
		return value_wrong(s, 0, NULL);
	digits = strspn(s->text + length, "0123456789");
	if (!digits || digits > 3 || s->text[length + digits])
		return value_wrong(s, length + (digits > 3 ? 0 : digits), NULL);
	return value_take_text(value_field(s), s->text);
}

/** value_set_mac() - a network card's own address: not one of a group, not zero */
int value_set_mac(const struct profile_setting *s)
{
	struct profile_net *net = s->record;
	const char *p = s->text;
	uint32_t byte, any = 0;

	for (size_t i = 0; i < 6; i++, any |= byte) {
		if ((i && !take(&p, ':')) || !value_hex(&p, 2, 2, &byte))
			return value_wrong(s, (size_t)(p - s->text), NULL);
		if (!i && (byte & 1))
			return value_wrong(s, 0, "an odd first byte is the address of a group");
		net->mac[i] = (uint8_t)byte;
	}
	if (*p || !any)
		return value_wrong(s, any ? (size_t)(p - s->text) : 0, NULL);
	net->has_mac = true;
	return 0;
}

/** value_set_forward() - one more port of the host that leads to the guest */
int value_set_forward(const struct profile_setting *s)
{
	struct profile_net *net = s->record;
	struct profile_forward *forward;
	bool udp = !strncmp(s->text, "udp:", 4);
	const char *p, *part;
	uint64_t port[2];

	if (!udp && strncmp(s->text, "tcp:", 4) != 0)
		return value_wrong(s, 0, NULL);
	p = s->text + 4;
	for (int i = 0; i < 2; i++) {
		if (i && !take(&p, ':'))
			return value_wrong(s, (size_t)(p - s->text), NULL);
		part = p;
		if (!value_digits(&p, &port[i]))
			return value_wrong(s, (size_t)(p - s->text), NULL);
		if (port[i] < s->key->min || port[i] > s->key->max)
			return value_wrong(s, (size_t)(part - s->text), NULL);
	}
	if (*p)
		return value_wrong(s, (size_t)(p - s->text), NULL);
	forward = profile_array_add(&net->forward, &net->forward_count, sizeof(*forward));
	if (!forward)
		return -ENOMEM;
	*forward = (struct profile_forward){ .udp = udp,
					     .host_port = (uint16_t)port[0],
					     .guest_port = (uint16_t)port[1],
					     .pos = s->pos };
	return 0;
}

/* One CPU or one range; false when it is none or names a CPU twice. */
static bool read_range(const struct profile_setting *s, const char **p, uint64_t seen[CPU_WORDS],
		       uint64_t *first, uint64_t *last)
{
	const char *start = *p;

	if (!value_digits(p, first))
		return false;
	*last = *first;
	if (take(p, '-') && !value_digits(p, last))
		return false;
	if (**p && **p != ',')
		return false;
	if (*first <= *last && *last <= s->key->max) {
		uint64_t cpu = *first;

		for (; cpu <= *last && !(seen[cpu / 64] >> cpu % 64 & 1); cpu++)
			seen[cpu / 64] |= (uint64_t)1 << cpu % 64;
		if (cpu > *last)
			return true;
	}
	*p = start;
	return false;
}

/** value_set_cpus() - host CPUs and ranges, in the order written */
int value_set_cpus(const struct profile_setting *s)
{
	struct profile_cpu_list *list = value_field(s);
	uint64_t seen[CPU_WORDS] = { 0 }, first, last;
	const char *p = s->text;

	do {
		if (!read_range(s, &p, seen, &first, &last))
			return value_wrong(s, (size_t)(p - s->text), NULL);
		for (; first <= last; first++) {
			unsigned int *cpu = profile_array_add(&list->cpu, &list->count, sizeof(*cpu));

			if (!cpu)
				return -ENOMEM;
			*cpu = (unsigned int)first;
		}
	} while (take(&p, ','));
	return 0;
}

/** value_release_cpus() - free a struct profile_cpu_list */
void value_release_cpus(void *field)
{
	struct profile_cpu_list *list = field;

	free(list->cpu);
	*list = (struct profile_cpu_list){ 0 };
}
