/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checks-rows.h - what the rows of the table work on
 *
 * Inside launcher/plan/checks*.c only. A row says what is wrong and nothing else: when
 * it has said nothing, the engine says that all is well, in the words of the table.
 */
#ifndef VFIO_RUN_PLAN_CHECKS_ROWS_H
#define VFIO_RUN_PLAN_CHECKS_ROWS_H

#include "launcher/base/holders.h"
#include "launcher/host/host.h"
#include "launcher/host/nodes.h"
#include "launcher/plan/checks.h"
#include "profiles/profile.h"

#define CHECK_HOLDERS_MAX 64
#define CHECK_TARGETS_MAX 512
#define CHECK_WANTED_MAX 256
#define CHECK_NAME_MAX 256   /* of a VM, quoted */
#define CHECK_REMEDY_MAX 320 /* with such a name in it */

/* A device that is to be moved, and what programs can have open of it. */
struct check_device {
	const struct host_device *host;
	const struct profile_device *requested; /* its section; NULL in a detach */
	const char *driver;                /* where it goes */
	struct host_nodes nodes;
};

/* Who holds what, of all devices: /proc is gone through once. */
struct check_holders {
	bool scanned;
	int error; /* of the scan */
	struct holder_scan scan;
	struct holder found[CHECK_HOLDERS_MAX];
	struct holder_target target[CHECK_TARGETS_MAX];
	size_t device[CHECK_TARGETS_MAX];                /* whose target it is */
	const struct host_node *node[CHECK_TARGETS_MAX]; /* NULL: NVIDIA's own, not in sysfs */
	size_t targets;
};

struct checking {
	const struct checks_request *request;
	struct host *host;
	int root;
	const struct profile *profile;
	struct check_device *device; /* those to be moved, sorted by address */
	size_t device_count;
	const int *group;
	size_t group_count;
	struct check_holders *holders;
	const char *row; /* the name of the one at work */
	struct check_results *results;
};

void row_failed(struct checking *c, const char *remedy, const char *format, ...) printf_like(3, 4);
void row_skipped(struct checking *c, const char *format, ...) printf_like(2, 3);
void row_remark(struct checking *c, const char *remedy, const char *format, ...) printf_like(3, 4);
bool row_is_root(const struct checking *c);
bool check_moves(const struct checking *c, const struct host_device *d);

/* A device that the profile asks for, by name or with its card or group, usable or not. */
struct check_wanted {
	const struct host_device *host;
	size_t section;
	bool named; /* by the section's `device` itself */
};
size_t check_wanted(struct checking *c, struct check_wanted *out, size_t room);
bool check_takes_group(const struct profile_device *requested);
const struct host_device *check_section(struct checking *c, size_t section);
void row_file_error(struct checking *c, const char *what, int error);

/* checks-iommu.c: the way to the guest */
void check_iommu(struct checking *c);
void check_group(struct checking *c);
void check_members(struct checking *c);
void check_bridges(struct checking *c);
void check_foreign(struct checking *c);
void check_reserved(struct checking *c);
void check_unsafe_interrupts(struct checking *c);
void check_no_iommu_mode(struct checking *c);
void check_gpus(struct checking *c);

/* checks-device.c: the device itself */
void check_named(struct checking *c);
void check_graphics_card(struct checking *c);
void check_named_twice(struct checking *c);
void check_endpoint(struct checking *c);
void check_stuck(struct checking *c);
void check_answers(struct checking *c);
void check_sriov(struct checking *c);
void check_denylist(struct checking *c);

/* checks-use.c: what the host uses it for */
void check_storage(struct checking *c);
void check_network(struct checking *c);
void check_keyboard(struct checking *c);
void check_console(struct checking *c);
void check_serial(struct checking *c);

/* checks-holders.c: what programs use it for */
void check_vfio_open(struct checking *c);
void check_holders(struct checking *c);
void check_sound(struct checking *c);

/* checks-claims.c: who else moves devices */
void check_contained(struct checking *c);
void check_unexplained(struct checking *c);
void check_vm_running(struct checking *c);
void check_locked(struct checking *c);
void check_libvirt(struct checking *c);
void check_supergfxd(struct checking *c);
void check_driverctl(struct checking *c);
void check_vfio_ids(struct checking *c);
void check_leftovers(struct checking *c);
bool check_own_remedy(struct checking *c, int32_t pid, char name[CHECK_NAME_MAX],
		      char remedy[CHECK_REMEDY_MAX]);

/* checks-keeper.c: what the keeper's own steps need */
void check_sysfs(struct checking *c);
void check_run(struct checking *c);
void check_programs(struct checking *c);
void check_capabilities(struct checking *c);
void check_limits(struct checking *c);
void check_namespaces(struct checking *c);
void check_seccomp(struct checking *c);
void check_tasks(struct checking *c);

/* checks-vm.c: what the VM needs beside devices */
void check_supported(struct checking *c);
void check_kvm(struct checking *c);
void check_modules(struct checking *c);
void check_qemu_devices(struct checking *c);
void check_memory(struct checking *c);

#endif /* VFIO_RUN_PLAN_CHECKS_ROWS_H */
