// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-journal.c - any bytes as a journal: nothing outside the closed table comes of it
 *
 * Each line of the input gets its right checksum, so that what is behind the check is
 * reached; an input that starts with "!" is read as it stands.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/keeper/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct journal j; /* too large for a stack */

static void require(int condition)
{
	if (!condition)
		abort();
}

static size_t with_checksums(char *out, const char *in, size_t size)
{
	size_t used = 0;

	for (const char *p = in, *end = in + size; p < end;) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t length = newline ? (size_t)(newline - p) : (size_t)(end - p);

		memcpy(out + used, p, length);
		used += length;
		used += (size_t)sprintf(out + used, "\t%08x\n", journal_checksum(p, length));
		p += length + 1;
	}
	return used;
}

/* What becomes part of a path below /sys */
static void check_word(const char *text)
{
	require(*text != '.' && !strpbrk(text, "/\n\t"));
}

static void check_device(const struct journal_device *d)
{
	struct pci_address a;

	require(pci_address_parse(d->name, &a) && !pci_address_compare(&a, &d->address));
	check_word(d->driver);
	check_word(d->module);
	require(strlen(d->title) < sizeof(d->title) && strlen(d->override) < sizeof(d->override));
}

static void check_change(const struct journal_change *c)
{
	require((unsigned int)c->kind < CHANGE_MAX);
	if (c->kind != CHANGE_MODULE)
		require(journal_device(&j, c->target) != NULL);
	if (c->kind == CHANGE_UNBIND)
		check_word(c->from);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size * 11 + 16);
	size_t used = 0;

	if (!text)
		return 0;
	if (size && data[0] == '!')
		memcpy(text, data + 1, used = size - 1);
	else
		used = with_checksums(text, (const char *)data, size);
	text[used] = '\0';
	j = (struct journal)JOURNAL_INIT;
	require(journal_read(&j, text, used) == 0 || (j.damaged && !j.device_count));
	require(j.device_count <= KEEPER_DEVICES_MAX && j.change_count <= KEEPER_CHANGES_MAX &&
		j.worker_count <= JOURNAL_WORKERS_MAX);
	for (size_t i = 0; i < j.device_count; i++)
		check_device(&j.device[i]);
	for (size_t i = 0; i < j.change_count; i++)
		check_change(&j.change[i]);
	free(text);
	return 0;
}
