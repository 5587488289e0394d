// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * points.c - the tracer's log: which process made which calls, and their results
 */
#include <stdio.h>
#include <string.h>

#include "tests/lab/matrix/driver.h"

/* The first process with that name; "w:" is the beginning of a worker's. Its path, or "". */
void path_of(const char *log_file, const char *who, char path[PATH_LENGTH])
{
	char line[256], named[PATH_LENGTH], name[64];
	const char *wanted = !strcmp(who, "worker") ? "w:" : !strcmp(who, "standby") ? "vfio-standby" : who;
	FILE *log = fopen(log_file, "re");

	(void)strcpy(path, !strcmp(who, "keeper") ? "0" : "");
	while (log && !*path && fgets(line, sizeof(line), log))
		if (sscanf(line, "N %23s %63s", named, name) == 2 && !strncmp(name, wanted, strlen(wanted)))
			(void)strcpy(path, named);
	if (log)
		(void)fclose(log);
}

static bool is_point(long number)
{
	const char *name = call_of(number)->name;

	return strcmp(name, "restart_syscall") && strcmp(name, "rt_sigreturn");
}

/* The calls of one process in the log, from START on, or until there. */
size_t read_points(const char *log_file, const char *path, const char *start, bool until,
		   struct point *points)
{
	static unsigned int count[512];
	char line[256], of[PATH_LENGTH], name[32], detail[128], both[192];
	FILE *log = fopen(log_file, "re");
	bool started = !*start;
	size_t n = 0;

	memset(count, 0, sizeof(count));
	while (log && n < POINTS_MAX && fgets(line, sizeof(line), log)) {
		long number;

		if (sscanf(line, "C %23s %31s %127s", of, name, detail) != 3 || strcmp(of, path))
			continue;
		(void)snprintf(both, sizeof(both), "%s %s", name, detail);
		started = started || strstr(both, start);
		number = call_number(name);
		if (number < 0 || number >= 512)
			continue;
		count[number]++;
		if (started == until || !is_point(number))
			continue;
		points[n] = (struct point){ .call = number, .count = count[number] };
		(void)strcpy(points[n++].path, path);
	}
	if (log)
		(void)fclose(log);
	return n;
}

static bool same_point(const struct point *a, const struct point *b)
{
	return a->call == b->call && a->count == b->count && !strcmp(a->path, b->path);
}

/* Only what two runs have in common is sure to be there in the third. */
size_t in_both(struct point *a, size_t count, const struct point *b, size_t others)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < others; k++)
			if (same_point(&a[i], &b[k])) {
				a[n++] = a[i];
				break;
			}
	return n;
}

/* How many of the faults have happened. */
unsigned int hits(void)
{
	char line[256];
	unsigned int n = 0, which;
	FILE *log = fopen(LOG_FILE, "re");

	while (log && fgets(line, sizeof(line), log))
		n += sscanf(line, "H %u", &which) == 1;
	if (log)
		(void)fclose(log);
	return n;
}
