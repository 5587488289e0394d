// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-journal.c - any bytes as a journal: no change outside the closed table results
 *
 * Each line of the input gets its right checksum, so that what is behind the check is
 * reached; an input that starts with "!" is read as it stands.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/checksum.h"
#include "launcher/keeper/journal/journal.h"

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
		used += (size_t)sprintf(out + used, "\t%08x\n", checksum(p, length));
		p += length + 1;
	}
	return used;
}

/* What becomes part of a path below /sys */
static void check_word(const char *text)
{
	require(strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.-") ==
		strlen(text));
	require(*text != '.' && *text != '-');
}

static void check_printable(const char *text)
{
	for (; *text; text++)
		require((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check_one_of(const char *text, const char *a, const char *b)
{
	require(!*text || !strcmp(text, a) || !strcmp(text, b));
}

static void check_device(const struct journal_device *d)
{
	struct pci_address a;

	require(pci_address_parse(d->name, &a) && !pci_address_compare(&a, &d->address));
	require(d->group >= -1);
	check_word(d->driver);
	check_word(d->module);
	check_printable(d->override);
	check_printable(d->title);
	check_one_of(d->power, "on", "auto");
	check_one_of(d->d3cold, "0", "1");
}

static void check_change(const struct change *c)
{
	require((unsigned int)c->kind < CHANGE_MAX);
	if (c->kind == CHANGE_MODULE)
		check_word(c->target);
	else
		require(journal_device(&j, c->target) != NULL);
	if (c->kind == CHANGE_UNBIND || c->kind == CHANGE_BIND)
		check_word(c->from);
	if (c->kind == CHANGE_POWER)
		check_one_of(c->from, "on", "auto");
	if (c->kind == CHANGE_D3COLD)
		check_one_of(c->from, "0", "1");
	check_printable(c->from);
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
	require(journal_read(&j, text, used) == 0 || j.newer || (j.unread && !j.device_count));
	require(j.device_count <= KEEPER_DEVICES_MAX && j.change_count <= KEEPER_CHANGES_MAX &&
		j.worker_count <= JOURNAL_WORKERS_MAX);
	for (size_t i = 0; i < j.device_count; i++)
		check_device(&j.device[i]);
	for (size_t i = 0; i < j.change_count; i++)
		check_change(&j.change[i]);
	free(text);
	return 0;
}
