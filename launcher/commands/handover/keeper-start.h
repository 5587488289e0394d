/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keeper-start.h - vfio-run becomes the keeper, or starts one and listens to it */
#ifndef VFIO_RUN_KEEPER_START_H
#define VFIO_RUN_KEEPER_START_H

#include <stdbool.h>

#include "launcher/base/cleanup.h"
#include "launcher/keeper/handover.h"

struct cli;
struct plan;

typedef void (*keeper_report_fn)(void *context, const struct keeper_report *report);

uint32_t keeper_flags(const struct cli *cli);
/* What a run hands over beside the plan; borrowed, -1: not there. */
struct keeper_files {
	int filter; /* QEMU's system call filter */
	int log;    /* for QEMU's output */
	int rows;   /* commands for QEMU */
	int settings; /* that QEMU reads */
	int display; /* where clients of the display connect, listening; not when the keeper makes it */
	int given; /* a socket with descriptors for QEMU */
	int filter_beside; /* of a program that serves QEMU */
	int report; /* to the viewer of a run that outlives it */
	int syslog; /* a datagram socket to the system's log */
};

void keeper_files_close(struct keeper_files *files);

int keeper_become(const struct cli *cli, int plan_fd, const struct keeper_files *files) must_check;
int keeper_call(const struct cli *cli, int plan_fd, int filter_fd, keeper_report_fn fn,
		void *context) must_check;

#endif /* VFIO_RUN_KEEPER_START_H */
