/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-drivers.c - the modules that fit the devices: `driver = auto`, vendor-reset */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/devices/vendor-reset.h"
#include "launcher/host/host.h"
#include "launcher/host/kernel/modules.h"
#include "launcher/inspect/facts.h"
#include "launcher/plan/find.h"
#include "profiles/profile.h"

static bool is_auto(const struct profile_device *d)
{
	return d->driver && !strcmp(d->driver, "auto");
}

static int find_variant(struct host *host, struct host_modules *m, const struct profile_device *d,
			char **out)
{
	const struct host_device *device;
	char driver[CHANGE_TEXT_MAX];

	if (!is_auto(d) || plan_find_device(host, d, &device))
		return 0; /* the row `device` reports one that is not there */
	if (d->vf && host_virtual_function(host, device, d->vf, &device))
		return 0; /* likewise the row sriov */
	if (host_module_variant(m, device->modalias, driver, sizeof(driver)))
		return 0; /* then vfio-pci, which fits every device */
	*out = strdup(driver);
	return *out ? 0 : -ENOMEM;
}

/* `reset = auto` takes it where it is installed; one that would not load is as good as none. */
static bool has_vendor_reset(struct host *host, struct host_modules *m)
{
	enum host_module state;
	int root = host_root_fd(host);

	if (host_module_loaded(host, VENDOR_RESET_MODULE))
		return true;
	return !host_module_state(m, VENDOR_RESET_MODULE, &state) &&
	       state == HOST_MODULE_AVAILABLE && !host_modules_are_off(root) &&
	       !(host_modules_want_signatures(root) &&
		 host_module_signed(m, VENDOR_RESET_MODULE) == 0);
}

static bool is_for_vendor_reset(struct host *host, const struct profile_device *d)
{
	const struct host_device *device;

	return !plan_find_device(host, d, &device) &&
	       host_vendor_reset_knows(device->vendor, device->device);
}

/**
 * facts_find_variants() - ask the kernel's modules which driver fits each device most closely
 * @f:	its variant array is filled, where a section has `driver = auto`; facts_fini() frees it
 *
 * And whether vendor-reset can be had for one of them.
 *
 * Without the modules' index it is vfio-pci; what is missing there is the matter of another check.
 *
 * Return: 0 or -ENOMEM
 */
int facts_find_variants(const struct profile *p, struct host *host, struct facts *f)
{
	struct host_modules *m = NULL;
	bool any = false, reset = false;
	int r = 0;

	for (size_t i = 0; i < p->device_count; i++) {
		any |= is_auto(&p->device[i]);
		reset |= is_for_vendor_reset(host, &p->device[i]);
	}
	if ((!any && !reset) || host_modules_of(host, &m))
		return 0;
	f->plan.vendor_reset = reset && has_vendor_reset(host, m);
	f->variant = calloc(p->device_count, sizeof(*f->variant));
	f->variant_count = f->variant ? p->device_count : 0;
	if (!f->variant)
		r = -ENOMEM;
	for (size_t i = 0; i < f->variant_count && !r; i++)
		r = find_variant(host, m, &p->device[i], &f->variant[i]);
	host_modules_close(m);
	f->plan.variant = (const char *const *)f->variant;
	return r;
}
