/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci-address.c - reading, writing and ordering the address of a PCI function */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/pci-address.h"

/* Reads @min to @max hexadecimal digits at *@p; moves *@p behind them. */
static bool hex(const char **p, int min, int max, uint32_t *out)
{
	uint32_t value = 0;
	int n = 0;

	for (; n < max && isxdigit((unsigned char)**p); n++, (*p)++) {
		int c = tolower((unsigned char)**p);

		value = value << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	*out = value;
	return n >= min;
}

static bool skip(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

/* As hex(), and not above @most; *@p goes back to the first digit of a number that is. */
static bool number(const char **p, int min, int max, uint32_t most, uint32_t *out)
{
	const char *start = *p;

	if (!hex(p, min, max, out))
		return false;
	if (*out > most)
		*p = start;
	return *out <= most;
}

/**
 * pci_address_read() - read an address, the whole text of it
 * @text:	"dddd:bb:dd.f", or "bb:dd.f" as lspci shortens domain 0000; either case. Moved to
 *		its end, or to where it goes wrong
 * @out:	filled on success, untouched otherwise
 *
 * Return: true when it is an address and nothing else
 */
bool pci_address_read(const char **text, struct pci_address *out)
{
	bool with_domain = strchr(*text, ':') != strrchr(*text, ':');
	uint32_t domain = 0, bus, device, function;
	const char **p = text;

	if (with_domain && (!hex(p, 4, 8, &domain) || !skip(p, ':')))
		return false;
	if (!hex(p, 2, 2, &bus) || !skip(p, ':') || !number(p, 2, 2, 31, &device) || !skip(p, '.'))
		return false;
	if (!number(p, 1, 1, 7, &function) || **p)
		return false;
	*out = (struct pci_address){ .domain = domain,
				     .bus = (uint8_t)bus,
				     .device = (uint8_t)device,
				     .function = (uint8_t)function };
	return true;
}

/** pci_address_parse() - the same for who does not ask where it goes wrong */
bool pci_address_parse(const char *text, struct pci_address *out)
{
	return pci_address_read(&text, out);
}

/**
 * pci_address_format() - write the canonical text
 * @a:		borrowed
 * @buf:	receives "dddd:bb:dd.f"
 *
 * Return: @buf, for use inside a printf
 */
const char *pci_address_format(const struct pci_address *a, char buf[PCI_ADDRESS_TEXT])
{
	(void)snprintf(buf, PCI_ADDRESS_TEXT, "%04x:%02x:%02x.%x", a->domain, a->bus, a->device & 0x1f,
		       a->function & 7);
	return buf;
}

/**
 * pci_address_compare() - the order of lspci: domain, bus, device, function
 *
 * Return: negative, 0 or positive, as for qsort(3)
 */
int pci_address_compare(const struct pci_address *a, const struct pci_address *b)
{
	if (a->domain != b->domain)
		return a->domain < b->domain ? -1 : 1;
	if (a->bus != b->bus)
		return a->bus - b->bus;
	if (a->device != b->device)
		return a->device - b->device;
	return a->function - b->function;
}

/** pci_address_same_slot() - are they functions of one card: all but the function agree? */
bool pci_address_same_slot(const struct pci_address *a, const struct pci_address *b)
{
	return a->domain == b->domain && a->bus == b->bus && a->device == b->device;
}

/**
 * pci_address_stands_in() - is this address in a text, and not only as a part of another one?
 * @address:	in full, "0000:e1:00.0", which is the end of "10000:e1:00.0"
 */
bool pci_address_stands_in(const char *text, const char *address)
{
	for (const char *at = text; (at = strstr(at, address)); at++)
		if ((at == text || !isxdigit((unsigned char)at[-1])) &&
		    !isxdigit((unsigned char)at[strlen(address)]))
			return true;
	return false;
}
