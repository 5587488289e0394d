/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter.h - compiles the rows of filter-rows.c into the program that the kernel runs */
#ifndef VFIO_RUN_PLAN_FILTER_H
#define VFIO_RUN_PLAN_FILTER_H

#include <stdbool.h>

#include "launcher/base/cleanup.h"
#include "launcher/plan/filter-rows.h"

/* Which rows count, and what becomes of calls that none allows. */
struct filter_request {
	unsigned int needs; /* enum filter_need */
	bool log;	    /* they are made, and the kernel's log names them; FILTER_NEVER stays */
};

int filter_compile(const struct filter_request *request, int *fd_out) must_check;

#endif /* VFIO_RUN_PLAN_FILTER_H */
