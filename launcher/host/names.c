/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names.c - what people call a device; reads pci.ids, so only for what is printed */
#include <stdio.h>
#include <string.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/host.h"

/**
 * host_device_title() - "Vendor Device [1234:1111]"
 * @buf:	receives at most @size bytes with the NUL; longer text is cut
 *
 * Return: @buf
 */
const char *host_device_title(struct host *h, const struct host_device *d, char *buf, size_t size)
{
	char vendor[128], device[128];

	(void)snprintf(buf, size, "%s %s [%04x:%04x]",
		       host_device_name(h, d, HOST_NAME_VENDOR, vendor, sizeof(vendor)),
		       host_device_name(h, d, HOST_NAME_DEVICE, device, sizeof(device)), d->vendor,
		       d->device);
	return buf;
}

/* ---- short names: what stands on the box ------------------------------------------------ */

/* Words for the legal form of a company. */
static const char *const company_words[] = {
	"Corporation",
	"Corp",
	"Company",
	"Co",
	"Inc",
	"Incorporated",
	"Ltd",
	"Limited",
	"LLC",
	"GmbH",
	"AG",
	"Technology",
	"Technologies",
	"Electronics",
	"Semiconductor",
	"Semiconductors",
	"Systems",
	"and",
	"subsidiaries",
};

static bool is_company_word(const char *word)
{
	size_t length = strcspn(word, ".,");

	for (size_t i = 0; i < ARRAY_SIZE(company_words); i++)
		if (strlen(company_words[i]) == length && !strncmp(word, company_words[i], length))
			return true;
	return false;
}

/* "GA104 [GeForce RTX 3070]" to what stands in the brackets at its end. */
static bool take_brackets(char *name)
{
	char *open = strrchr(name, '['), *close = open ? strchr(open, ']') : NULL;

	if (!close || close[1] || close == open + 1)
		return false;
	*close = '\0';
	memmove(name, open + 1, strlen(open + 1) + 1);
	return true;
}

/* "Advanced Micro Devices, Inc. [AMD/ATI]" to "AMD", "Red Hat, Inc." to "Red Hat". */
static void shorten_vendor(char *name)
{
	char *last;

	if (take_brackets(name)) {
		name[strcspn(name, "/")] = '\0';
		return;
	}
	while ((last = strrchr(name, ' ')) && is_company_word(last + 1))
		*last = '\0';
	last = name + strlen(name);
	while (last > name + 1 && strchr(".,", last[-1]))
		*--last = '\0';
}

/* "VGA compatible controller" to "VGA": "controller" distinguishes none. */
static void shorten_class(char *name)
{
	static const char *const ends[] = { " controller", " compatible" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t length = strlen(name), end = strlen(ends[i]);

		if (length > end && !strcmp(name + length - end, ends[i]))
			name[length - end] = '\0';
	}
}

/**
 * host_device_short() - "NVIDIA GeForce RTX 3070": as people call it, for a line of a list
 * @buf:	receives at most @size bytes with the NUL; longer text is cut
 *
 * pci.ids has a product's own name in brackets behind that of its chip. A device that it
 * does not know is called by its class.
 *
 * Return: @buf
 */
const char *host_device_short(struct host *h, const struct host_device *d, char *buf, size_t size)
{
	char vendor[128], device[128], unknown[16];

	(void)host_device_name(h, d, HOST_NAME_VENDOR, vendor, sizeof(vendor));
	(void)host_device_name(h, d, HOST_NAME_DEVICE, device, sizeof(device));
	(void)snprintf(unknown, sizeof(unknown), "Device %04x", d->device);
	shorten_vendor(vendor);
	if (strcmp(device, unknown)) {
		(void)take_brackets(device);
	} else {
		(void)host_device_name(h, d, HOST_NAME_CLASS, device, sizeof(device));
		shorten_class(device);
	}
	if (!strncmp(device, vendor, strlen(vendor)) && device[strlen(vendor)] == ' ')
		(void)snprintf(buf, size, "%s", device);
	else
		(void)snprintf(buf, size, "%s %s", vendor, device);
	return buf;
}
