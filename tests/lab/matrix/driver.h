/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * driver.h - the parts of the driver: running, comparing, points, random instants
 */
#ifndef VFIO_RUN_LAB_DRIVER_H
#define VFIO_RUN_LAB_DRIVER_H

#include "tests/lab/matrix/matrix.h"

#define OUTPUT "/tmp/lab/matrix.out"
#define WANTED "/tmp/lab/matrix.wanted"
#define FOUND "/tmp/lab/matrix.found"
#define FIRST_LOG LOG_FILE ".1"
#define SECOND_LOG LOG_FILE ".2"
#define POINTS_MAX 20000

extern double fingerprint_s; /* spent in fingerprints */
extern bool words_may_stay; /* who writes them may be stuck until -a has run */
extern int limit_s; /* how long a command and all that it leaves behind may take */

/* run.c */
double now_s(void);
_Noreturn void die(const char *what);
pid_t start(char *const *argv, const char *output);
int finish(pid_t pid);
int run(char *const *argv, const char *output);
int shell(const char *text, int command_status);
int code_of(int status);
char *contents(const char *path);
void fingerprint(const char *file);
bool is_back(int patience_ms);

/* points.c */
void path_of(const char *log_file, const char *who, char path[PATH_LENGTH]);
size_t read_points(const char *log_file, const char *path, const char *start, bool until,
		   struct point *points);
size_t in_both(struct point *a, size_t count, const struct point *b, size_t others);
unsigned int hits(void);

/* instants.c */
struct instants {
	unsigned int count, *seed;
	char *const *command;
	char *signals;	   /* "KILL", "TERM,TERM" */
	const char *after; /* the instant is drawn from here on: what the output then holds; or NULL */
	const char *codes; /* exit codes that are right, of an end without SIGKILL */
	unsigned int spread_ms;
};
int instants(const struct instants *what);

#endif /* VFIO_RUN_LAB_DRIVER_H */
