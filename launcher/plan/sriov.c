/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sriov.c - what keeps a physical or a virtual function (SR-IOV) from a guest */
#include <stdio.h>
#include <string.h>

#include "launcher/host/host.h"
#include "launcher/plan/sriov.h"

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
	if (used)
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

/** plan_wants_part_of() - is a virtual function of this one among what the sections want? */
bool plan_wants_part_of(const struct plan *plan, const struct host_device *physical)
{
	for (size_t i = 0; i < plan->wanted_count; i++)
		if (!strcmp(plan->wanted[i].host->physfn, physical->name))
			return true;
	return false;
}

/**
 * plan_sriov_obstacle() - does SR-IOV keep this function from a guest?
 * @out:	filled when it does
 */
bool plan_sriov_obstacle(struct host *host, const struct plan *plan, const struct plan_wanted *w,
			 struct sriov_obstacle *out)
{
	if (!plan_wants_part_of(plan, w->host))
		return has_virtual_functions(host, w->host, out) || wants_token(host, w->host, out);
	(void)snprintf(out->what, sizeof(out->what),
		       "would take a virtual function with it that is asked for, too");
	(void)snprintf(out->remedy, sizeof(out->remedy), "%s",
		       w->named ? "take one of the two sections out of the profile" : SRIOV_APART);
	return true;
}
