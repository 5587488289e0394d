/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm-status.h - the public state of a running VM: /run/vfio-run/vm/NAME/status
 *
 * A text of fixed size, made by the keeper before the first change and rewritten in place
 * with one write at each change of state. It ends with a checksum: a reader that catches
 * a write under way detects it, and reads again.
 *
 * The last write adds how the run ended. The file has no name any more by then, or loses it: who
 * opened it before reads that from it, and nothing of a VM that has ended stays in /run.
 */
#ifndef VFIO_RUN_VM_STATUS_H
#define VFIO_RUN_VM_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/pci-address.h"
#include "launcher/base/process.h"

#define VM_STATUS_SIZE 3072 /* bytes of the file, padding included */
#define VM_STATUS_NAME_MAX 33
#define VM_STATUS_EVENT_MAX 24
#define VM_STATUS_EXIT_MAX 255
#define VM_STATUS_DEVICES_MAX 64
#define VM_STATUS_PROCESSES_MAX 16 /* keeper, standby, and the programs of a plan */
#define VM_STATUS_KEEPER "keeper" /* roles that are no program's */
#define VM_STATUS_STANDBY "standby"

enum vm_status_state {
	VM_STATUS_PREPARING, /* changes are made */
	VM_STATUS_STARTING,  /* QEMU makes its devices */
	VM_STATUS_RUNNING,
	VM_STATUS_PAUSED,    /* its processors are stopped */
	VM_STATUS_SUSPENDED, /* the guest sleeps */
	VM_STATUS_PANICKED,  /* the guest's kernel panicked, and on-panic = pause */
	VM_STATUS_STOPPING,  /* its end was requested */
	VM_STATUS_RESTORING, /* QEMU is dead, the devices go back */
	VM_STATUS_STATES
};

struct vm_status_process {
	char role[PROCESS_ROLE_MAX]; /* "": behind the last one */
	struct process_id id;	     /* pid 0: there is none now */
};

struct vm_status {
	char name[VM_STATUS_NAME_MAX];
	char user[VM_STATUS_NAME_MAX];
	enum vm_status_state state;
	int64_t since;				       /* of the run: seconds of CLOCK_REALTIME */
	struct vm_status_process process[VM_STATUS_PROCESSES_MAX]; /* in the order of their starts */
	char event[VM_STATUS_EVENT_MAX];	       /* the guest's last, "" none: [a-z-] */
	int64_t event_at;			       /* when; seconds of CLOCK_REALTIME */
	struct pci_address device[VM_STATUS_DEVICES_MAX];
	size_t device_count;
	bool ended;		      /* the run has: */
	unsigned int exit_code;	      /* with that one, of keeper.h; at most VM_STATUS_EXIT_MAX */
};

struct vm_status_process *vm_status_process(struct vm_status *s, const char *role);
struct process_id vm_status_id(const struct vm_status *s, const char *role);
const char *vm_status_state_name(enum vm_status_state state);
int vm_status_render(const struct vm_status *s, char buf[VM_STATUS_SIZE]) must_check;
int vm_status_parse(const char *buf, size_t size, struct vm_status *out) must_check;
int vm_status_read(int fd, struct vm_status *out) must_check;

#endif /* VFIO_RUN_VM_STATUS_H */
