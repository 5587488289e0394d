/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - what the host is: a read-only snapshot of PCI devices, groups and slots
 *
 * Reads on demand: a run asks for a handful of functions, and a machine with 500
 * must not cost more. Works on a captured tree of another machine (--sysroot), which
 * then holds sys/, proc/, etc/ below one directory. Nothing here writes anything.
 */
#ifndef VFIO_RUN_HOST_H
#define VFIO_RUN_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/base/pci-address.h"

#define HOST_WORD_MAX 64     /* a driver's, module's or attribute's name with its NUL */
#define HOST_MODALIAS_MAX 128
#define HOST_BARS 7	     /* six BARs and the expansion ROM */

struct host; /* opaque: the root directory, libpci, and what was read so far */

/* One PCI function as the kernel shows it. Owned by struct host, valid until host_close(). */
struct host_device {
	struct pci_address address;
	char name[PCI_ADDRESS_TEXT]; /* the address as text */
	uint16_t vendor, device, subsystem_vendor, subsystem_device;
	uint32_t class_id;		     /* 24 bits: class, subclass, programming interface */
	uint8_t header_type;		     /* 0 endpoint, 1 PCI bridge, 2 CardBus */
	bool config_dead;		     /* the configuration space reads as all ones */
	char driver[HOST_WORD_MAX];	     /* "" none */
	char module[HOST_WORD_MAX];	     /* of that driver; "" none or built in */
	char driver_override[HOST_WORD_MAX]; /* "" none */
	bool vfio;			     /* bound to a vfio driver: vfio-dev/ is there, or it is vfio-pci */
	char modalias[HOST_MODALIAS_MAX];    /* without the newline */
	int iommu_group;		     /* -1: none */
	int numa_node;			     /* -1: unknown */
	bool boot_vga;
	int sriov_numvfs;		     /* -1: not capable; 0: no virtual functions */
	int sriov_totalvfs;		     /* how many it can have; -1: not capable */
	int sriov_autoprobe;		     /* do drivers take these by themselves? 0, 1; -1: as sriov_totalvfs */
	char physfn[PCI_ADDRESS_TEXT];	     /* of a virtual function: the physical one; else "" */
	char reset_methods[HOST_WORD_MAX];   /* separated by spaces, "" none */
	char settable_resets[HOST_WORD_MAX]; /* of these, those that the kernel takes in a list that is written */
	char power_control[8];		     /* "on", "auto", "" no such attribute */
	int d3cold_allowed;		     /* 0, 1; -1: no such attribute */
	char bridge[PCI_ADDRESS_TEXT];	     /* the bridge that it is behind; "" on the root bus */
	char controller[PCI_ADDRESS_TEXT];   /* the endpoint (VMD) whose driver shows it; "" none */
	uint64_t bar_bytes[HOST_BARS];	     /* 0: not there */
	bool brief;			     /* host_read_briefly(): not all of it was read */
	bool expected;			     /* a virtual function that is to be made: not there yet */
	bool stuck;			     /* host_mark_stuck(): driver_override, sriov_numvfs not read */
	struct host_device *next;	     /* host.c's list */
};

/* Addresses found together: the members of a group, the functions of a slot. */
struct host_devices {
	const struct host_device **item; /* sorted by address; the array is freed with host_devices_fini() */
	size_t count;
};

int host_open(const char *sysroot, struct host **out) must_check;
void host_close(struct host *h);
int host_root_fd(const struct host *h);
bool host_is_live(const struct host *h);

int host_device(struct host *h, const struct pci_address *address, const struct host_device **out) must_check;
int host_slot(struct host *h, const struct pci_address *any_function, struct host_devices *out) must_check;
int host_group(struct host *h, int group, struct host_devices *out, bool *has_foreign_bus) must_check;
int host_all(struct host *h, struct host_devices *out) must_check;
void host_devices_fini(struct host_devices *list);

int host_physical_function(struct host *h, const struct host_device *virtual_function,
			   const struct host_device **out) must_check;
int host_virtual_functions(struct host *h, const struct host_device *physical,
			   struct host_devices *out) must_check;

int host_virtual_function(struct host *h, const struct host_device *physical, unsigned int number,
			  const struct host_device **out) must_check;
int host_expect(struct host *h, const struct host_device *like, const struct host_device **out) must_check;

bool host_device_is_bridge(const struct host_device *d);
bool host_device_is_virtual(const struct host_device *d);
bool host_same_card(const struct host_device *a, const struct host_device *b);
bool host_device_is_display(const struct host_device *d);
bool host_has_iommu(struct host *h);
int host_group_reserved_direct(struct host *h, int group);
void host_read_briefly(struct host *h);
void host_mark_stuck(struct host *h, const struct pci_address *address);
bool host_module_loaded(const struct host *h, const char *module);
const char *host_device_title(struct host *h, const struct host_device *d, char *buf, size_t size);
const char *host_device_short(struct host *h, const struct host_device *d, char *buf, size_t size);

/* The parts of a title, as pci.ids has them. */
enum host_name { HOST_NAME_VENDOR, HOST_NAME_DEVICE, HOST_NAME_CLASS };
const char *host_device_name(struct host *h, const struct host_device *d, enum host_name which,
			     char *buf, size_t size);

#endif /* VFIO_RUN_HOST_H */
