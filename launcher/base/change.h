/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change.h - the record of a change to the host, and the grammar of its kinds
 *
 * One record and one table of kinds, the same in plan, dry run, handed-over plan, journal
 * and report. The table is closed: what does not fit a row is never written to the host,
 * and never put back from a journal. How a kind is made and put back is the keeper's:
 * keeper/kinds/.
 */
#ifndef VFIO_RUN_CHANGE_H
#define VFIO_RUN_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/pci-address.h"

/* In the order in which a plan makes them; a revert goes backwards. */
enum change_kind {
	CHANGE_MODULE,		/* load a kernel module; vfio's own stay loaded (design, promise 1) */
	CHANGE_LINK,		/* a network link of the VM's: a tap on a bridge, a macvtap on a card */
	CHANGE_VF_DRIVERS,	/* sriov_drivers_autoprobe: drivers take virtual functions by themselves */
	CHANGE_VFS,		/* sriov_numvfs: how many virtual functions a physical one has */
	CHANGE_MOUNT,		/* a file system of the host's, unmounted */
	CHANGE_HUGEPAGES,	/* huge pages of one size, added to the host's */
	CHANGE_GOVERNOR,	/* how the clock of a cpufreq policy's CPUs is chosen */
	CHANGE_ISOLATION,	/* a VM's CPUs, taken from all else by a cpuset partition */
	CHANGE_IRQ,		/* the CPUs that interrupts go to */
	CHANGE_BRIDGE,		/* power/control of the bridge above a device */
	CHANGE_ANNOUNCE,	/* a card of a device, announced as gone to who follows udev */
	CHANGE_USER_SERVICE,	/* a unit of a user's own service manager, stopped */
	CHANGE_CONTAINER,	/* a container, stopped by its runtime */
	CHANGE_SERVICE,		/* a unit of the service manager's, stopped */
	CHANGE_COMMAND,		/* a program of the administrator's that stops what no service manager has */
	CHANGE_D3COLD,		/* d3cold_allowed */
	CHANGE_POWER,		/* power/control */
	CHANGE_OVERRIDE,	/* driver_override */
	CHANGE_RESET,		/* reset_method */
	CHANGE_UNLOAD,		/* unload a module that is above a device's host driver */
	CHANGE_UNBIND,		/* take the device from its host driver */
	CHANGE_REBAR,		/* the sizes of its resizable BARs, while it has no driver */
	CHANGE_BIND,		/* give it to the vfio driver */
	CHANGE_OWNER,		/* whose the node of its group is: /dev/vfio/GROUP */
	CHANGE_USB,		/* take an interface of a USB device from its host driver */
	CHANGE_MAX		/* no change: a free place, a closing record */
};

#define CHANGE_TEMPORARY "temporary" /* it runs, and is not started again: who keeps it forgets it */
#define CHANGE_NO_RESETS "none" /* a reset_method that lists nothing that can be written back */
#define CHANGE_TEXT_MAX 256 /* bytes of a target or a value, with its NUL */

/* A change: what it is made to, from what to what. Fixed size: it is sent as it is. */
struct change {
	uint32_t kind;		      /* enum change_kind */
	char target[CHANGE_TEXT_MAX]; /* a PCI address, a module's name */
	char from[CHANGE_TEXT_MAX];   /* what was there; "" is none */
	char to[CHANGE_TEXT_MAX];     /* what is to be there; "" is none */
};

/* What the target of a kind is. */
enum change_subject {
	CHANGE_OF_HOST,
	CHANGE_OF_DEVICE, /* a PCI device: its address; locked with its IOMMU group */
	CHANGE_OF_USB,	  /* an interface of a USB device: "1-2.3:1.0" */
};

/* How the needs of several VMs combine; the part of each stands in the host journal. */
enum change_combine {
	CHANGE_OWN,  /* one VM at a time: locked with its device */
	CHANGE_SAME, /* all want the same value: the first saves and makes it, the last puts it back */
	CHANGE_SUM,  /* `to` is an amount: each adds its own, and takes that away again */
};

/* Which field of a device's record holds what a kind found: that record is enough to revert. */
enum change_fact {
	CHANGE_FACT_NONE, /* nothing: it was not there */
	CHANGE_FACT_DRIVER,
	CHANGE_FACT_OVERRIDE,
	CHANGE_FACT_POWER,
	CHANGE_FACT_D3COLD,
};

struct change_grammar {
	const char *name; /* in the journal and in JSON; never renamed */
	const char *what; /* the attribute or object, for people */
	const char *none; /* for people: a value of ""; NULL: "none" */
	enum change_subject subject;
	enum change_fact fact; /* CHANGE_OF_DEVICE only */
	enum change_combine combine;
	bool stays;	  /* never put back */
	bool needs_from;  /* a target without the attribute ("") is left alone */
	bool when_built;  /* of the host, and made as late as devices' are: QEMU stands by then */
	bool shown;	  /* a line of its own in a run without -v */
	/* two targets that cannot be had at once, by whichever VMs; NULL: any can */
	bool (*apart)(const char *target, const char *other);
	/* what may stand in each field; what fits may become part of a path below /sys */
	bool (*target)(const char *text);
	bool (*from)(const char *text);
	bool (*to)(const char *text);
};

const struct change_grammar *change_grammar(uint32_t kind);
const char *change_name(uint32_t kind);
int change_from_name(const char *name);
bool change_is_cut(const struct change *c);
const char *change_wrong(const struct change *c);
bool change_set(struct change *c, enum change_kind kind, const char *target, const char *from,
		const char *to) must_check;

/* Can several VMs need it at once? */
static inline bool change_is_shared(uint32_t kind)
{
	return change_grammar(kind) && change_grammar(kind)->combine != CHANGE_OWN;
}

/* Is its target a PCI device? */
static inline bool change_is_of_device(uint32_t kind)
{
	return change_grammar(kind) && change_grammar(kind)->subject == CHANGE_OF_DEVICE;
}

/*
 * What a link is made as, in the words of its `to`: "tap on br0, 4 queues, fe:54:00:12:34:56" or
 * "macvtap on enp5s0, ...".
 */
#define CHANGE_LINK_MAX 16 /* IFNAMSIZ: a link's name with its NUL */
#define CHANGE_LINK_PREFIX "vr-"
#define CHANGE_LINK_QUEUES_MAX 16
struct change_link {
	bool macvtap;		    /* else a tap */
	char base[CHANGE_LINK_MAX]; /* the bridge that it is put on, or the card that it is made on */
	unsigned int queues;	    /* from 1 */
	uint8_t mac[6];
};

bool change_link_parse(const char *text, struct change_link *out);
void change_link_words(const struct change_link *link, char *buf, size_t size);
/* How a file system was mounted, in the words of `from`. */
struct change_mount {
	char type[32], source[128];
	unsigned long flags; /* of mount(2) */
	bool is_private;     /* other mount namespaces do not hear of it */
	char data[CHANGE_TEXT_MAX]; /* options of the file system itself; "" none */
};

bool change_mount_flag(const char *word, size_t length, unsigned long *flag);
bool change_mount_parse(const char *text, struct change_mount *out);
void change_mount_words(const struct change_mount *m, char *buf, size_t size);

/* Huge pages, in the words of a target: "2048kB", "2048kB on node1". */
struct change_pages {
	uint32_t kib;
	int32_t node; /* those of this node alone; -1: of any */
};

bool change_pages_parse(const char *text, struct change_pages *out);
void change_pages_words(const struct change_pages *pages, char *buf, size_t size);
bool change_pages_apart(const char *target, const char *other);


/* "0000:02:00.1/sound/card1": of which device, and its place below that */
bool change_announced_parse(const char *text, struct pci_address *device, const char **card);

/* "0000:01:00.0 0000:02:00.0": devices, a blank between two; "": none */
bool change_is_addresses(const char *text);

/* Is that one of them? "0000:01:00.0" is not "10000:01:00.0". */
static inline bool change_has_address(const char *list, const char *address)
{
	size_t n = strlen(address);

	for (const char *at = list; n && (at = strstr(at, address)); at++)
		if ((at == list || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return true;
	return false;
}

/* "1500/pipewire.service": whose unit, and which */
bool change_user_unit_parse(const char *text, uint32_t *uid, const char **unit);

/* "docker/ID", "podman/ID": the runtime, and the whole id */
#define CHANGE_CONTAINER_ID 64
bool change_container_parse(const char *text, const char **program, const char **id);

/* Sizes of a device's BARs in MiB, in the words of `from` and `to`: "bar0=16384M bar2=256M". */
#define CHANGE_BARS 6
struct change_bars {
	uint32_t mib[CHANGE_BARS]; /* a power of two; 0: not spoken of */
};

bool change_bars_parse(const char *text, struct change_bars *out);
void change_bars_words(const struct change_bars *bars, char *buf, size_t size);

/* A USB device by bus and port, and the same with an interface's "1.0" behind it. */
#define CHANGE_USB_MAX 32
bool change_is_usb(const char *text);
bool change_is_usb_interface(const char *text);
void change_usb_words(uint16_t vendor, uint16_t product, char *buf, size_t size);
bool change_usb_parse(const char *text, uint16_t *vendor, uint16_t *product);

bool change_is_word(const char *text);
bool change_is_line(const char *text);
void change_describe(const struct change *c, char *buf, size_t size);

/* Long enough for every description. */
#define CHANGE_LINE_MAX (3 * CHANGE_TEXT_MAX + 64)

#endif /* VFIO_RUN_CHANGE_H */
