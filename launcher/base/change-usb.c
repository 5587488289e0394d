/* SPDX-License-Identifier: GPL-2.0-or-later */
/* change-usb.c - the words for a USB device, for one of its interfaces, and for who has it */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/change.h"

#define PORTS_MAX 6 /* USB 2.0, 4.1.1: seven tiers, the root hub's among them */

/* One to three digits, the first of them no zero unless it is alone. */
static bool take_number(const char **p)
{
	size_t digits = strspn(*p, "0123456789");

	if (!digits || digits > 3 || (**p == '0' && digits > 1))
		return false;
	*p += digits;
	return true;
}

static bool take_device(const char **p)
{
	if (**p == '0' || !take_number(p) || *(*p)++ != '-' || **p == '0' || !take_number(p))
		return false;
	for (int ports = 1; **p == '.' && ports < PORTS_MAX; ports++) {
		++*p;
		if (**p == '0' || !take_number(p))
			return false;
	}
	return true;
}

/** change_is_usb() - "1-2.3": bus and ports, in the kernel's own form */
bool change_is_usb(const char *text)
{
	const char *p = text;

	return strlen(text) < CHANGE_USB_MAX && take_device(&p) && !*p;
}

/** change_is_usb_interface() - the same with configuration and interface: "1-2.3:1.0" */
bool change_is_usb_interface(const char *text)
{
	const char *p = text;

	return strlen(text) < CHANGE_USB_MAX && take_device(&p) && *p++ == ':' && take_number(&p) &&
	       *p++ == '.' && take_number(&p) && !*p;
}

/** change_usb_words() - the guest that a device of these ids goes to, as the `to` of a change */
void change_usb_words(uint16_t vendor, uint16_t product, char *buf, size_t size)
{
	(void)snprintf(buf, size, "the guest (%04x:%04x)", vendor, product);
}

/** change_usb_parse() - what change_usb_words() has written; false for other words */
bool change_usb_parse(const char *text, uint16_t *vendor, uint16_t *product)
{
	char again[64];

	if (sscanf(text, "the guest (%4hx:%4hx)", vendor, product) != 2)
		return false;
	change_usb_words(*vendor, *product, again, sizeof(again));
	return !strcmp(text, again);
}
