/* SPDX-License-Identifier: GPL-2.0-or-later */
/* meant.c - the notation of a profile for a device that is written in another way */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "launcher/base/pci-address.h"
#include "profiles/meant.h"

#define NUMBERS_MAX 4

/* The numbers of an address or of ids, as they were written. */
struct numbers {
	unsigned long value[NUMBERS_MAX];
	size_t digits[NUMBERS_MAX];
	size_t count;
	char last_joint; /* what stands before the last one */
};

/* What stands before an address in QEMU's, libvirt's, Proxmox's and Xorg's words, and in paths. */
static const char *skip_start(const char *text)
{
	static const char *const starts[] = { "vfio-pci,", "host=", "pci_", "pci:",
					      "pci@",      "[",     "\"" };
	const char *slash = strrchr(text, '/');

	text = slash ? slash + 1 : text;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (!strncasecmp(text, starts[i], strlen(starts[i])))
			text += strlen(starts[i]);
	return text;
}

/* One hexadecimal number, with or without 0x. */
static bool take_number(const char **p, int base, struct numbers *n)
{
	const char *start;
	char *end;

	if ((*p)[0] == '0' && ((*p)[1] == 'x' || (*p)[1] == 'X'))
		*p += 2;
	start = *p;
	if (!isxdigit((unsigned char)*start))
		return false;
	n->value[n->count] = strtoul(start, &end, base);
	n->digits[n->count++] = (size_t)(end - start);
	*p = end;
	return true;
}

/* All up to a blank, a comma or a bracket; false when something else is in it. */
static bool read_numbers(const char *text, struct numbers *n)
{
	int base = strncasecmp(text, "pci:", 4) ? 16 : 10; /* Xorg's BusID is decimal */
	const char *p = skip_start(text);

	*n = (struct numbers){ .count = 0 };
	while (take_number(&p, base, n)) {
		if (!*p || strchr(" ,];\"", *p))
			return true;
		if (n->count == NUMBERS_MAX || !strchr(":._-@", *p))
			return false;
		n->last_joint = *p++;
	}
	return false;
}

static bool is_ids(const struct numbers *n)
{
	return n->count == 2 && n->digits[0] == 4 && n->digits[1] == 4;
}

/* "0000:01:00" has no function and "01:00.0" no domain; both have three numbers. */
static bool is_without_function(const struct numbers *n)
{
	return n->count == 2 || (n->count == 3 && n->digits[0] == 4 && n->last_joint != '.');
}

/**
 * meant_address() - the PCI address that a text spells in another way
 * @text:	such as 1:0.0, pci_0000_01_00_0, 0000:01:00, 01:00.0,pcie=1, PCI:1:0:0
 * @out:	receives it as 0000:01:00.0
 *
 * Return: false when it is none
 */
bool meant_address(const char *text, char out[MEANT_MAX])
{
	unsigned long domain, bus, slot, function = 0;
	struct numbers n;
	size_t i = 0;

	if (!read_numbers(text, &n) || n.count < 2 || is_ids(&n))
		return false;
	domain = n.count == 4 || (n.count == 3 && is_without_function(&n)) ? n.value[i++] : 0;
	bus = n.value[i++];
	slot = n.value[i++];
	if (!is_without_function(&n))
		function = n.value[i];
	if (domain > 0xffffffff || bus > 0xff || slot > 31 || function > 7)
		return false;
	(void)pci_address_format(&(struct pci_address){ .domain = (uint32_t)domain,
							.bus = (uint8_t)bus,
							.device = (uint8_t)slot,
							.function = (uint8_t)function },
				 out);
	return true;
}

/* Windows' device manager: PCI\VEN_10DE&DEV_2486&SUBSYS_... */
static bool windows_ids(const char *text, unsigned int *vendor, unsigned int *device)
{
	const char *ven = strstr(text, "VEN_"), *dev = strstr(text, "DEV_");

	return ven && dev && sscanf(ven, "VEN_%4x", vendor) == 1 &&
	       sscanf(dev, "DEV_%4x", device) == 1;
}

/**
 * meant_ids() - the vendor and device id that a text spells in another way
 * @text:	such as [10de:2486], 0x10de:0x2486, 10de 2486, PCI\VEN_10DE&DEV_2486
 * @out:	receives them as 10de:2486
 *
 * Return: false when it is none
 */
bool meant_ids(const char *text, char out[MEANT_MAX])
{
	unsigned int vendor, device;
	struct numbers n;
	size_t blank = strcspn(text, " ");

	if (windows_ids(text, &vendor, &device)) {
		(void)snprintf(out, MEANT_MAX, "%04x:%04x", vendor, device);
		return true;
	}
	if (blank == 4 && strlen(text) == 9 && strspn(text, "0123456789abcdefABCDEF ") == 9) {
		(void)snprintf(out, MEANT_MAX, "%.4s:%.4s", text, text + 5);
		return true;
	}
	if (!read_numbers(text, &n) || !is_ids(&n))
		return false;
	(void)snprintf(out, MEANT_MAX, "%04lx:%04lx", n.value[0], n.value[1]);
	return true;
}
