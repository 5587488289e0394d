/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cgroup.h - a place of its own for each kind of process, where cgroup v2 offers one */
#ifndef VFIO_RUN_CGROUP_H
#define VFIO_RUN_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "launcher/base/cleanup.h"

#define CGROUP_PATH_MAX 320

/* Below the VM's directory, or below the keeper's scope, where the VM's, the last, is elsewhere. */
enum cgroup_leaf {
	CGROUP_KEEPER,
	CGROUP_TWIN,
	CGROUP_WORKER,
	CGROUP_PROGRAM, /* made for the first of the user's programs */
	CGROUP_VM,
	CGROUP_LEAVES
};

struct cgroup {
	const char *root;	    /* where cgroup v2 is mounted; NULL: nowhere */
	bool ours;		    /* and no service manager arranges it */
	bool unsure;		    /* that could not be asked */
	char base[CGROUP_PATH_MAX]; /* the directory of the leaves; "" there are none */
	char home[CGROUP_PATH_MAX]; /* where the keeper came from and goes back to; "" nowhere */
	bool isolated;		    /* the VM has CPUs of its own, and its scope a slice; slice.c */
	bool scoped;		    /* base is below a scope that systemd has made, and takes away */
};

struct keeper;

void cgroup_plan(struct keeper *k);
void cgroup_setup(struct keeper *k);
int cgroup_leaf(const struct keeper *k, enum cgroup_leaf leaf) must_check;
pid_t cgroup_fork(int leaf, bool *inside) must_check;
void cgroup_enter_keeper(const struct keeper *k);
void cgroup_enter(const struct keeper *k, enum cgroup_leaf leaf);
void cgroup_enter_at(const char *base, enum cgroup_leaf leaf);
void cgroup_place(const struct keeper *k, enum cgroup_leaf leaf, pid_t pid);
void cgroup_place_vm(struct keeper *k, const pid_t *pid, size_t count);
void cgroup_join(const struct keeper *k, pid_t pid, pid_t other);
void cgroup_ask_programs(const struct keeper *k);
void cgroup_end_programs(const struct keeper *k, int patience_ms);
void cgroup_remove(struct keeper *k);
void cgroup_sweep(struct keeper *k);

#endif /* VFIO_RUN_CGROUP_H */
