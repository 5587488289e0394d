// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter-list.c - what QEMU's filter refuses, as `NUMBER ERRNO NAME` lines, for the probe
 *
 * Calls of which it depends on an argument are listed with what an odd argument gets.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/plan/filter-rows.h"

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
	int last = 0;

	for (int call = 0; call < 1024; call++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call);

		if (name)
			last = call;
		if (name && answer(name))
			printf("%d %d %s\n", call, answer(name), name);
		free(name);
	}
	for (int call = last + 10; call < last + 20; call++)
		printf("%d %d unknown\n", call, ENOSYS);
	return 0;
}
