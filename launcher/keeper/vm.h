/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vm.h - a running VM: its processes, and what decides about its end */
#ifndef VFIO_RUN_VM_H
#define VFIO_RUN_VM_H

#include <stdbool.h>

#include "launcher/keeper/jail.h"
#include "launcher/keeper/keep.h"

struct vm {
	struct keep *keep;
	struct jailed qemu;
	struct jailed qmp;    /* vfio-qmp */
	int records;	      /* SOCK_SEQPACKET to vfio-qmp; -1: it is gone */
	int monitor;	      /* a copy of QEMU's monitor, never read: without one a reader that dies takes it along */
	int timer;	      /* timerfd, disarmed while the guest runs */
	unsigned int state;   /* enum vm_state */
	bool asked;	      /* the user asked for the end */
	bool ran;	      /* the guest ran */
	bool failed;	      /* the guest ended in a way that is no success */
	bool monitor_works;
	bool dead;	      /* QEMU is reaped */
	bool left;	      /* stuck in the kernel, and the user does not wait any longer */
	int status;	      /* of wait(2) */
};

#define VM_INIT(k) { .keep = (k), .qemu = JAILED_NONE, .qmp = JAILED_NONE, .records = -1, .monitor = -1, .timer = -1 }

/* launch.c */
int vm_launch(struct vm *vm) must_check;
void vm_end_qmp(struct vm *vm);
void vm_close(struct vm *vm);
int vm_tell(const struct vm *vm, unsigned int type);

/* loop.c */
void vm_loop(struct vm *vm);

/* verdict.c */
int vm_verdict(struct vm *vm);

#endif /* VFIO_RUN_VM_H */
