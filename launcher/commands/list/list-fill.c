/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list-fill.c - gathers what `vfio-run list` shows; the whole machine is read for this only */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/commands/list/list.h"
#include "launcher/host/holders/vms.h"

#define HOLDERS_MAX 4096

/* ---- which devices -------------------------------------------------------------------- */

/* A graphics card, the rest of its slot, or whatever shares a group with either. */
static bool is_near_gpu(const struct host_devices *all, const struct host_device *d)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct host_device *card = all->item[i];

		if (!host_device_is_display(card))
			continue;
		if (host_same_card(card, d) ||
		    (card->iommu_group >= 0 && card->iommu_group == d->iommu_group))
			return true;
	}
	return false;
}

static int take_devices(struct list *list, bool gpu)
{
	struct host_devices all = { .count = 0 };
	size_t count = 0;
	int r = host_all(list->host, &all);

	if (r)
		return r;
	list->device = calloc(all.count + 1, sizeof(*list->device));
	r = list->device ? 0 : -ENOMEM;
	for (size_t i = 0; i < all.count && !r; i++)
		if (!gpu || is_near_gpu(&all, all.item[i]))
			list->device[count++].host = all.item[i];
	list->count = count;
	host_devices_fini(&all);
	return r;
}

/* ---- what is known of each ------------------------------------------------------------ */

static struct host_modules *open_modules(struct host *host)
{
	struct host_modules *m = NULL;

	return host_modules_of(host, &m) ? NULL : m;
}

/* Neighbours are often alike: virtual functions, ports. */
static bool is_like(const struct list_device *d, const struct list_device *before)
{
	return before && *d->host->modalias &&
	       !strcmp(d->host->modalias, before->host->modalias) &&
	       !strcmp(d->host->driver, before->host->driver);
}

/* @before: the device before it, or NULL */
static void fill_modules(struct list_device *d, const struct list_device *before,
			 struct host_modules *m)
{
	int n;

	if (d->host->brief && *d->host->driver)
		return; /* it has a driver: which others could be is not needed */
	if (is_like(d, before)) {
		memcpy(d->module, before->module, sizeof(d->module));
		d->module_count = before->module_count;
		return;
	}
	n = m && *d->host->modalias
		    ? host_module_names(m, d->host->modalias, d->module, LIST_MODULES_MAX)
		    : 0;
	d->module_count = n > 0 ? (size_t)n : 0;
	/* What drives it can, whatever the index has: it may be built in, or gone from disk. */
	if (!d->module_count && *d->host->module)
		(void)snprintf(d->module[d->module_count++], HOST_MODULE_NAME, "%s",
			       d->host->module);
}

static int fill_device(struct list *list, struct list_device *d, struct host_modules *m)
{
	int r = 0;

	fill_modules(d, d > list->device ? d - 1 : NULL, m);
	if (!d->host->stuck)
		r = host_nodes(list->host, d->host, &d->nodes);
	if (!r)
		r = host_connectors(list->host, d->host, &d->connector, &d->connector_count);
	return r ? r : host_usb_devices(list->host, d->host, &d->usb, &d->usb_count);
}

/* ---- holders --------------------------------------------------------------------------- */

struct targets {
	struct holder_target *target;
	size_t *device;
	size_t count;
};

static int collect_targets(const struct list *list, struct targets *t)
{
	size_t room = 1;

	for (size_t i = 0; i < list->count; i++)
		room += list->device[i].nodes.count;
	t->target = calloc(room, sizeof(*t->target));
	t->device = calloc(room, sizeof(*t->device));
	if (!t->target || !t->device)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++)
		for (size_t k = 0; k < list->device[i].nodes.count; k++) {
			const struct host_node *n = &list->device[i].nodes.item[k];

			if (!strcmp(n->subsystem, "net"))
				continue;
			t->device[t->count] = i;
			t->target[t->count++] = (struct holder_target){ .block = n->block,
									.major = n->major,
									.minor = n->minor };
		}
	return 0;
}

static int keep_holder(struct list_device *d, const struct holder *h)
{
	struct holder *bigger;

	for (size_t i = 0; i < d->holder_count; i++)
		if (d->holder[i].pid == h->pid)
			return 0; /* one node is enough */
	bigger = reallocarray(d->holder, d->holder_count + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	d->holder = bigger;
	bigger[d->holder_count++] = *h;
	return 0;
}

static int fill_holders(struct list *list)
{
	struct targets t = { .count = 0 };
	struct holder *found = calloc(HOLDERS_MAX, sizeof(*found));
	struct holder_scan scan = { .found = 0 };
	cleanup_close int proc =
		openat(host_root_fd(list->host), "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = found ? collect_targets(list, &t) : -ENOMEM;

	/* A list without them is a list all the same. */
	if (!r && t.count && proc >= 0 &&
	    holders_scan(proc, t.target, t.count, found, HOLDERS_MAX, &scan))
		scan.found = 0;
	for (size_t i = 0; i < scan.found && !r; i++)
		r = keep_holder(&list->device[t.device[found[i].target]], &found[i]);
	free(t.target);
	free(t.device);
	free(found);
	return r;
}

/* The keeper with the lock of the device's group has the device. */
static void fill_vm(struct list *list, struct list_device *d, const struct host_vm *vm,
		    size_t count)
{
	int32_t pid = 0;

	if (!d->host->vfio || d->host->iommu_group < 0 ||
	    host_group_owner(list->host, d->host->iommu_group, &pid) <= 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (vm[i].pid == pid && pid)
			(void)snprintf(d->vm, sizeof(d->vm), "%s", vm[i].name);
}

/**
 * list_fill() - read the machine
 * @gpu:	graphics cards only, with the rest of their slots and groups
 * @out:	list_fini() in any case
 *
 * Return: 0 or -errno
 */
int list_fill(struct host *host, bool gpu, struct list *out)
{
	struct host_modules *modules = NULL;
	struct host_vm *vm = NULL;
	size_t vms = 0;
	int r;

	*out = (struct list){ .host = host };
	r = host_vms(host, &vm, &vms); /* first: it marks what must not be read */
	if (!r)
		r = take_devices(out, gpu);
	if (!r)
		modules = open_modules(host);
	for (size_t i = 0; i < out->count && !r; i++) {
		r = fill_device(out, &out->device[i], modules);
		fill_vm(out, &out->device[i], vm, vms);
	}
	if (!r)
		r = fill_holders(out);
	host_modules_close(modules);
	free(vm);
	return r;
}

/** list_fini() - free what list_fill() found */
void list_fini(struct list *list)
{
	for (size_t i = 0; list->device && i < list->count; i++) {
		host_nodes_fini(&list->device[i].nodes);
		free(list->device[i].connector);
		free(list->device[i].usb);
		free(list->device[i].holder);
	}
	free(list->device);
	*list = (struct list){ .host = NULL };
}

/** list_user() - a user's name; the number when there is none, or is of another machine */
const char *list_user(const struct host *host, uint32_t uid, char buf[16])
{
	const struct passwd *pw = host_is_live(host) ? getpwuid(uid) : NULL;

	(void)snprintf(buf, 16, "%u", uid);
	return pw ? pw->pw_name : buf;
}
