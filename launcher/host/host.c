/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host.c - the snapshot: functions, slots and groups, each read when first asked for */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/device.h"
#include "launcher/host/host.h"
#include "launcher/host/pci.h"

struct stuck {
	struct pci_address address;
	struct stuck *next;
};

struct host {
	int root;
	bool live, brief;
	struct pci_access *pci;
	struct host_device *devices;
	struct stuck *stuck;
};

/**
 * host_open() - start a snapshot; nothing is read yet
 * @sysroot:	NULL for the live system, else the directory that holds a captured sys/
 * @out:	closed with host_close()
 *
 * Return: 0 or -errno: @sysroot is no directory, no memory, libpci does not start
 */
int host_open(const char *sysroot, struct host **out)
{
	struct host *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return -ENOMEM;
	h->live = !sysroot;
	h->root = open(sysroot ? sysroot : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = h->root < 0 ? -errno : pci_open(sysroot, &h->pci);
	if (r) {
		host_close(h);
		return r;
	}
	*out = h;
	return 0;
}

/** host_close() - end a snapshot and free its devices; NULL is allowed */
void host_close(struct host *h)
{
	if (!h)
		return;
	while (h->devices) {
		struct host_device *next = h->devices->next;

		free(h->devices);
		h->devices = next;
	}
	while (h->stuck) {
		struct stuck *next = h->stuck->next;

		free(h->stuck);
		h->stuck = next;
	}
	pci_close(h->pci);
	if (h->root >= 0)
		(void)close(h->root);
	free(h);
}

/** host_root_fd() - the directory that holds sys/, proc/, etc/; stays the snapshot's */
int host_root_fd(const struct host *h)
{
	return h->root;
}

/** host_is_live() - is it this machine, and not a captured tree? */
bool host_is_live(const struct host *h)
{
	return h->live;
}

/**
 * host_read_briefly() - functions are read from now on without what a list for people leaves out
 *
 * The sizes of the BARs, reset methods, power attributes and the NUMA node: half of what is read.
 */
void host_read_briefly(struct host *h)
{
	h->brief = true;
}

/**
 * host_mark_stuck() - note that an unbind of this function hangs
 *
 * To be called before the function is first asked for. On kernels before 7.1 a read of
 * its driver_override would then never return (6.1: tried), so it is not read.
 */
void host_mark_stuck(struct host *h, const struct pci_address *address)
{
	struct stuck *s = calloc(1, sizeof(*s));

	if (!s)
		abort(); /* a read could block for ever */
	s->address = *address;
	s->next = h->stuck;
	h->stuck = s;
}

static bool is_stuck(const struct host *h, const struct pci_address *address)
{
	for (const struct stuck *s = h->stuck; s; s = s->next)
		if (!pci_address_compare(&s->address, address))
			return true;
	return false;
}

/**
 * host_device() - one function, read on the first call and remembered
 * @out:	the snapshot's, valid until host_close()
 *
 * Return: 0, -ENOENT when there is no such function, other -errno
 */
int host_device(struct host *h, const struct pci_address *address, const struct host_device **out)
{
	struct host_device *d;
	int r;

	for (d = h->devices; d; d = d->next) {
		if (!pci_address_compare(&d->address, address)) {
			*out = d;
			return 0;
		}
	}
	d = malloc(sizeof(*d));
	if (!d)
		return -ENOMEM;
	r = device_read(h->root, h->pci, address, is_stuck(h, address), h->brief, d);
	if (r) {
		free(d);
		return r;
	}
	d->next = h->devices;
	h->devices = d;
	*out = d;
	return 0;
}

/**
 * host_expect() - add a function to the snapshot that is not there yet
 * @like:	what it will be; copied
 * @out:	the snapshot's; one that is expected at this address already is the same
 *
 * Return: 0; -EEXIST there is another one; other -errno
 */
int host_expect(struct host *h, const struct host_device *like, const struct host_device **out)
{
	struct host_device *d;
	int r = host_device(h, &like->address, out);

	if (!r)
		return (*out)->expected ? 0 : -EEXIST;
	if (r != -ENOENT && r != -ENODEV)
		return r;
	d = malloc(sizeof(*d));
	if (!d)
		return -ENOMEM;
	*d = *like;
	d->expected = true;
	d->next = h->devices;
	h->devices = d;
	*out = d;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct host_device *const *x = a, *const *y = b;

	return pci_address_compare(&(*x)->address, &(*y)->address);
}

static int append(struct host_devices *list, const struct host_device *d)
{
	const struct host_device **bigger;

	/* Grows at powers of two; the capacity follows from the count. */
	if (!(list->count & (list->count - 1))) {
		size_t room = list->count ? list->count * 2 : 1;

		bigger = reallocarray(list->item, room, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		list->item = bigger;
	}
	list->item[list->count++] = d;
	return 0;
}

/** host_devices_fini() - free the array, not the devices */
void host_devices_fini(struct host_devices *list)
{
	free(list->item);
	*list = (struct host_devices){ 0 };
}

/* Adds a function if it is still there. */
static int add_address(struct host *h, const struct pci_address *address, struct host_devices *out)
{
	const struct host_device *d;
	int r = host_device(h, address, &d);

	if (r == -ENOENT || r == -ENODEV)
		return 0;
	return r ? r : append(out, d);
}

/* A failed list is an empty one; a good one is sorted, the kernel's order means nothing. */
static int finish(struct host_devices *out, int r)
{
	if (r)
		host_devices_fini(out);
	else if (out->count)
		qsort(out->item, out->count, sizeof(*out->item), by_address);
	return r;
}

/* Takes away what is in the slot and no part of the card. */
static void keep_card(struct host_devices *list, const struct host_device *one)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (one ? host_same_card(one, list->item[i]) : !host_device_is_virtual(list->item[i]))
			list->item[kept++] = list->item[i];
	list->count = kept;
}

/**
 * host_slot() - the functions of one card
 * @any_function:	one of them; it need not be there
 * @out:		overwritten; freed with host_devices_fini()
 *
 * Of a virtual function that is itself alone, see host_same_card().
 *
 * Return: 0 (also for none), or -errno
 */
int host_slot(struct host *h, const struct pci_address *any_function, struct host_devices *out)
{
	const struct host_device *one = NULL;
	struct pci_address a = *any_function;
	int r = 0;

	*out = (struct host_devices){ 0 };
	for (a.function = 0; a.function < 8 && !r; a.function++)
		r = add_address(h, &a, out);
	for (size_t i = 0; i < out->count; i++)
		if (!pci_address_compare(&out->item[i]->address, any_function))
			one = out->item[i];
	keep_card(out, one);
	return finish(out, r);
}

/**
 * host_physical_function() - the function that has made a virtual one
 *
 * Return: 0; -ENOENT it is no virtual function; other -errno
 */
int host_physical_function(struct host *h, const struct host_device *virtual_function,
			   const struct host_device **out)
{
	struct pci_address a;

	if (!pci_address_parse(virtual_function->physfn, &a))
		return -ENOENT;
	return host_device(h, &a, out);
}

/**
 * host_virtual_functions() - those that a physical function has made
 * @out:	overwritten; freed with host_devices_fini(); sorted by address
 *
 * Return: 0 (also for none), or -errno
 */
int host_virtual_functions(struct host *h, const struct host_device *physical,
			   struct host_devices *out)
{
	struct pci_address a;
	int r = 0;

	*out = (struct host_devices){ 0 };
	for (int i = 0; i < physical->sriov_numvfs && !r; i++) {
		char path[64 + PCI_ADDRESS_TEXT], name[HOST_WORD_MAX];

		(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/virtfn%d",
			       physical->name, i);
		if (!sysfs_link_name(h->root, path, name, sizeof(name)) &&
		    pci_address_parse(name, &a))
			r = add_address(h, &a, out);
	}
	return finish(out, r);
}

/* Reads the addresses in a directory of links; @foreign may be NULL. */
static int read_links(struct host *h, const char *path, struct host_devices *out, bool *foreign)
{
	int fd = openat(h->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_closedir DIR *dir = NULL;
	struct pci_address address;
	struct dirent *e;
	int r = 0;

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return -ENOMEM;
	}
	while (!r && (e = readdir(dir))) {
		if (pci_address_parse(e->d_name, &address))
			r = add_address(h, &address, out);
		else if (e->d_name[0] != '.' && foreign)
			*foreign = true;
	}
	return r;
}

/**
 * host_group() - the PCI members of an IOMMU group
 * @out:		overwritten; freed with host_devices_fini()
 * @has_foreign_bus:	set to true when the group has members that are no PCI functions
 *
 * Return: 0, -ENOENT when there is no such group, other -errno
 */
int host_group(struct host *h, int group, struct host_devices *out, bool *has_foreign_bus)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%d/devices", group);
	*out = (struct host_devices){ 0 };
	*has_foreign_bus = false;
	return finish(out, read_links(h, path, out, has_foreign_bus));
}

/**
 * host_all() - every function of the machine; for lists and for looking up ids only
 * @out:	overwritten; freed with host_devices_fini()
 *
 * Return: 0 (also for a machine without PCI), or -errno
 */
int host_all(struct host *h, struct host_devices *out)
{
	int r;

	*out = (struct host_devices){ 0 };
	r = read_links(h, "sys/bus/pci/devices", out, NULL);
	return finish(out, r == -ENOENT ? 0 : r);
}

/**
 * host_device_name() - a part of a device's name, from pci.ids
 * @buf:	receives the name, or the number when pci.ids does not know it
 *
 * Return: @buf
 */
const char *host_device_name(struct host *h, const struct host_device *d, enum host_name which,
			     char *buf, size_t size)
{
	pci_name(h->pci, d, which, buf, size);
	return buf;
}
