/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal.h - what was changed, written down before it is changed */
#ifndef VFIO_RUN_JOURNAL_H
#define VFIO_RUN_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "launcher/base/change.h"
#include "launcher/base/pci-address.h"
#include "launcher/base/process.h"
#include "launcher/keeper/handover.h"

#define JOURNAL_BYTES_MAX (1024u * 1024)
#define JOURNAL_HEAD "vfio-run-journal\t" /* of its first line; then the format */
#define JOURNAL_FORMAT 3
#define JOURNAL_FORMAT_OLDEST 2 /* that is read: it knew of QEMU's process alone */
#define JOURNAL_WORKERS_MAX 32
#define JOURNAL_PROCESSES_MAX 16 /* a plan's programs, and some of them started again */
#define JOURNAL_PLANNED_MAX (2 * KEEPER_DEVICES_MAX) /* a reset and BARs of each */
#define JOURNAL_BOOT_MAX 40 /* a UUID with its NUL */

/* What a graphics card's driver has made of it. */
struct device_displays {
	unsigned int cards, connectors; /* of DRM */
	unsigned int connected;		/* connectors with a monitor behind them */
	bool kfd;			/* it is behind AMD's /dev/kfd */
	unsigned int nvidia;		/* the number of its /dev/nvidiaN and one; 0: it has none */
};

/* A device as it was found, before anything was changed. */
struct journal_device {
	struct pci_address address;
	char name[PCI_ADDRESS_TEXT]; /* the address as text */
	uint16_t vendor, device;
	int32_t group;
	char driver[CHANGE_TEXT_MAX];	 /* "" none */
	char module[CHANGE_TEXT_MAX];	 /* of that driver; "" none or built in */
	char override[CHANGE_TEXT_MAX]; /* "" none */
	char power[CHANGE_TEXT_MAX];	 /* power/control; "" no such attribute */
	char d3cold[CHANGE_TEXT_MAX];	 /* d3cold_allowed; likewise */
	char title[96];
	struct device_displays displays;
	struct process_id stuck; /* pid 0: not; else the worker that hangs in it */
	bool oopsed;		 /* the kernel oopsed in it: not touched again before a reboot */
	bool made;		 /* a virtual function that is not there without a change of the job's */
	bool removed;		 /* taken from the bus by us, to be found anew */
};

/* May it not be touched? A task died or hangs in it, and holds an unknown set of its locks. */
static inline bool journal_device_is_lost(const struct journal_device *d)
{
	return d->stuck.pid || d->oopsed;
}

/* A program of the VM that may have been executed. */
struct journal_process {
	char role[PROCESS_ROLE_MAX];
	struct process_id id;
	bool has_devices; /* they may go back when it is dead */
};

enum journal_class {
	JOURNAL_RUN,  /* stale as soon as its lock is free */
	JOURNAL_KEPT, /* of a finished detach: only attach reverts it */
};

struct journal {
	int fd;		      /* locked; -1: not open */
	char name[96];	      /* of the VM or the detach */
	char boot[JOURNAL_BOOT_MAX]; /* id of the boot that it is of; "" not known */
	enum journal_class class_;
	bool is_detach;
	bool begun; /* by this keeper, in a file that was empty: no other job needs it */
	unsigned int unread;	   /* lines that cannot be read: their content is not known */
	unsigned int first_unread; /* the number of the first one; 1 is the first line */
	unsigned int newer; /* the format, when it is one that is not known yet; 0: it is known */
	int write_error; /* the first -errno of an append; later changes are refused */
	struct process_id keeper;
	struct journal_process process[JOURNAL_PROCESSES_MAX];
	size_t process_count;
	struct process_id worker[JOURNAL_WORKERS_MAX];
	size_t worker_count;
	struct journal_device device[KEEPER_DEVICES_MAX];
	size_t device_count;
	/* what was begun; whether it took effect must be read from the kernel */
	struct change change[KEEPER_CHANGES_MAX];
	size_t change_count;
	/* by change: it was only to be started again, and could not be */
	enum journal_given_up { JOURNAL_NOT, JOURNAL_NOW, JOURNAL_BEFORE } given_up[KEEPER_CHANGES_MAX];
	/* of those that a device's own line has no field for: planned, begun or not */
	struct change planned[JOURNAL_PLANNED_MAX];
	size_t planned_count;
	/* to be run when all is back, by who gives it back in the place of a keeper and its standby; "": none */
	char hook_failed[CHANGE_TEXT_MAX], hook_released[CHANGE_TEXT_MAX];
	char picture[CHANGE_TEXT_MAX]; /* devices on one of which the desktop is to draw again; "": any */
	bool ran_stopped; /* that hook was run; of `failed` the path is "" then */
};

#define JOURNAL_INIT { .fd = -1 }

int journal_begin(struct journal *j, int fd, const char *name, bool is_detach) must_check;
int journal_reserve(struct journal *j, size_t devices, size_t changes) must_check;
int journal_load(struct journal *j, int fd) must_check;
int journal_read(struct journal *j, char *text, size_t size) must_check;

int journal_add_keeper(struct journal *j, const struct process_id *id) must_check;
int journal_add_hook(struct journal *j, const char *word, const char *path) must_check;
int journal_add_picture(struct journal *j, const char *devices) must_check;
int journal_add_ran(struct journal *j, const char *word);
int journal_add_device(struct journal *j, const struct journal_device *d) must_check;
int journal_add_planned(struct journal *j, const struct change *c) must_check;
int journal_add_change(struct journal *j, const struct change *c) must_check;
void journal_give_up(struct journal *j, const struct change *c);
bool journal_was_given_up(const struct journal *j, const struct change *c);
int journal_add_worker(struct journal *j, const struct process_id *id) must_check;
int journal_add_process(struct journal *j, const struct journal_process *p) must_check;
int journal_add_stuck(struct journal *j, struct journal_device *d, const struct process_id *id);
int journal_add_oopsed(struct journal *j, struct journal_device *d);
int journal_set_removed(struct journal *j, struct journal_device *d, bool removed);
int journal_set_class(struct journal *j, enum journal_class class_) must_check;
size_t journal_find_change(const struct journal *j, uint32_t kind, const char *target);
struct journal_device *journal_device(struct journal *j, const char *name);
char *journal_fact(struct journal_device *d, enum change_fact fact);

/* between the files journal*.c and shared-file.c */
const char *journal_boot(char buf[JOURNAL_BOOT_MAX]);
bool journal_takes_device(const struct journal_device *d);
bool journal_salvage(struct journal *j, const struct change *c);
void journal_repair(struct journal *j);
void journal_forget_dead(struct journal *j);
void journal_find_groups(struct journal *j);

#endif /* VFIO_RUN_JOURNAL_H */
