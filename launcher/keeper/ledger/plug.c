/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plug.c - a USB device that is taken for a guest while it runs, and given back
 *
 * Its rows are not of the plan, but made as the plan's are: written down before, so that whoever
 * reverts the journal gives its interfaces back. A device that comes and goes has the same rows again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/keeper/keeper.h"

static bool is_written(const struct keeper *k, const struct change *c)
{
	for (size_t i = 0; i < k->journal.change_count; i++)
		if (!memcmp(&k->journal.change[i], c, sizeof(*c)))
			return true;
	return false;
}

static int take_interface(struct keeper *k, const struct usb_found *d, const char *interface)
{
	char words[CHANGE_TEXT_MAX], now[CHANGE_TEXT_MAX] = "";
	struct change c;
	int rc;

	change_usb_words(d->vendor, d->product, words, sizeof(words));
	if (!change_set(&c, CHANGE_USB, interface, "", words))
		return -EOVERFLOW;
	rc = change_save(k, &c, now);
	if (!rc && !change_set(&c, CHANGE_USB, interface, now, words))
		rc = -EOVERFLOW;
	if (!rc)
		rc = standby_ensure(k);
	if (!rc && !is_written(k, &c))
		rc = journal_add_change(&k->journal, &c);
	if (!rc)
		rc = change_apply(k, &c);
	report_change(&c, rc, rc ? change_trouble(c.kind, rc) : "");
	return rc;
}

/**
 * plug_take() - take a USB device from its host drivers, and open its node, into k->came
 *
 * Return: 0; -EAGAIN it is not set up yet; -errno, reported: what was taken is given back
 */
int plug_take(struct keeper *k, const struct usb_found *d)
{
	struct usb_interfaces all;
	int rc = 0;

	usb_list_interfaces(d->name, &all);
	if (!all.count)
		return -EAGAIN;
	for (size_t i = 0; i < all.count && !rc; i++)
		rc = take_interface(k, d, all.name[i]);
	if (!rc) {
		rc = usb_open_node(k, d);
		if (rc)
			log_error("USB %s: cannot be opened: %s", d->name, strerror(-rc));
	}
	if (rc)
		plug_give_back(k, d->name);
	return rc;
}

/** plug_give_back() - give the interfaces of a device to the drivers that they were found with */
void plug_give_back(struct keeper *k, const char *device)
{
	size_t length = strlen(device);

	for (size_t i = k->journal.change_count; i-- > 0;) {
		const struct change *c = &k->journal.change[i];
		int rc;

		if (c->kind != CHANGE_USB || strncmp(c->target, device, length) ||
		    c->target[length] != ':')
			continue;
		rc = change_revert(k, c);
		if (rc)
			log_error("USB interface %s: is not back: %s", c->target,
				  change_trouble(c->kind, rc));
	}
}

/** plug_open_found() - the nodes of those that were taken with the plan's rows, into @out; 0 or -errno */
int plug_open_found(struct keeper *k, struct usb_found *found, struct work_fds *out)
{
	int rc = 0;

	out->count = 0;
	for (uint32_t i = 0; i < k->plan->usb_count && !rc; i++) {
		const struct keeper_usb *u = &k->plan->usb[i];

		found[i] = (struct usb_found){ .number = 0 };
		if (!*u->found)
			continue;
		rc = usb_read(u->found, &found[i]) && found[i].vendor == u->vendor &&
				     found[i].product == u->product
			     ? usb_open_node(k, &found[i])
			     : -ENODEV;
		if (!rc && k->came.count)
			out->fd[out->count++] = k->came.fd[--k->came.count];
		if (rc)
			log_error("USB %s: cannot be opened: %s", u->found,
				  change_trouble(CHANGE_USB, rc));
	}
	return rc;
}

/** plug_find() - what a VM wants, as it is plugged in now; as usb_find() */
size_t plug_find(const struct keeper_usb *wanted, struct usb_found *out)
{
	return usb_find(wanted, out);
}

/** plug_is_there() - is it there as it was? Plugged in again, it has another number. */
bool plug_is_there(const struct usb_found *d)
{
	struct usb_found now;

	return usb_read(d->name, &now) && now.number == d->number && now.vendor == d->vendor &&
	       now.product == d->product;
}
