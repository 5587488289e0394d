/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.h - what a run will do: devices, changes in order, the jail, QEMU's arguments
 *
 * Made from a profile and a snapshot of the host, by pure functions: the same input
 * gives the same plan, so --dry-run, the golden tests and the run itself agree.
 *
 * Made in two steps. plan_select() finds the devices. Then the table of checks (checks.h) is
 * run on them, which has every sentence that refuses something. When it has refused
 * nothing, plan_complete() adds the changes, the jail and QEMU's arguments.
 */
#ifndef VFIO_RUN_PLAN_H
#define VFIO_RUN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "launcher/base/change.h"
#include "launcher/base/cpus.h"
#include "launcher/base/pci-address.h"
#include "launcher/keeper/handover.h"
#include "profiles/profile.h"

struct host;
struct host_device;
struct host_smbios;
struct plan_usb;

/* A device that the plan moves to a vfio driver. */
struct plan_device {
	const struct host_device *host; /* borrowed from the snapshot */
	char driver[CHANGE_TEXT_MAX];	/* the vfio driver that it goes to */
	bool assigned;			/* the guest gets it; false: only held */
	size_t section;			/* index into the plan's requested */
	unsigned int number;		/* that of its `vf`, which this device is; 0: it is not one */
	unsigned int boot_index;	/* the guest's boot order; 0: it is not in it */
	struct change_bars bars;	/* those that are resized, and to what */
	char quirk_reset[32];		/* what `reset = auto` means for it; "": the kernel's own */
};

/* A device that a section stands for, whatever is wrong with it. */
struct plan_wanted {
	const struct host_device *host; /* borrowed from the snapshot */
	size_t section;
	bool named;    /* by the section's `device` itself; false: with its slot or group */
	bool assigned; /* as in struct plan_device */
	bool no_function; /* its `vf` is not to be had: this is the physical function */
	bool misnamed; /* a [gpu] names it, and it is no graphics card */
};

/* A device node of the private /dev, made with the numbers of the host's. */
struct plan_node {
	char path[64]; /* below /dev: "kvm", "vfio/vfio" */
	bool block, readonly;
	uint32_t major, minor; /* 0, 0: read from the kernel when the device is bound (vfio/GROUP) */
	bool late; /* made when the devices are taken: QEMU runs already */
};

/* A file, directory or socket that is in the jail, at the same place. */
struct plan_file {
	char *path; /* absolute */
	bool writable, executable;
	unsigned int program; /* in whose jail: 0 QEMU's, else its number among the plan's rows */
};

/* A program beside QEMU and vfio-qmp. */
struct plan_beside {
	struct keeper_program row; /* without the counts of its strings */
	char **argv, **env;	   /* NULL-terminated */
};

/* A file in /dev/shm that QEMU has by descriptor, and programs of its user by its name. */
struct plan_shared {
	char path[96];
	uint64_t bytes;
	int fd; /* QEMU's */
};

struct plan_jail {
	uint32_t uid, gid;
	char user[33];
	char home[256];
	uint64_t memlock_bytes; /* 0: nothing is locked, the limit stays */
	bool private_network; /* an empty network namespace */
	struct plan_node *node;
	size_t node_count;
	const char *sandbox; /* the profile's word: "strict", "log", "off" */
	unsigned int needs;  /* enum filter_need: what the filter allows beyond every VM's */
	struct plan_file *file; /* sorted; without what is the system's */
	size_t file_count;
};

struct plan {
	char name[33];
	struct profile_device *requested; /* a copy of the sections, whose texts are borrowed */
	size_t requested_count;
	struct plan_wanted *wanted; /* in the order of the sections, what groups add behind them */
	size_t wanted_count;
	struct plan_device *device; /* of those wanted what can be moved; sorted by address */
	size_t device_count;
	struct plan_usb *usb; /* one for each of profile->usb */
	size_t usb_count;
	char **usb_plug; /* for each of them the arguments of device_add, as plug */
	bool usb_boots;	 /* the guest's firmware is to look at one of them */
	struct keeper_input input[KEEPER_INPUTS_MAX]; /* of the first of profile->input */
	size_t input_count;
	char **input_plug; /* of each, for the node of each: the arguments of object-add */
	int *group; /* the IOMMU groups, ascending */
	size_t group_count;
	bool has_owner; /* of a detach: the groups' nodes go to a user */
	uint32_t owner; /* whose uid this is */
	struct change *change; /* in the order in which they are made */
	size_t change_count;
	struct plan_jail jail;
	char *qemu;    /* absolute path */
	char **argv;   /* NULL-terminated; argv[0] is the path */
	char **environ_; /* NULL-terminated, "NAME=value" */
	bool guest_agent; /* QEMU gets the socket of the guest's agent */
	bool settings;	  /* and settings to read, which stand on no command line */
	bool cold; /* a device that QEMU can make at its start only: all are made then */
	char **plug; /* arguments of device_add in JSON, in that order; NULL-terminated; NULL: none */
	bool populate;	/* all of the guest's memory is touched before the first device is taken */
	bool no_reboot; /* QEMU is told to end when its guest reboots */
	struct plan_shared *shared;
	size_t shared_count;
	uint32_t channel[KEEPER_QEMU_NETS_MAX + KEEPER_QEMU_SERVED_MAX]; /* enum keeper_channel; of
				* QEMU's network cards, disks and shared memory, then of what serves it */
	size_t channel_count;
	struct plan_beside *beside; /* in the order of their rows, the first of which is PLAN_BESIDE_FIRST */
	size_t beside_count;
	char *tpm_state; /* a directory of the user's; NULL: the VM has no TPM */
	uint64_t memory_bytes;
	struct change_pages pages; /* that the memory is made of; of no size: not of huge ones */
	bool fast; /* the clocks of its CPUs, or of all, are as high as they can be */
	unsigned int address_limit; /* bits: the IOMMU makes no more, the processor does; 0: it does not matter */
	bool topoext; /* the guest is told which of its processors are threads of a core by AMD's flag */
	bool vendor_reset; /* what its module knows is reset by it */
	bool moves_irqs; /* the host's interrupts are kept off them */
	bool isolates; /* they are taken from all else */
	struct cpu_places places; /* of QEMU's threads */
	unsigned int shutdown_timeout_s;
	unsigned int trial_s; /* the guest runs so long at most; 0: as long as it likes */
	const char *on_panic, *on_hangup, *inhibit; /* the profile's words */
	const char *screen;  /* vfio-qmp's option for the clients of the display; NULL: it has none */
	bool host_name; /* QEMU keeps the host's: the right to an X11 display is kept by it */
	bool display_socket; /* they connect to the socket beside `control`, and to no other */
	const struct plan_kept *kept; /* borrowed from the facts */
	size_t kept_count;
	const struct plan_holder *holder; /* likewise */
	size_t holder_count;
	char picture[CHANGE_TEXT_MAX]; /* the devices on one of which the desktop is to draw again; "" any */
	bool asks; /* what is stopped or ended is the user's: that is asked before */
	const char *hook[KEEPER_HOOK_MAX]; /* the profile's paths; NULL: none */
	char *nvram_template; /* NULL: no copy to make */
	char *nvram;	      /* the copy, in the user's state directory */
	char *log;	      /* QEMU's output, likewise */
	char *firmware_code;
};

#define PLAN_BESIDE_FIRST 2 /* behind QEMU and vfio-qmp */

/* What a [disk] is on this host; opened and looked at as the VM's user. */
struct plan_disk_facts {
	bool unknown; /* it could not be reached: it may be a disk that the host uses */
	bool block; /* a block device: its node goes into the jail */
	uint32_t major, minor;
	bool direct; /* it can be opened with O_DIRECT */
	bool native; /* and QEMU has Linux AIO for that */
	const char *node; /* of a block device: resolved, below /dev: "nvme0n1p3" */
};

/* What an [input] is on this host. */
struct plan_input_facts {
	char node[24]; /* below /dev/input: "event3"; "" not found */
	uint32_t major, minor;
	bool keyboard, absolute; /* neither: a mouse */
	bool can_toggle; /* it is no keyboard, or has the keys of its `grab-toggle` */
	struct evdev_identity identity; /* to know it by when it is plugged in again */
};

/* A [session] stop: the unit that it is on this host. */
struct plan_unit {
	const char *name; /* as the service manager has it; NULL: it was not found */
	bool running;
	bool transient; /* it is not started again: systemd forgets it */
	bool display; /* the host's display manager */
	char drawn[CHANGE_TEXT_MAX]; /* the devices that it draws on; "" not known */
};

/* What holds a device, is stopped for it by what keeps it, and started again by that; or is asked to let go. */
struct plan_kept {
	enum change_kind kind;
	const char *target, *from; /* of that change */
	const char *who;	   /* for people, safe to print */
};

/* A process that holds a device, and is ended for it, or asked. */
struct plan_holder {
	struct process_id id;
	bool as_unit; /* it ends with a unit or a container that is stopped */
	bool asked;   /* it does not end: it lets go when the card is announced as gone */
	const char *who; /* for people, safe to print */
};

/* Where a window is shown; both NULL: nowhere. */
struct plan_window {
	const char *x11, *display, *authority; /* the socket, ":0", a file or "" */
	const char *wayland;                   /* the socket */
	const char *fonts; /* where the system says which fonts it has; NULL: nowhere */
};

/* Where the sound goes; the sockets and nodes are the VM's user's. */
struct plan_audio {
	const char *driver; /* QEMU's; NULL: not known, as without [audio] */
	const char *socket; /* of the session's server; NULL: none is needed */
	const char *device; /* ALSA's name of the card */
	const struct plan_node *node; /* likewise */
	size_t node_count;
};

/* A render node that the VM's user may use. */
struct plan_render {
	char node[24];	 /* below /dev/dri */
	char device[64]; /* whose it is: a PCI address, or another name */
	uint32_t major, minor;
};

/* A kvmfr device of the host's. */
struct plan_kvmfr {
	uint32_t major, minor; /* 0, 0: there is none */
	uint64_t bytes;
};

/* The inputs that are neither profile nor PCI snapshot; all found by launcher/host. */
struct plan_host_facts {
	uint32_t uid, gid; /* the VM's user */
	const char *user;
	const char *home;
	const char *qemu; /* absolute path of the emulator */
	unsigned int qemu_version; /* major << 16 | minor << 8 | micro */
	const char *firmware_code;  /* NULL unless the profile wants uefi */
	const char *nvram_template; /* NULL likewise */
	const char *firmware_format; /* "raw" or "qcow2" */
	const char *nvram;	     /* the profile's, or the default in the user's state directory */
	char *const *extra_argument; /* after "--", NULL-terminated or NULL */
	const struct plan_disk_facts *disk;  /* one for each of profile->disk; NULL: all are files */
	bool vhost; /* the VM's user may open /dev/vhost-net */
	const bool *multi_queue; /* for each of profile->net: its tap has several queues; NULL: none has */
	const char *nvram_format;	     /* NULL: firmware_format */
	const struct plan_file *file; /* behind the disks, and in what the user added by hand */
	size_t file_count;
	unsigned int hyperv; /* a set of hyperv_features; 0 unless the profile wants them */
	const struct host_smbios *smbios; /* NULL unless the profile wants the host's strings */
	struct plan_window window;
	struct plan_kvmfr kvmfr;
	bool vendor_reset; /* its module is loaded, or can be */
	const struct plan_render *render; /* of `type = egl-headless`: all that there are */
	size_t render_count;
	struct plan_audio audio;
	const char *swtpm, *tpm_device; /* NULL unless the profile wants a TPM */
	const char *passt;		/* NULL: QEMU's own network is used */
	const char *virtiofsd;		/* NULL unless it shares a directory */
	bool virtiofsd_of_qemu;		/* the one in C, which is root in a namespace of its own */
	const struct plan_input_facts *input; /* one for each of profile->input; NULL: not looked at */
	const struct plan_unit *unit; /* one for each of profile->session_stop, then those that hold a device */
	size_t unit_count;	      /* 0: none is known */
	const struct plan_kept *kept; /* what is stopped by what keeps it, likewise */
	size_t kept_count;
	const struct plan_holder *holder; /* processes that are ended, as the profile says */
	size_t holder_count;
	const char *const *variant; /* for each of profile->device the driver that `driver = auto`
				     * stands for, NULL: vfio-pci; NULL: vfio-pci for all */
};

int plan_select(const struct profile *profile, struct host *host, const struct plan_host_facts *facts,
		struct plan **out) must_check;
int plan_select_detach(struct host *host, const struct pci_address *address, size_t count,
		       struct plan **out) must_check;
int plan_complete(struct plan *plan, const struct profile *profile, struct host *host,
		  const struct plan_host_facts *facts) must_check;
void plan_free(struct plan *plan);
bool plan_needs_usb(const struct profile *p);
const struct plan_render *plan_render(const struct plan *plan, const struct plan_host_facts *facts);
const char *plan_video(const struct profile *p);
const char *plan_pointer(const struct profile *p);
const char *plan_audio_card(const struct profile *p);
bool plan_is_filtered(const struct plan *plan);
bool plan_cache_is_direct(enum profile_cache cache, bool takes);
const char *plan_disk_driver(enum profile_bus bus, const char **controller);
bool plan_disk_is_written(const struct profile_disk *disk);
size_t plan_temporaries(const struct profile *p, size_t count);
bool plan_disk_is_qcow2(const struct profile_disk *disk, bool block);

#endif /* VFIO_RUN_PLAN_H */
