/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sriov.c - what keeps a physical or a virtual function (SR-IOV) from a guest */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "launcher/host/host.h"
#include "launcher/plan/changes/sriov.h"

/* The first of its virtual functions that is with VFIO, and so a guest's; NULL: none. */
static const struct host_device *given_away(const struct host_devices *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->item[i]->vfio)
			return all->item[i];
	return NULL;
}

/*
 * vfio-pci does not take one that has virtual functions; to end these is the administrator's
 * decision. Source: drivers/vfio/pci/vfio_pci_core.c, vfio_pci_core_register_device(): -EBUSY.
 */
static bool has_virtual_functions(struct host *host, const struct host_device *d,
				  struct sriov_obstacle *out)
{
	const struct host_device *used;
	struct host_devices all;

	if (d->sriov_numvfs <= 0)
		return false;
	if (host_virtual_functions(host, d, &all))
		all = (struct host_devices){ 0 };
	used = given_away(&all);
	if (used)
		(void)snprintf(out->what, sizeof(out->what),
			       "has virtual functions, which would vanish, and %s is on %s",
			       used->name, used->driver);
	else
		(void)snprintf(out->what, sizeof(out->what),
			       "has %d virtual function%s, which would vanish", d->sriov_numvfs,
			       d->sriov_numvfs == 1 ? "" : "s");
	if (d->vfio)
		(void)snprintf(out->remedy, sizeof(out->remedy),
			       "give %s back to its host driver: they end with that", d->name);
	else if (used)
		(void)snprintf(out->remedy, sizeof(out->remedy),
			       "give the virtual function %s a [gpu] or [pci] of its own instead, or "
			       "end first what has it: `vfio-run list` names it", used->name);
	else
		(void)snprintf(out->remedy, sizeof(out->remedy),
			       "name one of the virtual functions instead; or, when nothing uses them, "
			       "`echo 0 >/sys/bus/pci/devices/%s/sriov_numvfs` as root", d->name);
	host_devices_fini(&all);
	return true;
}

/*
 * To open such a virtual function takes the token that the user of the physical one has
 * set. Source: drivers/vfio/pci/vfio_pci_core.c, vfio_pci_validate_vf_token().
 */
static bool wants_token(struct host *host, const struct host_device *d, struct sriov_obstacle *out)
{
	const struct host_device *physical;

	if (!host_device_is_virtual(d) || host_physical_function(host, d, &physical) ||
	    !physical->vfio)
		return false;
	(void)snprintf(out->what, sizeof(out->what),
		       "is a virtual function of %s, which is on %s: only who has its token (a VF "
		       "token) can open it", physical->name, physical->driver);
	(void)snprintf(out->remedy, sizeof(out->remedy),
		       "give %s back to its host driver, which then makes the virtual functions",
		       physical->name);
	return true;
}

/* One that a section names goes before one that came with a group. */
static const struct plan_wanted *wanted_part(const struct plan *plan, const struct host_device *physical)
{
	const struct plan_wanted *found = NULL;

	for (size_t i = 0; i < plan->wanted_count; i++)
		if (!strcmp(plan->wanted[i].host->physfn, physical->name) && (!found || !found->named))
			found = &plan->wanted[i];
	return found;
}

/** plan_wants_part_of() - is a virtual function of this one among what the sections want? */
bool plan_wants_part_of(const struct plan *plan, const struct host_device *physical)
{
	return wanted_part(plan, physical);
}

/** plan_vf_count() - how many virtual functions it has, or gets for a section with `vf` */
unsigned int plan_vf_count(const struct host_device *physical, const struct profile_device *section)
{
	if (physical->sriov_numvfs > 0)
		return (unsigned int)physical->sriov_numvfs;
	return section->vfs ? section->vfs : (unsigned int)physical->sriov_totalvfs;
}

/* It has some, and not the one that is meant; the kernel lets a count not grow. */
static void say_too_few(struct host *host, const struct host_device *physical, unsigned int number,
			struct sriov_obstacle *out)
{
	struct host_devices all;
	int n;

	(void)snprintf(out->what, sizeof(out->what),
		       "has %d virtual function%s now, and no number %u", physical->sriov_numvfs,
		       physical->sriov_numvfs == 1 ? "" : "s", number);
	if (host_virtual_functions(host, physical, &all))
		all = (struct host_devices){ 0 };
	n = snprintf(out->remedy, sizeof(out->remedy), "write `vf = %d`%s", physical->sriov_numvfs,
		     physical->sriov_numvfs == 1 ? "" : " or less");
	if (!given_away(&all) && !physical->vfio)
		(void)snprintf(out->remedy + n, sizeof(out->remedy) - (size_t)n,
			       "; or, when nothing uses them, `echo 0 "
			       ">/sys/bus/pci/devices/%s/sriov_numvfs` as root: they are then made anew",
			       physical->name);
	host_devices_fini(&all);
}

static bool fill(struct sriov_obstacle *out, const char *remedy, const char *format, ...) printf_like(3, 4);

static bool fill(struct sriov_obstacle *out, const char *remedy, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(out->what, sizeof(out->what), format, args);
	va_end(args);
	(void)snprintf(out->remedy, sizeof(out->remedy), "%s", remedy);
	return true;
}

/* It has none: can it get them, and is what they will be known? */
static bool cannot_be_made(struct host *host, const struct host_device *physical,
			   const struct profile_device *section, struct sriov_obstacle *out)
{
	unsigned int count = plan_vf_count(physical, section);
	const struct host_device *d;
	char remedy[160];
	int r;

	if (physical->vfio)
		return fill(out, "give it back to its host driver",
			    "is on %s, and only its host driver makes virtual functions", physical->driver);
	if (!*physical->driver)
		return fill(out, "load its driver, and bind it",
			    "has no driver, which would make its virtual functions");
	if (count > (unsigned int)physical->sriov_totalvfs || section->vf > count) {
		(void)snprintf(remedy, sizeof(remedy), "write `vf` and `vfs` of at most %d",
			       physical->sriov_totalvfs);
		if (count > (unsigned int)physical->sriov_totalvfs || !section->vfs)
			return fill(out, remedy, "can have %d virtual functions, and %u are asked for",
				    physical->sriov_totalvfs, count > section->vf ? count : section->vf);
		return fill(out, remedy, "would have %u virtual functions (`vfs`), and no number %u",
			    count, section->vf);
	}
	r = host_virtual_function(host, physical, section->vf, &d);
	(void)snprintf(remedy, sizeof(remedy),
		       "make them by hand: `echo %u >/sys/bus/pci/devices/%s/sriov_numvfs` as root", count,
		       physical->name);
	return r && fill(out, remedy, "does not show what its virtual functions will be, or where");
}

/**
 * plan_vf_obstacle() - is the virtual function that a section means not to be had?
 * @physical:	what its `device` is
 * @out:	filled when it is not
 */
bool plan_vf_obstacle(struct host *host, const struct host_device *physical,
		      const struct profile_device *section, struct sriov_obstacle *out)
{
	const struct host_device *d;

	if (physical->sriov_totalvfs < 0)
		return fill(out, "take `vf` out of the section, which then stands for all of it",
			    "has no virtual functions (SR-IOV)");
	if (!physical->sriov_totalvfs)
		return fill(out, "switch SR-IOV on in the firmware's setup, or with the maker's tool for this card",
			    "can have no virtual functions as it is set up");
	if (physical->sriov_numvfs <= 0)
		return cannot_be_made(host, physical, section, out);
	if (!host_virtual_function(host, physical, section->vf, &d))
		return false;
	say_too_few(host, physical, section->vf, out);
	return true;
}

/**
 * plan_sriov_obstacle() - does SR-IOV keep this function from a guest?
 * @out:	filled when it does
 */
bool plan_sriov_obstacle(struct host *host, const struct plan *plan, const struct plan_wanted *w,
			 struct sriov_obstacle *out)
{
	const struct plan_wanted *part;

	if (w->no_function)
		return plan_vf_obstacle(host, w->host, &plan->requested[w->section], out);
	part = wanted_part(plan, w->host);
	if (!part || (w->named && !part->named)) /* it came with the group of this one */
		return has_virtual_functions(host, w->host, out) || wants_token(host, w->host, out);
	return fill(out, w->named ? "take one of the two sections out of the profile" : SRIOV_APART,
		    "would take a virtual function with it that is asked for, too");
}
