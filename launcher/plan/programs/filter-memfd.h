/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter-memfd.h - the rows of filter-rows.c, compiled into the program that the kernel runs */
#ifndef VFIO_RUN_PLAN_FILTER_H
#define VFIO_RUN_PLAN_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/cleanup.h"
#include "launcher/plan/programs/filter-rows.h"

/* Which rows count, and what becomes of calls that none allows. */
struct filter_request {
	unsigned int needs; /* enum filter_need */
	bool log;	    /* they are made, and the kernel's log names them; FILTER_NEVER stays */
};

/*
 * One for each request: those without a log first; of these QEMU's, each by its needs, and behind
 * them those of the programs that serve it.
 */
#define FILTER_KINDS (FILTER_NEEDS_ALL + 2)
#define FILTER_PROGRAMS (2 * FILTER_KINDS)

struct filter_program {
	const struct sock_filter *code;
	size_t size; /* bytes */
};

extern const struct filter_program filter_programs[FILTER_PROGRAMS];

int filter_open(const struct filter_request *request, int *fd_out) must_check;

/* compile/filter-compile.c: when vfio-run is built, and in tests */
struct filter_request filter_request_of(unsigned int index);
int filter_compile(const struct filter_request *request, int *fd_out) must_check;

#endif /* VFIO_RUN_PLAN_FILTER_H */
