/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-rebar.c - rows: the sizes of BARs and the reset that a section asks for */
#include <stdio.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/plan/changes/rebar.h"
#include "launcher/plan/checks/checks-rows.h"
#include "launcher/plan/find.h"

static void size_words(unsigned int power, char *out, size_t size)
{
	(void)snprintf(out, size, power < 10 ? "%uM" : "%uG", 1u << power % 10);
}

/* "write one that it has: 256M, 512M, 1G" */
static void list_sizes(uint64_t sizes, char *out, size_t size)
{
	size_t used = (size_t)snprintf(out, size, "write one that it has: ");

	for (unsigned int i = 0; i < 20 && used < size; i++) {
		char words[16];

		if (!(sizes >> i & 1))
			continue;
		size_words(i, words, sizeof(words));
		used += (size_t)snprintf(out + used, size - used, "%s%s", words,
					 sizes >> (i + 1) ? ", " : "");
	}
}

static void check_one(struct checking *c, const struct host_device *d, const struct plan_rebar *r)
{
	unsigned int line = r->wanted->pos.line;
	char label[PLAN_LABEL_MAX], remedy[CHECK_REMEDY_MAX], size[16] = "";
	uint32_t mib = (uint32_t)(r->wanted->bytes >> 20);

	(void)plan_label(c->host, d, label);
	if (!r->sizes && r->bar == CHANGE_BARS) {
		row_failed(c,
			   "switch \"Resizable BAR\" on in the firmware's setup, or write `rebar = keep`",
			   "line %u: %s has no BAR that can be resized", line, label);
	} else if (!r->sizes) {
		row_failed(c, "write another one of rebar-bar0 to rebar-bar5, or rebar without a number",
			   "line %u: BAR %u of %s cannot be resized", line, r->bar, label);
	} else if (!plan_rebar_mib(r)) {
		size_words((unsigned int)__builtin_ctz(mib), size, sizeof(size));
		list_sizes(r->sizes, remedy, sizeof(remedy));
		row_failed(c, remedy, "line %u: BAR %u of %s cannot be of %s", line, r->bar, label,
			   size);
	} else if (d->vfio && d->bar_bytes[r->bar] != (uint64_t)plan_rebar_mib(r) << 20) {
		row_failed(c, "`vfio-run attach` it, or let its own driver have it when the host starts",
			   "line %u: %s is on %s already, and a BAR is resized while no driver has it", line,
			   label, d->driver);
	}
}

void check_rebar(struct checking *c)
{
	struct plan_rebar list[PLAN_REBARS_MAX];

	for (size_t i = 0; i < c->plan->wanted_count; i++) {
		const struct plan_wanted *w = &c->plan->wanted[i];
		size_t count = w->named && !w->misnamed
				       ? plan_rebars(c->host, w->host,
						     &c->plan->requested[w->section], list)
				       : 0;

		for (size_t k = 0; k < count; k++)
			check_one(c, w->host, &list[k]);
	}
}

void check_reset_method(struct checking *c)
{
	char label[PLAN_LABEL_MAX], remedy[CHECK_REMEDY_MAX];

	for (size_t i = 0; i < c->plan->wanted_count; i++) {
		const struct plan_wanted *w = &c->plan->wanted[i];
		const struct profile_device *section = &c->plan->requested[w->section];

		if (!w->named || w->misnamed || w->host->brief || !plan_reset_is_named(section) ||
		    sysfs_has_word(w->host->settable_resets, section->reset))
			continue;
		if (*w->host->settable_resets)
			(void)snprintf(remedy, sizeof(remedy),
				       "write `reset = auto`, or one that it has: %s",
				       w->host->settable_resets);
		else
			(void)snprintf(remedy, sizeof(remedy), "write `reset = auto`");
		row_failed(c, remedy, "line %u: %s has no reset %s%s", section->reset_pos.line,
			   plan_label(c->host, w->host, label), section->reset,
			   w->host->expected ? " that is known before it is made" : "");
	}
}
