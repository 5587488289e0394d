/* SPDX-License-Identifier: GPL-2.0-or-later */
/* modules.c - which kernel modules there are; the one user of libkmod in vfio-run */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libkmod.h>

#include "launcher/host/modules.h"

struct host_modules {
	struct kmod_ctx *ctx;
};

static void cleanup_list(struct kmod_list **list)
{
	(void)kmod_module_unref_list(*list);
}

/**
 * host_modules_open() - the modules of the running kernel
 * @directory:	NULL, or another one like /lib/modules/VERSION
 * @out:	closed with host_modules_close()
 *
 * Return: 0; -ENOENT when that directory or its index is missing, as after an update that
 * took the running kernel's modules away (remedy: reboot); other -errno
 */
int host_modules_open(const char *directory, struct host_modules **out)
{
	/* modprobe.d says how to load, which is not done here; reading all of it takes 10 ms. */
	static const char *const no_config[] = { "/nonexistent", NULL };
	struct host_modules *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	m->ctx = kmod_new(directory, no_config);
	/* Asked now: a lookup in a directory that is missing finds nothing, without an error. */
	r = m->ctx ? kmod_load_resources(m->ctx) : -ENOMEM;
	if (r < 0) {
		host_modules_close(m);
		return r;
	}
	*out = m;
	return 0;
}

/** host_modules_close() - NULL is allowed */
void host_modules_close(struct host_modules *m)
{
	if (!m)
		return;
	if (m->ctx)
		(void)kmod_unref(m->ctx);
	free(m);
}

/**
 * host_module_state() - is this module there, and does it run?
 * @module:	its name, with underscores or dashes; not a driver's name
 *
 * Return: 0 or -errno
 */
int host_module_state(struct host_modules *m, const char *module, enum host_module *out)
{
	struct kmod_list *list __attribute__((cleanup(cleanup_list))) = NULL;
	struct kmod_module *mod;
	int r = kmod_module_new_from_lookup(m->ctx, module, &list), state;

	if (r < 0)
		return r;
	if (!list) {
		*out = HOST_MODULE_MISSING;
		return 0;
	}
	mod = kmod_module_get_module(list);
	state = kmod_module_get_initstate(mod);
	(void)kmod_module_unref(mod);
	*out = state == KMOD_MODULE_BUILTIN ? HOST_MODULE_BUILTIN :
		state == KMOD_MODULE_LIVE   ? HOST_MODULE_LOADED :
					      HOST_MODULE_AVAILABLE;
	return 0;
}

/* How closely a module's best alias fits: its letters that are no wildcard; -1: not at all. */
static int closeness(struct kmod_module *mod, const char *alias)
{
	struct kmod_list *info = NULL, *i;
	int best = -1;

	if (kmod_module_get_info(mod, &info) < 0)
		return -1;
	kmod_list_foreach(i, info) {
		const char *value = kmod_module_info_get_value(i);
		int letters = 0;

		if (strcmp(kmod_module_info_get_key(i), "alias") || fnmatch(value, alias, 0))
			continue;
		for (; *value; value++)
			letters += *value != '*';
		if (letters > best)
			best = letters;
	}
	kmod_module_info_free_list(info);
	return best;
}

/**
 * host_module_variant() - the vfio driver that fits a device most closely
 * @modalias:	as the device's attribute has it: "pci:v..."
 * @driver:	receives the driver's name; "vfio-pci" when nothing fits more closely
 *
 * Source: drivers/vfio/pci, PCI_DRIVER_OVERRIDE_DEVICE_VFIO: such a driver's aliases start
 * with "vfio_pci:". A driver is taken to be named as its module, with dashes, as they all are.
 *
 * Return: 0 or -errno
 */
int host_module_variant(struct host_modules *m, const char *modalias, char *driver, size_t size)
{
	struct kmod_list *list __attribute__((cleanup(cleanup_list))) = NULL;
	cleanup_free char *alias = NULL;
	struct kmod_list *i;
	int r, best = -1;

	(void)snprintf(driver, size, "vfio-pci");
	if (asprintf(&alias, "vfio_%s", modalias) < 0)
		return -ENOMEM;
	r = kmod_module_new_from_lookup(m->ctx, alias, &list);
	if (r < 0)
		return r;
	kmod_list_foreach(i, list) {
		struct kmod_module *mod = kmod_module_get_module(i);
		int close = closeness(mod, alias);

		if (close > best && strcmp(kmod_module_get_name(mod), "vfio_pci")) {
			best = close;
			(void)snprintf(driver, size, "%s", kmod_module_get_name(mod));
		}
		(void)kmod_module_unref(mod);
	}
	for (char *c = driver; *c; c++)
		if (*c == '_')
			*c = '-';
	return 0;
}

/**
 * host_module_names() - the modules that say that they can drive a device
 * @modalias:	as the device's attribute has it
 * @names:	receives at most @room names, each once
 *
 * Return: how many, or -errno
 */
int host_module_names(struct host_modules *m, const char *modalias, char (*names)[HOST_MODULE_NAME],
		      size_t room)
{
	struct kmod_list *list __attribute__((cleanup(cleanup_list))) = NULL;
	struct kmod_list *i;
	size_t count = 0;
	int r = kmod_module_new_from_lookup(m->ctx, modalias, &list);

	if (r < 0)
		return r;
	kmod_list_foreach(i, list) {
		struct kmod_module *mod = kmod_module_get_module(i);
		size_t k = 0;

		while (k < count && strcmp(names[k], kmod_module_get_name(mod)))
			k++;
		if (k == count && count < room)
			(void)snprintf(names[count++], HOST_MODULE_NAME, "%s",
				       kmod_module_get_name(mod));
		(void)kmod_module_unref(mod);
	}
	return (int)count;
}
