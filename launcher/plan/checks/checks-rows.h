/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checks-rows.h - what the rows of the table work on
 *
 * Inside launcher/plan/checks only. A row reports what is wrong and nothing else: when
 * it has reported nothing, the engine records success, in the words of the table.
 */
#ifndef VFIO_RUN_PLAN_CHECKS_ROWS_H
#define VFIO_RUN_PLAN_CHECKS_ROWS_H

#include "launcher/base/holders.h"
#include "launcher/host/devices/nodes.h"
#include "launcher/host/host.h"
#include "launcher/plan/checks/checks.h"
#include "profiles/profile.h"

#define CHECK_HOLDERS_MAX 64
#define CHECK_TARGETS_MAX 512
/* Of the only card: there is no other one that the desktop could be told to draw on. */
#define CHECK_END_DESKTOP \
	"end the desktop for it, which comes back after the VM: a section [session] with " \
	"`stop = display-manager.service`"
#define CHECK_NAME_MAX 256   /* of a VM, quoted */
#define CHECK_REMEDY_MAX 640 /* with such a name in it, or with a place in a file */

/* A device that is to be moved, and what programs can have open of it. */
struct check_device {
	const struct host_device *host;
	const char *driver;                /* where it goes */
	struct host_nodes nodes;
};

/* The holders of all devices: /proc is scanned once. */
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
	const struct profile *profile; /* NULL of a detach, and of the host as a whole */
	const struct plan *plan;       /* NULL of the host as a whole */
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

void row_file_error(struct checking *c, const char *what, int error);
const char *check_storage_remedy(const char *use);
bool check_own_remedy(struct checking *c, int32_t pid, char name[CHECK_NAME_MAX],
		      char remedy[CHECK_REMEDY_MAX]);

bool check_other_display(struct checking *c, const struct host_device *card);
bool check_has_session(const struct checking *c);
bool check_is_asked(const struct checking *c, const struct holder *f);
bool check_ends_with_session(struct checking *c, const struct holder *f);

#define ROW(name, ask, when, well) void ask(struct checking *c);
#define FOUND(name, when, well)
#include "launcher/plan/checks/checks-table.inc"
#undef ROW
#undef FOUND

#endif /* VFIO_RUN_PLAN_CHECKS_ROWS_H */
