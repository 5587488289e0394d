/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change-kept.c - the targets of changes that have others let go of a device: cards that are
 * announced as gone, what a user's manager or a container's runtime keeps
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/change.h"

/**
 * change_announced_parse() - take "0000:02:00.1/sound/card1" apart
 * @card:	receives what is behind the first slash, in @text
 *
 * Return: false when it is no card of these two subsystems
 */
bool change_announced_parse(const char *text, struct pci_address *device, const char **card)
{
	static const char *const places[] = { "/drm/card", "/sound/card" };
	char address[PCI_ADDRESS_TEXT], canonical[PCI_ADDRESS_TEXT];
	size_t length = strcspn(text, "/");

	if (length >= sizeof(address))
		return false;
	(void)snprintf(address, sizeof(address), "%.*s", (int)length, text);
	if (!pci_address_parse(address, device) ||
	    strcmp(pci_address_format(device, canonical), address) != 0)
		return false;
	*card = text + length + 1;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const char *number = text + length + strlen(places[i]);
		size_t digits;

		if (strncmp(text + length, places[i], strlen(places[i])) != 0)
			continue;
		digits = strspn(number, "0123456789");
		return digits > 0 && digits <= 3 && !number[digits];
	}
	return false;
}

/** change_is_addresses() - are these devices, each as change records name it, a blank between two? */
bool change_is_addresses(const char *text)
{
	char word[PCI_ADDRESS_TEXT], canonical[PCI_ADDRESS_TEXT];
	struct pci_address device;

	for (bool more = *text; more; text++) {
		size_t length = strcspn(text, " ");

		if (length >= sizeof(word))
			return false;
		(void)snprintf(word, sizeof(word), "%.*s", (int)length, text);
		if (!pci_address_parse(word, &device) ||
		    strcmp(pci_address_format(&device, canonical), word) != 0)
			return false;
		text += length;
		more = *text;
	}
	return true;
}

/**
 * change_user_unit_parse() - take "1500/pipewire.service" apart
 * @unit:	receives what is behind the slash, in @text; whether it is a unit is the caller's to
 * ask
 *
 * Return: false when it is no uid but root's, in its shortest form, and a slash
 */
bool change_user_unit_parse(const char *text, uint32_t *uid, const char **unit)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long long number = digits && digits <= 10 ? strtoull(text, NULL, 10) : 0;

	if (*text == '0' || !number || number >= UINT32_MAX || text[digits] != '/')
		return false;
	*uid = (uint32_t)number;
	*unit = text + digits + 1;
	return true;
}

/* What names a container, in the name of its control group too, and whose program it is. */
static const struct {
	const char *word, *program;
} runtimes[] = {
	{ "docker/", "/usr/bin/docker" },
	{ "podman/", "/usr/bin/podman" },
};

/**
 * change_container_parse() - take "docker/ID" apart
 * @program:	receives the absolute path of the runtime's client
 * @id:		receives the id, in @text
 *
 * Return: false when it is no known runtime and a whole id
 */
bool change_container_parse(const char *text, const char **program, const char **id)
{
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		size_t n = strlen(runtimes[i].word);

		if (strncmp(text, runtimes[i].word, n))
			continue;
		*program = runtimes[i].program;
		*id = text + n;
		return strlen(*id) == CHANGE_CONTAINER_ID &&
		       strspn(*id, "0123456789abcdef") == CHANGE_CONTAINER_ID;
	}
	return false;
}
