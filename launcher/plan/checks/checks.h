/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checks.h - everything that could make a run fail, asked while the host is untouched
 *
 * One table (checks-table.inc), one row for each thing that can be wrong, each with its remedy.
 * `check` shows all rows; a run and a detach run the same rows on their own devices, and
 * begin nothing when one has failed; --dry-run runs those without which there is no plan, and
 * --at-boot beside them those about a use that the next boot has as well.
 * Needs no root; what cannot be seen without is reported as skipped.
 */
#ifndef VFIO_RUN_PLAN_CHECKS_H
#define VFIO_RUN_PLAN_CHECKS_H

#include "launcher/plan/plan.h"

enum check_state {
	CHECK_OK,      /* detail and remedy may hold a remark */
	CHECK_FAILED,  /* nothing may be begun */
	CHECK_SKIPPED, /* not known: the detail has the reason */
};

struct check_result {
	const char *check; /* the row's name, stable; static */
	enum check_state state;
	char *detail; /* one sentence without its full stop, safe to print */
	char *remedy; /* a command or a setting; NULL: none is needed */
	bool moot;    /* nothing is wrong because there was nothing to look at */
};

/* Starts zeroed. */
struct check_results {
	struct check_result *item;
	size_t count;
	bool out_of_memory; /* some could not be recorded */
};

enum checks_scope {
	CHECKS_PLAN,   /* before a plan is only shown: without what there is none */
	CHECKS_AT_BOOT, /* before a driver loses devices at every boot: and what the host has them for */
	CHECKS_START,  /* before a run or a detach */
	CHECKS_REPORT, /* `check`: all rows */
};

/* What is checked. Borrowed for the call. */
struct checks_request {
	enum checks_scope scope;
	struct host *host;
	const struct plan *plan;             /* begun by plan_select*(); NULL: the host as a whole */
	const struct profile *profile;       /* what it was begun from; NULL: a detach, or no plan */
	const struct plan_host_facts *facts; /* NULL, or what could be found of them */
	bool contained;			     /* insisted on: --contained */
	bool service;			     /* started by a unit */
};

int checks_run(const struct checks_request *request, struct check_results *results) must_check;
void check_results_fini(struct check_results *results);
bool checks_failed(const struct check_results *results);
const struct check_result *checks_cause(const struct check_results *results);
void checks_no_plan(struct check_results *results, int error);

/* Records one result; also for what is found before, while facts are gathered. */
void check_add(struct check_results *results, const char *check, enum check_state state,
	       const char *remedy, const char *format, ...) printf_like(5, 6);

/* Of the processor's kind. */
#define PLAN_FOREIGN "vfio-run knows x86-64 hosts only, and this one's processor is of the kind %s"
#define PLAN_FOREIGN_REMEDY "run it on an x86-64 PC"

/* A keeper and its standby that end together leave the devices where they are. */
#define PLAN_CONTAINED_DANGER                                                                      \
	"its end takes vfio-run, what stands by for it and their journal along, and leaves the "   \
	"devices on vfio-pci"
#define PLAN_CONTAINED_REMEDY "start it on the host itself, or insist with --contained"
const char *plan_contained(void);

struct host_node;
bool checks_disk_node(const struct plan_disk_facts *disk, struct host_node *out);
bool checks_group_is_open(int group);
bool checks_can_go(struct host *host, const struct host_device *d, const struct host_device *with,
		   struct check_results *results) must_check;

size_t checks_count(void);
const char *checks_name(size_t row);

#endif /* VFIO_RUN_PLAN_CHECKS_H */
