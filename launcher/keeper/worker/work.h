/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * work.h - the operations that can block, as messages between the keeper and a worker
 *
 * Every write to bind, unbind, driver_override or power/control can sleep for ever in
 * a driver, and on some kernels a read behind it does too. They are done here, by a
 * process that may be lost, and nowhere else.
 */
#ifndef VFIO_RUN_WORK_H
#define VFIO_RUN_WORK_H

#include <stdint.h>
#include <unistd.h>

#include "launcher/base/change.h"
#include "launcher/base/pci-address.h"

enum work_op {
	WORK_READ,   /* an attribute of a device; its value comes back */
	WORK_WRITE,  /* name into an attribute of a device */
	WORK_SET,    /* the same, unless it is there already; read back: -EIO it was not kept */
	WORK_UNBIND, /* the device from the driver `name` */
	WORK_BIND,   /* the device to the driver `name` */
	WORK_MODULE, /* load the module `name` and what it needs */
	WORK_UNLOAD, /* unload the module `name`, unless anything uses it */
	WORK_GROUP,  /* open the IOMMU group once and close it: -EBUSY while a process has it */
	WORK_OWNER,  /* the uid that the group's node belongs to, when udev has done its part */
	WORK_SET_OWNER, /* the uid `name`, to that node */
	WORK_COMMAND, /* the command register of its config space, as "0x0000" */
	WORK_BARS,   /* the sizes of those BARs that `name` speaks of, in the words of a change */
	WORK_RESIZE, /* one BAR, which `name` says in these words; no driver may have the device */
	WORK_PROBE_CONNECTOR, /* of a card: "card0/card0-HDMI-A-1"; its monitor is looked for anew */
	WORK_ANNOUNCE, /* a card of a device as come or gone: "sound/card1 remove", "drm/card0 add" */
	WORK_SOUND,  /* wait until udev knows the sound card "card1", or has nothing to do; -ENODATA it does
			not. "card1 new": it is sure to have something to do */
	WORK_REMOVE, /* the device from the bus */
	WORK_VFS,    /* as many virtual functions as `name`: WORK_SET of that one, which takes longer */
	WORK_RESCAN, /* the bus that it was on, for devices that are not there */
	WORK_PAGES,  /* how many huge pages of a size there are, and how many are unused: "8 3" */
	WORK_SET_PAGES, /* as many huge pages as `name` is; what is free is compacted before */
	WORK_GOVERNOR, /* of the cpufreq policy `name` */
	WORK_SET_GOVERNOR, /* "POLICY GOVERNOR" */
	WORK_IRQ, /* the CPUs that the interrupt `name` may go to */
	WORK_SET_IRQ, /* "IRQ CPUS" */
	WORK_MOUNT, /* "there" when `how` is what is mounted at `name`, else "" */
	WORK_DROP_MOUNT, /* unmount that; nothing is done when it is not there */
	WORK_MAKE_MOUNT, /* mount `how` at `name`; nothing is done when it is there */
	WORK_LINK, /* what kind of network link `name` is: "tun", "macvtap", ...; "" there is none */
	WORK_MAKE_LINK, /* "NAME TO" of a change, and its descriptors come with the answer */
	WORK_DROP_LINK, /* the network link `name`, whatever it is */
	WORK_USB_UNBIND, /* an interface from a driver: "1-2:1.0 usb-storage" */
	WORK_USB_BIND, /* and back */
	WORK_USB_PROBE, /* the interface `name` to whichever driver wants it */
	WORK_USB_CONFIGURE, /* "1-2 1": to that one of its configurations */
	WORK_USB_OPEN, /* the node of the device `name`, which comes with the answer */
	WORK_CARDS, /* wait until udev knows of each graphics card; -ETIMEDOUT it does not come to it */
	WORK_UNIT, /* does the unit `name` run? -ESRCH no; -ENOENT there is none */
	WORK_STOP_UNIT, /* the unit `name`, and wait until it has stopped */
	WORK_START_UNIT, /* likewise; a display manager until it draws, on one of the devices of `how` */
	WORK_MAX
};

/* The only attributes that are ever read or written: the closed table. */
enum work_attribute {
	ATTRIBUTE_OVERRIDE,
	ATTRIBUTE_POWER,
	ATTRIBUTE_D3COLD,
	ATTRIBUTE_RESET,
	ATTRIBUTE_RESET_METHOD,
	ATTRIBUTE_VF_DRIVERS,
	ATTRIBUTE_VFS,
	ATTRIBUTE_MAX
};

struct work {
	uint32_t serial;    /* of the request; its answer has the same */
	uint32_t op;	    /* enum work_op */
	uint32_t attribute; /* enum work_attribute; READ, WRITE and SET */
	int32_t group;	    /* GROUP, OWNER, SET_OWNER */
	uint32_t page_kib;  /* PAGES, SET_PAGES: the size of the pages */
	int32_t node;	    /* likewise: those of this node alone; -1: of any */
	uint16_t vendor, device; /* ids that it must still have; 0, 0: not checked */
	struct pci_address address;
	char how[CHANGE_TEXT_MAX];  /* of a mount: as change_mount_words(); of a unit that is started */
	char name[CHANGE_TEXT_MAX]; /* driver, module or value; "" clears driver_override and reset_method */
};

struct work_reply {
	uint32_t serial;
	int32_t error; /* 0 or -errno */
	char value[CHANGE_TEXT_MAX];
};

#define WORK_FDS_MAX CHANGE_LINK_QUEUES_MAX /* with one answer */

/* Descriptors behind an answer; those of the sender are closed. */
struct work_fds {
	int fd[WORK_FDS_MAX];
	size_t count;
};

/* Where the worker finds what it was given: the programs where the keeper has them, which may have to do
 * without a worker. */
enum { WORK_FD_SOCKET = 3, WORK_FD_MODULE = 4, WORK_FD_SCOPE = 8 };

const char *work_attribute_name(enum work_attribute attribute);
void work_perform(const struct work *work, struct work_reply *reply, struct work_fds *fds);
/* Those of an answer that nobody wants. */
static inline void work_fds_close(struct work_fds *fds)
{
	while (fds->count)
		(void)close(fds->fd[--fds->count]);
}

_Noreturn void work_loop(pid_t parent);

#endif /* VFIO_RUN_WORK_H */
