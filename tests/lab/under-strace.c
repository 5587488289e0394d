// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * under-strace.c - stands in the keeper's place, so that its calls can be made to fail
 *
 * kill-matrix installs it as `keeper` and moves the real one to `keeper.real`. A keeper of
 * the job whose number stands in the first line of OPTIONS is started under strace with the
 * options that follow, one in a line; every other one as it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/keeper/keeper.h"

#define OPTIONS "/tmp/lab/under-strace"
#define REAL "/usr/local/libexec/vfio-run/keeper.real"

int main(int argc, char **argv)
{
	static char text[4096];
	static struct keeper_plan plan;
	char name[] = "strace", end[] = "--", real[] = REAL;
	char *option[64] = { name };
	size_t n = 1;
	FILE *f = fopen(OPTIONS, "re");
	unsigned int job = KEEPER_JOB_MAX;
	char *line;

	(void)argc;
	if (f) {
		text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
		(void)fclose(f);
		job = (unsigned int)strtoul(text, NULL, 10);
	}
	if (pread(KEEPER_FD_PLAN, &plan, sizeof(plan), 0) == (ssize_t)sizeof(plan) &&
	    plan.job == job) {
		(void)strtok(text, "\n");
		while (n < 60 && (line = strtok(NULL, "\n")))
			option[n++] = line;
		option[n++] = end;
		option[n] = real;
		(void)execv("/usr/bin/strace", option);
	}
	(void)execv(REAL, argv);
	return 126;
}
