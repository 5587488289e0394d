/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vms.h - VMs and detaches of vfio-run itself, as /run/vfio-run shows them */
#ifndef VFIO_RUN_HOST_VMS_H
#define VFIO_RUN_HOST_VMS_H

#include "launcher/host/host.h"

struct host_vm {
	char name[HOST_WORD_MAX];
	bool detach; /* a `detach`, else a VM */
	int32_t pid; /* its keeper's */
	bool alive;  /* false: it was interrupted and has left devices behind */
};

int host_vms(struct host *h, struct host_vm **out, size_t *count) must_check;
int host_mark_all_stuck(struct host *h) must_check;
bool host_vm_of_process(struct host *h, int32_t pid, struct host_vm *out) must_check;
int host_group_owner(struct host *h, int group, int32_t *pid) must_check;

#endif /* VFIO_RUN_HOST_VMS_H */
