/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter-rows.h - QEMU's system calls: which it may make, and why
 *
 * Data only, without a library: tests try every row, allowed and refused.
 */
#ifndef VFIO_RUN_PLAN_FILTER_ROWS_H
#define VFIO_RUN_PLAN_FILTER_ROWS_H

#include <stddef.h>
#include <stdint.h>

enum filter_verdict {
	FILTER_ALLOW,  /* the call is made */
	FILTER_REFUSE, /* EPERM, also where sandbox = log lets the others pass */
	FILTER_ABSENT, /* ENOSYS: callers have another way */
	FILTER_NEVER,  /* the whole process is killed: QEMU never makes it */
};

/* What a row is only there for; 0: for every VM. */
enum filter_need {
	FILTER_NETWORK = 1 << 0, /* QEMU reaches the host's network itself */
	FILTER_TAP = 1 << 1,	 /* a tap */
	FILTER_USB = 1 << 2,	 /* a USB device of the host's */
	FILTER_RENDER = 1 << 3,	 /* a render node of the host's */
	FILTER_NEEDS_ALL = FILTER_NETWORK | FILTER_TAP | FILTER_USB | FILTER_RENDER,
	/* of programs that serve QEMU, each with a filter of its own: never with one of the above */
	FILTER_SWTPM = 1 << 16,
};

/* One argument, of which only the bits of @mask count; mask 0: any. */
struct filter_argument {
	unsigned int index;
	uint64_t mask, value;
};

struct filter_row {
	const char *call;
	enum filter_verdict verdict;
	unsigned int need; /* enum filter_need */
	struct filter_argument argument;
	const char *why;
};

extern const struct filter_row filter_rows[];
extern const size_t filter_row_count;

#endif /* VFIO_RUN_PLAN_FILTER_ROWS_H */
