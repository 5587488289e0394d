/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci.c - the one user of libpci: identity, class, BARs and names of a function */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pci/pci.h>

#include "launcher/host/pci.h"
#include "launcher/host/places.h"

/*
 * libpci reports an error by a call that must not return; its own handler prints and
 * ends the process. Ours goes back to the call that asked. What libpci had open then
 * stays open: a descriptor for each device that vanishes while it is read.
 */
static jmp_buf on_error;

static void __attribute__((noreturn, format(printf, 1, 2))) jump(char *format, ...)
{
	(void)format;
	longjmp(on_error, 1);
}

static void __attribute__((format(printf, 1, 2))) ignore(char *format, ...)
{
	(void)format;
}

/* Sets a parameter; libpci copies the value, but its prototype lacks const. */
static int set_param(struct pci_access *pci, const char *name, const char *value)
{
	char key[32];
	char *copy = strdup(value);
	int r;

	if (!copy)
		return -ENOMEM;
	(void)snprintf(key, sizeof(key), "%s", name);
	r = pci_set_param(pci, key, copy);
	free(copy);
	return r ? -EINVAL : 0;
}

/* The names that the captured machine had, when they were captured with it. */
static int use_captured_names(struct pci_access *pci, const char *sysroot)
{
	char *path;

	if (asprintf(&path, "%s/usr/share/misc/pci.ids", sysroot) < 0)
		return -ENOMEM;
	if (access(path, R_OK))
		free(path);
	else
		pci_set_name_list_path(pci, path, 1); /* frees it */
	return 0;
}

/* The place that was set at build time. */
static int use_named_place(struct pci_access *pci)
{
#ifdef VFIO_RUN_PCI_IDS
	char *path = strdup(VFIO_RUN_PCI_IDS);

	if (!path)
		return -ENOMEM;
	pci_set_name_list_path(pci, path, 1); /* frees it */
#else
	(void)pci;
#endif
	return 0;
}

static int configure(struct pci_access *pci, const char *sysroot)
{
	char *path;
	int r;

	if (asprintf(&path, "%s/sys/bus/pci", sysroot ? sysroot : "") < 0)
		return -ENOMEM;
	r = set_param(pci, "sysfs.path", path);
	free(path);
	/* Names come from pci.ids alone: udev's database and a cache below HOME are not for root. */
	(void)set_param(pci, "hwdb.disable", "1");
	(void)set_param(pci, "net.cache_name", "");
	if (r)
		return r;
	return sysroot ? use_captured_names(pci, sysroot) : use_named_place(pci);
}

/**
 * pci_open() - libpci on /sys, or on a captured tree
 * @sysroot:	NULL for the live system, else what holds sys/
 * @out:	closed with pci_close()
 *
 * Return: 0, -ENOMEM, or -EIO when libpci refuses to start
 */
int pci_open(const char *sysroot, struct pci_access **out)
{
	struct pci_access *pci = pci_alloc();
	int r;

	if (!pci)
		return -ENOMEM;
	pci->error = jump;
	pci->warning = ignore;
	pci->debug = ignore;
	/* Never automatic: with an unreadable path that falls back to /proc and to port I/O. */
	pci->method = PCI_ACCESS_SYS_BUS_PCI;
	r = configure(pci, sysroot);
	if (r) {
		pci_cleanup(pci);
		return r;
	}
	if (setjmp(on_error))
		return -EIO; /* leaked: half started, libpci cannot clean it up */
	pci_init(pci);
	*out = pci;
	return 0;
}

/** pci_close() - end what pci_open() started; NULL is allowed */
void pci_close(struct pci_access *pci)
{
	if (pci && !setjmp(on_error))
		pci_cleanup(pci);
}

static void take(struct pci_dev *p, struct host_device *d)
{
	int got = pci_fill_info(p,
				PCI_FILL_IDENT | PCI_FILL_CLASS | PCI_FILL_CLASS_EXT |
					PCI_FILL_SUBSYS | PCI_FILL_BASES | PCI_FILL_SIZES |
					PCI_FILL_ROM_BASE);

	d->vendor = p->vendor_id;
	d->device = p->device_id;
	d->class_id = (uint32_t)p->device_class << 8 | p->prog_if;
	if (got & PCI_FILL_SUBSYS) {
		d->subsystem_vendor = p->subsys_vendor_id;
		d->subsystem_device = p->subsys_id;
	}
	if (got & PCI_FILL_SIZES) {
		for (int i = 0; i < 6; i++)
			d->bar_bytes[i] = p->size[i];
		d->bar_bytes[6] = p->rom_size;
	}
}

/**
 * pci_read_identity() - fill the ids, the class and the sizes of the BARs
 * @d:		its address is set; the caller has seen that the function is there
 *
 * Return: 0, or -ENODEV when it vanished while it was read
 */
int pci_read_identity(struct pci_access *pci, struct host_device *d)
{
	struct pci_dev *p;

	if (setjmp(on_error))
		return -ENODEV;
	p = pci_get_dev(pci, (int)d->address.domain, d->address.bus, d->address.device,
			d->address.function);
	take(p, d);
	pci_free_dev(p);
	return 0;
}

static const char *look_up(struct pci_access *pci, const struct host_device *d,
			   enum host_name which, char *buf, int size)
{
	switch (which) {
	case HOST_NAME_VENDOR:
		return pci_lookup_name(pci, buf, size, PCI_LOOKUP_VENDOR | PCI_LOOKUP_NO_HWDB,
				       d->vendor);
	case HOST_NAME_DEVICE:
		return pci_lookup_name(pci, buf, size, PCI_LOOKUP_DEVICE | PCI_LOOKUP_NO_HWDB,
				       d->vendor, d->device);
	case HOST_NAME_CLASS:
		return pci_lookup_name(pci, buf, size, PCI_LOOKUP_CLASS | PCI_LOOKUP_NO_HWDB,
				       (int)(d->class_id >> 8));
	}
	return buf;
}

/**
 * pci_name() - a part of a device's name out of pci.ids, which is loaded on first use
 * @buf:	receives the name, the bare number when there is none, "" after an error
 */
void pci_name(struct pci_access *pci, const struct host_device *d, enum host_name which, char *buf,
	      size_t size)
{
	const char *name;

	buf[0] = '\0';
	if (setjmp(on_error))
		return;
	name = look_up(pci, d, which, buf, (int)size);
	/* A name that does not fit comes back as a remark elsewhere, not in the buffer. */
	if (name != buf)
		(void)snprintf(buf, size, "%s", name);
}
