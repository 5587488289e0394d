/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list-verdict.c - can a guest have a device as it is, with something more, or not, and why? */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/commands/list/list.h"
#include "launcher/host/devices/block-use.h"
#include "launcher/host/holders/holding.h"
#include "launcher/host/holders/net-use.h"
#include "launcher/host/seat/desktop.h"
#include "launcher/plan/checks/checks.h"

static void say(struct list_verdict *out, enum list_pass pass, const char *format, ...)
	printf_like(3, 4);

static void say(struct list_verdict *out, enum list_pass pass, const char *format, ...)
{
	char text[sizeof(out->text) / 2];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	out->pass = pass;
	(void)log_quote(text, out->text, sizeof(out->text));
}

/* The sentence is shown beside the device's name: it need not begin with that. */
static const char *without_label(const struct host_device *d, const char *detail)
{
	const char *end = strstr(detail, "]) ");

	return end && !strncmp(detail, d->name, strlen(d->name)) ? end + 3 : detail;
}

/* What else is in the group can go along; all other refusals are final until something is changed.
 */
static void of_checks(const struct check_results *results, const struct host_device *d,
		      struct list_verdict *out)
{
	const struct check_result *first = NULL, *worse = NULL;

	for (size_t i = 0; i < results->count; i++) {
		const struct check_result *r = &results->item[i];

		if (r->state != CHECK_FAILED)
			continue;
		if (!strcmp(r->check, "group-members"))
			first = first ? first : r;
		else
			worse = worse ? worse : r;
	}
	if (worse)
		say(out, LIST_NOT, "%s%s%s%s",
		    without_label(d, worse->detail) == worse->detail ? "" : "it ",
		    without_label(d, worse->detail), worse->remedy ? "; " : "",
		    worse->remedy ? worse->remedy : "");
	else if (first)
		say(out, LIST_WITH, "its group: %s; %s", first->detail, first->remedy);
	else
		say(out, LIST_NOT, "what it needs cannot be worked out");
}

/* What the host does with it. Return: was there something? */
static bool of_use(const struct list *list, const struct list_device *d, struct list_verdict *out)
{
	char use[512];

	for (size_t i = 0; i < d->nodes.count; i++) {
		const struct host_node *n = &d->nodes.item[i];

		if ((n->block && host_block_use(list->host, n, use, sizeof(use)) > 0) ||
		    (!strcmp(n->subsystem, "net") &&
		     host_net_use(list->host, n->name, use, sizeof(use)) > 0)) {
			say(out, LIST_NOT, "the host uses it: %s", use);
			return true;
		}
	}
	return false;
}

/* Of a function that is no display itself the card that it is a part of; NULL: of none */
static const struct host_device *card_of(const struct list *list, const struct host_device *d)
{
	for (size_t i = 0; i < list->count && !host_device_is_display(d); i++)
		if (host_device_is_display(list->device[i].host) &&
		    host_same_card(list->device[i].host, d))
			return list->device[i].host;
	return NULL;
}

static bool is_stuck(const struct list *list, const struct host_device *d)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->device[i].host->stuck && host_same_card(list->device[i].host, d))
			return true;
	return d->stuck;
}

/* Is it what the host itself is shown on: the card that it started on, or the only one? */
static bool is_hosts_display(const struct list *list, const struct host_device *d)
{
	bool only = host_device_is_display(d);

	for (size_t i = 0; i < list->count && only; i++)
		only = list->device[i].host == d || !host_device_is_display(list->device[i].host);
	return d->boot_vga || only;
}

/** list_is_named() - process 1 and logind hold a card for others: they are named where nobody else is */
bool list_is_named(const struct list_device *d, size_t holder)
{
	bool others = false;

	for (size_t i = 0; i < d->holder_count; i++)
		others |= !host_keeps_for_others(&d->holder[i]);
	return !others || !host_keeps_for_others(&d->holder[holder]);
}

/* Who has a card open. What no session ends is named before what one does. */
static void of_holders(const struct list *list, const struct list_device *d, struct list_verdict *out)
{
	const struct holder *of_desktop = NULL, *other = NULL, *named;

	for (size_t i = 0; d->holder && i < d->holder_count; i++) {
		const struct holder *f = &d->holder[i];
		bool ends = host_keeps_for_others(f) || host_is_of_desktop(list->host, f->pid);

		if (ends && (!of_desktop || (host_keeps_for_others(of_desktop) && list_is_named(d, i))))
			of_desktop = f;
		else if (!ends && !other)
			other = f;
	}
	named = other ? other : of_desktop;
	if (!named)
		return;
	if (!other && is_hosts_display(list, d->host))
		say(out, LIST_WITH, "a [session] section, which ends the desktop: %s (pid %d) has it open",
		    named->comm, named->pid);
	else
		say(out, LIST_WITH, "%s (pid %d) ended, or `holders = terminate` and [session]",
		    named->comm, named->pid);
}

/** list_verdict() - what a run would say to it. Reads the host, and changes nothing */
void list_verdict(const struct list *list, const struct list_device *d, struct list_verdict *out)
{
	struct check_results results;
	const struct host_device *card;

	*out = (struct list_verdict){ .pass = LIST_NO_DEVICE };
	if (host_device_is_bridge(d->host))
		return;
	if (is_stuck(list, d->host)) { /* its files must not even be read */
		say(out, LIST_NOT, "its driver has not let go of it, or not of a part of its card");
		return;
	}
	card = card_of(list, d->host);
	if (card) {
		say(out, LIST_WITH, "its card %s, whose [gpu] section gives all of it", card->name);
		return;
	}
	if (!checks_can_go(list->host, d->host, NULL, &results))
		of_checks(&results, d->host, out);
	else if (*d->vm)
		say(out, LIST_NOT, "the VM %s has it", d->vm);
	else if (of_use(list, d, out))
		;
	else if (d->holder_count && (d->host->boot_vga || host_device_is_display(d->host)))
		of_holders(list, d, out);
	else if (d->host->boot_vga)
		say(out, LIST_WITH,
		    "a [session] section where a desktop is on it: the host started on this card");
	else
		out->pass = LIST_AS_IT_IS;
	check_results_fini(&results);
}

/** list_verdict_line() - as a sentence without its full stop. Return: @buf; "" of what is no device
 * to pass */
const char *list_verdict_line(const struct list_verdict *v, char *buf, size_t size)
{
	static const char *const words[] = { [LIST_AS_IT_IS] = "can be passed as it is",
					     [LIST_WITH] = "can be passed with ",
					     [LIST_NOT] = "cannot be passed: ",
					     [LIST_NO_DEVICE] = "" };

	(void)snprintf(buf, size, "%s%s", words[v->pass], v->text);
	return buf;
}
