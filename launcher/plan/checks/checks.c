/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks.c - the table of checks, and the engine that runs its rows */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/plan/checks/checks-rows.h"

/* When a row is asked. */
enum when {
	ON_HOST = 1 << 0,    /* `check` without a profile */
	ON_VM = 1 << 1,      /* with a profile */
	ON_DEVICES = 1 << 2, /* when devices are to be moved */
	OF_PLAN = 1 << 3,    /* without it there is no plan: --dry-run asks it too */
	REPORTED = 1 << 4,   /* `check` only: too slow for each start, or no reason to stop one */
	OF_DEVICES = 1 << 5, /* its words are about devices that the profile names */
	OF_IOMMU = 1 << 6,   /* its words are about an IOMMU in use */
	AT_BOOT = 1 << 8,    /* a device that is the host's for it now is the next boot's as well */
	ALONE = 1 << 7,	     /* a failure ends the questions, a success is not listed */
	CAUSE = 1 << 9,	     /* what else has failed follows from its failure, and is mended with it */
};

struct row {
	const char *name;
	void (*ask)(struct checking *c); /* NULL: found while the facts were gathered */
	unsigned int when;
	const char *well; /* the text when nothing is wrong */
};

/* clang-format off */
static const struct row rows[] = {
#define ROW(name, ask, when, well) { name, ask, when, well },
#define FOUND(name, when, well) { name, NULL, when, well },
#include "launcher/plan/checks/checks-table.inc"
#undef ROW
#undef FOUND
};
/* clang-format on */

/** checks_count() - how many rows there are */
size_t checks_count(void)
{
	return ARRAY_SIZE(rows);
}

/** checks_name() - the stable name of a row */
const char *checks_name(size_t row)
{
	return rows[row].name;
}

/* ---- results -------------------------------------------------------------------------- */

static void add_result(struct check_results *results, const char *check, enum check_state state,
		const char *remedy, const char *format, va_list args) printf_like(5, 0);

static void add_result(struct check_results *results, const char *check, enum check_state state,
		const char *remedy, const char *format, va_list args)
{
	struct check_result *bigger =
		reallocarray(results->item, results->count + 1, sizeof(*bigger));
	struct check_result new = { .check = check, .state = state };

	if (bigger)
		results->item = bigger;
	if (vasprintf(&new.detail, format, args) < 0)
		new.detail = NULL;
	new.remedy = remedy ? strdup(remedy) : NULL;
	if (!bigger || !new.detail || (remedy && !new.remedy)) {
		free(new.detail);
		free(new.remedy);
		results->out_of_memory = true;
		return;
	}
	results->item[results->count++] = new;
}

/**
 * check_add() - record one result
 * @check:	the name of a row, static
 * @remedy:	copied; NULL for none
 */
void check_add(struct check_results *results, const char *check, enum check_state state,
	       const char *remedy, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_result(results, check, state, remedy, format, args);
	va_end(args);
}

/** row_failed() - the row at work has found something that must be mended first */
void row_failed(struct checking *c, const char *remedy, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_result(c->results, c->row, CHECK_FAILED, remedy, format, args);
	va_end(args);
}

/** row_skipped() - the row at work cannot know, with the reason */
void row_skipped(struct checking *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_result(c->results, c->row, CHECK_SKIPPED, NULL, format, args);
	va_end(args);
}

/** row_remark() - nothing is wrong, but worth knowing */
void row_remark(struct checking *c, const char *remedy, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_result(c->results, c->row, CHECK_OK, remedy, format, args);
	va_end(args);
}

/** row_file_error() - skip: what the row looks at could not be read */
void row_file_error(struct checking *c, const char *what, int error)
{
	if (error == -EACCES || error == -EPERM)
		row_skipped(c, "not checked: %s takes root to read", what);
	else if (error == -ENOENT && !host_is_live(c->host))
		row_skipped(c, "not checked: the captured tree has no %s", what);
	else
		row_skipped(c, "not checked: %s: %s", what, strerror(-error));
}

/** check_results_fini() - free what was recorded */
void check_results_fini(struct check_results *results)
{
	for (size_t i = 0; i < results->count; i++) {
		free(results->item[i].detail);
		free(results->item[i].remedy);
	}
	free(results->item);
	*results = (struct check_results){ 0 };
}

/** checks_failed() - has any row failed, or is it not known for want of memory? */
bool checks_failed(const struct check_results *results)
{
	for (size_t i = 0; i < results->count; i++)
		if (results->item[i].state == CHECK_FAILED)
			return true;
	return results->out_of_memory;
}

static const struct row *row_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

/** checks_cause() - the one failure that all others follow from; NULL: each is one of its own */
const struct check_result *checks_cause(const struct check_results *results)
{
	for (size_t i = 0; i < results->count; i++) {
		const struct row *row = row_of(results->item[i].check);

		if (results->item[i].state == CHECK_FAILED && row && row->when & CAUSE)
			return &results->item[i];
	}
	return NULL;
}

/* ---- engine --------------------------------------------------------------------------- */

/** row_is_root() - are we root, and is it this machine? */
bool row_is_root(const struct checking *c)
{
	return host_is_live(c->host) && !geteuid();
}

/** check_moves() - is this device among those that are to be moved? */
bool check_moves(const struct checking *c, const struct host_device *d)
{
	for (size_t i = 0; i < c->device_count; i++)
		if (c->device[i].host == d)
			return true;
	return false;
}

static bool wanted(const struct checks_request *r, const struct row *row)
{
	const bool whole_host = !r->plan, devices = r->plan && r->plan->requested_count;
	unsigned int now = (whole_host ? (unsigned int)ON_HOST : 0) |
			   (devices ? (unsigned int)ON_DEVICES : 0) |
			   (r->plan && r->profile ? (unsigned int)ON_VM : 0);

	if (r->scope == CHECKS_PLAN && !(row->when & OF_PLAN))
		return false;
	if (r->scope == CHECKS_AT_BOOT && !(row->when & (OF_PLAN | AT_BOOT)))
		return false;
	if (r->scope == CHECKS_START && (row->when & REPORTED))
		return false;
	if (whole_host && !row->ask && !r->facts)
		return false; /* nobody has looked */
	return row->when & now;
}

static bool has_said(const struct check_results *results, const char *name)
{
	for (size_t i = 0; i < results->count; i++)
		if (!strcmp(results->item[i].check, name))
			return true;
	return false;
}

static bool has_failed(const struct check_results *results, const char *name)
{
	for (size_t i = 0; i < results->count; i++)
		if (!strcmp(results->item[i].check, name))
			return results->item[i].state == CHECK_FAILED;
	return false;
}

/* Would the text for "nothing is wrong" be about what is not there? */
static bool is_moot(struct checking *c, const struct row *row)
{
	if ((row->when & ALONE) || ((row->when & OF_IOMMU) && !host_has_iommu(c->host)))
		return true;
	return (row->when & OF_DEVICES) && !c->device_count &&
	       (!(row->when & OF_PLAN) || !c->plan || !c->plan->wanted_count);
}

static void ask(struct checking *c, const struct row *row)
{
	c->row = row->name;
	if (row->ask)
		row->ask(c);
	if (has_said(c->results, row->name))
		return;
	check_add(c->results, row->name, CHECK_OK, NULL, "%s", row->well);
	if (!c->results->out_of_memory)
		c->results->item[c->results->count - 1].moot = is_moot(c, row);
}

static int take_devices(struct checking *c)
{
	const struct plan *plan = c->plan;
	int r = 0;

	c->device = calloc(plan->device_count + 1, sizeof(*c->device));
	if (!c->device)
		return -ENOMEM;
	for (size_t i = 0; i < plan->device_count && !r; i++) {
		struct check_device *to = &c->device[c->device_count++];

		to->host = plan->device[i].host;
		to->driver = plan->device[i].driver;
		r = host_nodes(c->host, to->host, &to->nodes);
	}
	c->group = plan->group;
	c->group_count = plan->group_count;
	return r;
}

static void forget(struct checking *c)
{
	for (size_t i = 0; i < c->device_count; i++)
		host_nodes_fini(&c->device[i].nodes);
	free(c->device);
	free(c->holders);
}

/**
 * checks_run() - run every row that the request includes
 * @results:	added to; may hold what was found while the facts were gathered
 *
 * Reads the host and changes nothing.
 *
 * Return: 0 (look at checks_failed()), or -errno when the host could not be read
 */
int checks_run(const struct checks_request *request, struct check_results *results)
{
	struct checking c = { .request = request,
			      .host = request->host,
			      .root = host_root_fd(request->host),
			      .profile = request->profile,
			      .plan = request->plan,
			      .holders = calloc(1, sizeof(*c.holders)),
			      .results = results };
	int r = c.holders ? 0 : -ENOMEM;

	if (!r && c.plan)
		r = take_devices(&c);
	for (size_t i = 0; i < ARRAY_SIZE(rows) && !r; i++)
		if (wanted(request, &rows[i])) {
			ask(&c, &rows[i]);
			if ((rows[i].when & ALONE) && has_failed(results, rows[i].name))
				break;
		}
	forget(&c);
	return r ? r : results->out_of_memory ? -ENOMEM : 0;
}

/** checks_no_plan() - record what no row can know: the plan could not be made for want of something */
void checks_no_plan(struct check_results *results, int error)
{
	check_add(results, "supported", CHECK_FAILED, NULL, "no plan can be made: %s", strerror(-error));
}
