/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list-table.c - `vfio-run list` for people: a line a device, graphics cards first */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/commands/list/list.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/commands/terminal/screen.h"
#include "launcher/host/devices/block-use.h"
#include "launcher/host/devices/card.h"

#define NOTE_MIN 14 /* columns that a note gets before a name is cut for it */
#define DRIVER_MAX 15

/* ---- in which order --------------------------------------------------------------------- */

enum rank { RANK_CARD, RANK_NEAR_CARD, RANK_OTHER, RANK_NO_GROUP };

/* A card is what its slot holds; near it is what shares its group. */
static enum rank rank_of(const struct list *list, const struct host_device *d)
{
	enum rank rank = d->iommu_group < 0 ? RANK_NO_GROUP : RANK_OTHER;

	for (size_t i = 0; i < list->count; i++) {
		const struct host_device *card = list->device[i].host;

		if (!host_device_is_display(card))
			continue;
		if (host_same_card(card, d) && !host_device_is_bridge(d))
			return RANK_CARD;
		if (card->iommu_group >= 0 && card->iommu_group == d->iommu_group)
			rank = RANK_NEAR_CARD;
	}
	return rank;
}

struct line {
	const struct list_device *device;
	enum rank rank;
	char name[256], note[512];
};

static int compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int by_group = x->device->host->iommu_group - y->device->host->iommu_group;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->rank != RANK_CARD && by_group)
		return by_group;
	return pci_address_compare(&x->device->host->address, &y->device->host->address);
}

/* ---- notes on each ------------------------------------------------------------------------ */

static void note(struct line *l, const char *format, ...) printf_like(2, 3);

/* One more, behind those that matter more. */
static void note(struct line *l, const char *format, ...)
{
	size_t used = strlen(l->note);
	va_list args;

	if (used)
		used += (size_t)snprintf(l->note + used, sizeof(l->note) - used, ", ");
	if (used >= sizeof(l->note) - 1)
		return;
	va_start(args, format);
	(void)vsnprintf(l->note + used, sizeof(l->note) - used, format, args);
	va_end(args);
}

static void note_nodes(struct line *l, const struct list *list)
{
	const struct host_nodes *nodes = &l->device->nodes;

	for (size_t i = 0; i < nodes->count; i++) {
		const struct host_node *n = &nodes->item[i];
		char use[512];

		if (!strcmp(n->subsystem, "net"))
			note(l, "%s", n->name);
		else if (n->block && host_block_use(list->host, n, use, sizeof(use)) > 0)
			note(l, "%s", use);
		else if (n->block)
			note(l, "disk %s", n->name);
	}
}

static void note_attached(struct line *l)
{
	const struct list_device *d = l->device;

	for (size_t i = 0; i < d->connector_count; i++)
		if (strcmp(d->connector[i].status, "disconnected"))
			note(l, "screen on %s", d->connector[i].name);
	for (size_t i = 0; i < d->usb_count; i++)
		note(l, "%s", d->usb[i].title);
}

static void fill_line(struct line *l, const struct list *list)
{
	const struct list_device *d = l->device;
	const struct host_device *h = d->host;

	(void)host_device_short(list->host, h, l->name, sizeof(l->name));
	if (*d->vm)
		note(l, "VM %s", d->vm);
	if (h->config_dead)
		note(l, "does not answer");
	if (h->stuck)
		note(l, "stuck");
	if (h->boot_vga)
		note(l, "boot VGA");
	for (size_t i = 0; i < d->holder_count; i++)
		if (list_is_named(d, i))
			note(l, "in use by %s", d->holder[i].comm);
	if (host_device_is_virtual(h))
		note(l, "VF of %s", h->physfn);
	if (h->sriov_numvfs > 0)
		note(l, "%d virtual functions", h->sriov_numvfs);
	if (*h->driver_override && strcmp(h->driver_override, h->driver))
		note(l, "override %s", h->driver_override);
	note_nodes(l, list);
	note_attached(l);
	if (!*h->driver && d->module_count)
		note(l, "%s could drive it", d->module[0]);
}

/* ---- columns ---------------------------------------------------------------------------- */

struct widths {
	size_t address, group, driver, name, note;
	bool utf8;
};

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static struct widths measure(const struct line *line, size_t count)
{
	struct widths w = {
		.address = 7, .group = 3, .driver = 6, .name = 6, .utf8 = screen_is_utf8()
	};
	size_t fixed, rest;

	for (size_t i = 0; i < count; i++) {
		w.address = larger(w.address, strlen(line[i].device->host->name));
		w.driver =
			larger(w.driver, smaller(strlen(line[i].device->host->driver), DRIVER_MAX));
		w.name = larger(w.name, columns_of(line[i].name));
		w.note = larger(w.note, columns_of(line[i].note));
	}
	fixed = w.address + 1 + w.group + 1 + strlen("10de:2486") + 1 + 1 + w.driver + 1;
	rest = screen_width() > fixed + 24 ? screen_width() - fixed : 24;
	w.name = smaller(w.name, rest - smaller(w.note, NOTE_MIN));
	w.note = larger(3, rest - w.name);
	return w;
}

/* A line is put together first: in a terminal that is too narrow for it, it is cut as a whole. */
struct row {
	char text[COLUMNS_TEXT_MAX];
	size_t used;
};

static void put(struct row *row, const char *text, size_t columns, bool utf8)
{
	char cell[COLUMNS_TEXT_MAX];
	size_t have = columns_of(columns_fit(text, columns, utf8, cell));
	size_t room = sizeof(row->text) - row->used;
	int n = snprintf(row->text + row->used, room, "%s%*s ", cell,
			 have < columns ? (int)(columns - have) : 0, "");

	row->used += n > 0 && (size_t)n < room ? (size_t)n : 0;
}

/* Without the blanks at its end. */
static void print_row(struct row *row, bool bold, bool utf8)
{
	char cut[COLUMNS_TEXT_MAX];

	while (row->used && row->text[row->used - 1] == ' ')
		row->text[--row->used] = '\0';
	(void)printf("%s%s%s\n", bold ? "\033[1m" : "",
		     columns_fit(row->text, screen_width(), utf8, cut), bold ? "\033[0m" : "");
}

static void print_line(const struct line *l, const struct widths *w, bool bold)
{
	const struct host_device *h = l->device->host;
	char number[16] = "-", group[24], ids[16];
	struct row row = { .used = 0 };

	if (h->iommu_group >= 0)
		(void)snprintf(number, sizeof(number), "%d", h->iommu_group);
	(void)snprintf(group, sizeof(group), "%*s", (int)w->group, number);
	(void)snprintf(ids, sizeof(ids), "%04x:%04x", h->vendor, h->device);
	put(&row, h->name, w->address, w->utf8);
	put(&row, group, strlen(group), w->utf8);
	put(&row, ids, strlen(ids), w->utf8);
	put(&row, l->name, w->name, w->utf8);
	put(&row, *h->driver ? h->driver : "-", w->driver, w->utf8);
	put(&row, l->note, w->note, w->utf8);
	print_row(&row, bold, w->utf8);
}

static void print_heading(const struct widths *w)
{
	struct row row = { .used = 0 };

	put(&row, "ADDRESS", w->address, w->utf8);
	put(&row, "GRP", w->group, w->utf8);
	put(&row, "ID", strlen("10de:2486"), w->utf8);
	put(&row, "DEVICE", w->name, w->utf8);
	put(&row, "DRIVER", w->driver, w->utf8);
	print_row(&row, false, w->utf8);
}

/* ---- below the table -------------------------------------------------------------------- */

/* The holders of a card decide whether it can go: in full. */
static void say_holders(const struct list *list, const struct list_device *d)
{
	char user[16], text[512];

	for (size_t i = 0; i < d->holder_count; i++) {
		if (!list_is_named(d, i))
			continue;
		(void)snprintf(text, sizeof(text), "in use by %s (pid %d, user %s): %s of %s",
			       d->holder[i].comm, d->holder[i].pid,
			       list_user(list->host, d->holder[i].uid, user), d->holder[i].path,
			       d->host->name);
		columns_wrap(columns_fit(text, sizeof(text), screen_is_utf8(),
					 (char[COLUMNS_TEXT_MAX]){ "" }),
			     0, 4, screen_width());
	}
}

/* What belongs to a card and does not go with it by itself. */
static void say_sound(const struct list *list, const struct host_device *card)
{
	const struct host_device *sound = host_card_sound(list->host, card);
	char text[256];

	if (!sound)
		return;
	(void)snprintf(
		text, sizeof(text),
		"the sound of %s is %s, in group %d: a [pci] section with `device = %s` gives it too",
		card->name, sound->name, sound->iommu_group, sound->name);
	columns_wrap(text, 0, 4, screen_width());
}

/* Of each card: is it one to pick? With -v it stands at each device. */
static void say_verdict(const struct list *list, const struct list_device *d)
{
	struct list_verdict v;
	char line[1200], text[1300];

	list_verdict(list, d, &v);
	if (!*list_verdict_line(&v, line, sizeof(line)))
		return;
	(void)snprintf(text, sizeof(text), "the card %s %s", d->host->name, line);
	columns_wrap(text, 0, 4, screen_width());
}

static void say_below(const struct list *list)
{
	bool ungrouped = false;

	for (size_t i = 0; i < list->count; i++) {
		ungrouped |= list->device[i].host->iommu_group < 0;
		if (!host_device_is_display(list->device[i].host))
			continue;
		say_verdict(list, &list->device[i]);
		say_holders(list, &list->device[i]);
		say_sound(list, list->device[i].host);
	}
	if (ungrouped)
		columns_wrap(
			host_has_iommu(list->host)
				? "-: in no IOMMU group: cannot be handed over"
				: "-: in no IOMMU group: the IOMMU is off, see `vfio-run check`",
			0, 4, screen_width());
}

static bool has_card(const struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (host_device_is_display(list->device[i].host))
			return true;
	return false;
}

/**
 * list_table() - print a line for each device, as wide as the terminal
 * @more:	called for each device, for more below its line; NULL: no more
 *
 * Return: 0 or -ENOMEM
 */
int list_table(const struct list *list, bool colour,
	       void (*more)(const struct list *list, const struct list_device *d))
{
	cleanup_free struct line *line = calloc(list->count + 1, sizeof(*line));
	struct widths w;

	if (!line)
		return -ENOMEM;
	if (!has_card(list))
		(void)puts("There is no graphics card in this machine.");
	if (!list->count)
		return 0;
	for (size_t i = 0; i < list->count; i++) {
		line[i].device = &list->device[i];
		line[i].rank = rank_of(list, list->device[i].host);
		fill_line(&line[i], list);
	}
	qsort(line, list->count, sizeof(*line), compare);
	w = measure(line, list->count);
	print_heading(&w);
	for (size_t i = 0; i < list->count; i++) {
		print_line(&line[i], &w, colour && host_device_is_display(line[i].device->host));
		if (more)
			more(list, line[i].device);
	}
	say_below(list);
	return 0;
}
