// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter-list.c - what QEMU's filter refuses, as `NUMBER ERRNO NAME` lines, for the probe
 *
 * All numbers that a call can have: the kernel may know more of them than the library that
 * compiled the filter, which answers those with ENOSYS.
 *
 * Calls of which it depends on an argument are listed with what an odd argument gets.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/plan/programs/filter-rows.h"

/* 0: allowed, or deadly. All arguments are taken to be -1. */
static int answer(const char *name)
{
	for (size_t i = 0; i < filter_row_count; i++) {
		const struct filter_row *row = &filter_rows[i];

		if (strcmp(row->call, name) || row->need ||
		    (UINT64_MAX & row->argument.mask) != row->argument.value)
			continue;
		return row->verdict == FILTER_ABSENT ? ENOSYS : row->verdict == FILTER_REFUSE ? EPERM : 0;
	}
	return EPERM;
}

int main(void)
{
	for (int call = 0; call < 1024; call++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call);
		int error = name ? answer(name) : ENOSYS;

		if (error)
			printf("%d %d %s\n", call, error, name ? name : "unknown");
		free(name);
	}
	return 0;
}
