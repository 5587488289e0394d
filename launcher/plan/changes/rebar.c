/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rebar.c - the sizes of BARs, and the reset, that a section wants */
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/devices/rebar.h"
#include "launcher/host/devices/vendor-reset.h"
#include "launcher/host/host.h"
#include "launcher/plan/changes/rebar.h"
#include "profiles/profile.h"

#define MIB 20 /* as a power of two */

static bool is_kept(const struct profile_rebar *r)
{
	return r->size == PROFILE_REBAR_KEEP;
}

/* The one that can be the largest, by its sizes; CHANGE_BARS: none */
static unsigned int find_largest(const uint64_t sizes[CHANGE_BARS])
{
	unsigned int largest = CHANGE_BARS;

	for (unsigned int i = 0; i < CHANGE_BARS; i++)
		if (sizes[i] && (largest == CHANGE_BARS || sizes[i] > sizes[largest]))
			largest = i;
	return largest;
}

/**
 * plan_rebars() - what a section says of a card's BARs, one for each BAR
 *
 * Return: how many are to be of a size that it names, whether they can or not
 */
size_t plan_rebars(struct host *host, const struct host_device *d,
		   const struct profile_device *section, struct plan_rebar out[PLAN_REBARS_MAX])
{
	uint64_t sizes[CHANGE_BARS] = { 0 };
	unsigned int largest;
	bool any = !is_kept(&section->rebar);
	size_t count = 0;

	for (unsigned int i = 0; i < CHANGE_BARS; i++)
		any |= !is_kept(&section->rebar_bar[i]);
	if (!any)
		return 0;
	for (unsigned int i = 0; i < CHANGE_BARS; i++)
		sizes[i] = host_bar_sizes(host, d, i);
	largest = find_largest(sizes);
	if (!is_kept(&section->rebar) &&
	    (largest == CHANGE_BARS || is_kept(&section->rebar_bar[largest])))
		out[count++] = (struct plan_rebar){ largest, &section->rebar,
						    largest < CHANGE_BARS ? sizes[largest] : 0 };
	for (unsigned int i = 0; i < CHANGE_BARS; i++)
		if (!is_kept(&section->rebar_bar[i]))
			out[count++] =
				(struct plan_rebar){ i, &section->rebar_bar[i], sizes[i] };
	return count;
}

/** plan_rebar_mib() - the size that it is to be of, in MiB; 0: it cannot be */
uint32_t plan_rebar_mib(const struct plan_rebar *r)
{
	uint64_t sizes = r->sizes & UINT32_MAX; /* 2 PiB are enough */
	uint64_t mib = r->wanted->bytes >> MIB;

	if (!sizes)
		return 0;
	if (r->wanted->size == PROFILE_REBAR_MAX)
		return UINT32_C(1) << (31 - __builtin_clz((uint32_t)sizes));
	return mib && sizes >> __builtin_ctzll(mib) & 1 ? (uint32_t)mib : 0;
}

static bool is_named(const struct plan *plan, const struct plan_device *d)
{
	for (size_t i = 0; i < plan->wanted_count; i++)
		if (plan->wanted[i].host == d->host && plan->wanted[i].named)
			return true;
	return false;
}

/** plan_rebar_devices() - fill in the sizes that the plan's devices will have, where they change */
void plan_rebar_devices(struct plan *plan, struct host *host)
{
	struct plan_rebar list[PLAN_REBARS_MAX];

	for (size_t i = 0; i < plan->device_count; i++) {
		struct plan_device *d = &plan->device[i];
		size_t count = is_named(plan, d) && !d->host->vfio
				       ? plan_rebars(host, d->host, &plan->requested[d->section], list)
				       : 0;

		for (size_t k = 0; k < count; k++) {
			uint32_t mib = plan_rebar_mib(&list[k]);

			if (mib && d->host->bar_bytes[list[k].bar] != (uint64_t)mib << MIB)
				d->bars.mib[list[k].bar] = mib;
		}
	}
}

/** plan_reset_is_named() - does a section want one reset method of the kernel's and no other? */
bool plan_reset_is_named(const struct profile_device *section)
{
	return section->reset && strcmp(section->reset, "auto") != 0 &&
	       strcmp(section->reset, "none") != 0;
}

/** plan_reset_is_vendors() - is it reset by the module vendor-reset, as `reset = auto` has it? */
bool plan_reset_is_vendors(const struct plan *plan, const struct plan_device *d)
{
	const struct profile_device *section = &plan->requested[d->section];

	return plan->vendor_reset && section->reset && !strcmp(section->reset, "auto") &&
	       host_vendor_reset_knows(d->host->vendor, d->host->device);
}

/**
 * plan_reset() - what a device's reset_method is to be
 * @to:		receives a word that the plan has; "": none at all
 *
 * Return: false when it stays as it is
 */
bool plan_reset(const struct plan *plan, const struct plan_device *d, const char **to)
{
	const struct profile_device *section = &plan->requested[d->section];
	const char *methods = d->host->settable_resets;
	bool is_auto = !section->reset || !strcmp(section->reset, "auto");

	if (!*d->host->reset_methods) /* there is no list to write to */
		return false;
	if (plan_reset_is_vendors(plan, d)) {
		*to = VENDOR_RESET_METHOD;
		return strcmp(methods, *to) != 0;
	}
	if (is_auto && !*d->quirk_reset)
		return false;
	*to = is_auto ? d->quirk_reset : plan_reset_is_named(section) ? section->reset : "";
	return strcmp(methods, *to) && (!**to || sysfs_has_word(methods, *to));
}
