/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matrix.h - faults at system calls: messages between the driver and the tracer
 *
 * The tracer is started by a stub that stands in the keeper's place. Processes are named by
 * descent: the keeper is "0", its first fork "0.1", that one's second "0.1.2".
 */
#ifndef VFIO_RUN_LAB_MATRIX_H
#define VFIO_RUN_LAB_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define SPEC_FILE "/tmp/lab/matrix.spec"
#define LOG_FILE "/tmp/lab/matrix.log"
#define KEEPER "/usr/local/libexec/vfio-run/keeper"
#define KEEPER_REAL KEEPER ".real"

/* The name of a tracer whose last processes are scribes. */
#define WAITING_TRACER "lab-waits"

#define PATH_LENGTH 24
#define FAULTS_MAX 4
#define ERRORS_MAX 6

/* One call: the count-th of its name in one process. */
struct point {
	char path[PATH_LENGTH];
	long call;
	unsigned int count;
};

/* It never gets beyond the entry, until it is killed; the keeper is killed then. */
#define HOLD (-1)

struct fault {
	struct point at;
	int error; /* 0: SIGKILL on entry; HOLD; else the call fails with it and does nothing */
};

struct spec {
	bool words_may_stay; /* who writes words down is not waited for */
	unsigned int job; /* enum keeper_job; keepers of other jobs are not traced */
	bool trace;	  /* all calls of all processes into the log, no fault */
	unsigned int count;
	struct fault fault[FAULTS_MAX];
};

/*
 * Lines of the log:
 *	C PATH CALL DETAIL	a call, on entry; DETAIL is the path that it opens, or "-"
 *	N PATH NAME		the process names itself; an executed program likewise
 *	H INDEX			the fault happened: the process died of it, or the call returned it
 */

/* calls.c */
struct call {
	long number;
	const char *name;
	int error[ERRORS_MAX]; /* 0 ends; none: it never fails, or never so */
	bool late;	       /* it is done all the same: close(2) */
};
const struct call *call_of(long number);
long call_number(const char *name);
const char *error_name(int error);

/* stub.c */
_Noreturn void stub(char **argv);

/* tracer.c */
_Noreturn void tracer(pid_t keeper, const struct spec *spec, int ready);

#endif /* VFIO_RUN_LAB_MATRIX_H */
