/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keeper-job.c - detach, attach and recover: start a keeper, show its reports as text or JSON */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/handover/keeper-job.h"
#include "launcher/commands/handover/keeper-start.h"
#include "launcher/commands/terminal/screen.h"
#include "launcher/plan/print/print.h"
#include "launcher/plan/serialize.h"

/* What is gathered while the keeper reports. */
struct show {
	const struct cli *cli;
	bool json;
	struct json_object *changes;
	bool restored; /* from the closing record */
	bool closed;
};

static struct json_object *text_or_null(const char *text)
{
	return *text ? json_object_new_string(text) : NULL;
}

static void add_json(struct show *s, const struct keeper_report *r)
{
	struct json_object *o = json_object_new_object();

	if (!o)
		return;
	json_object_object_add(o, "step", json_object_new_string(change_name(r->change.kind)));
	json_object_object_add(o, "target", json_object_new_string(r->change.target));
	json_object_object_add(o, "from", text_or_null(r->change.from));
	json_object_object_add(o, "to", text_or_null(r->change.to));
	/* with -n nothing was done, well or not */
	json_object_object_add(o, "ok", s->cli->dry_run ? NULL : json_object_new_boolean(r->ok == 1));
	json_object_object_add(o, "error", r->error ? json_object_new_string(r->text) : NULL);
	json_object_array_add(s->changes, o);
}

static void show_text(const struct keeper_report *r, bool dry)
{
	char line[CHANGE_LINE_MAX];

	change_describe(&r->change, line, sizeof(line));
	if (r->left_out)
		log_verbose("%s: %s", line, r->text); /* the keeper names the device, once */
	else if (r->error)
		log_error("%s: %s", line, r->text);
	else if (dry)
		(void)printf("%s\n", line);
	else if (change_grammar(r->change.kind)->shown)
		log_notice("%s", line);
	else
		log_verbose("%s", line);
}

static void show_record(void *context, const struct keeper_report *r)
{
	struct show *s = context;

	if (r->change.kind >= CHANGE_MAX) {
		s->closed = true;
		s->restored = r->ok == 1;
		if (*r->text)
			log_error("%s", r->text);
		return;
	}
	if (s->json)
		add_json(s, r);
	else
		show_text(r, s->cli->dry_run);
}

static void print_json(struct show *s)
{
	struct json_object *o = json_object_new_object();

	if (!o)
		return;
	json_object_object_add(o, "changes", json_object_get(s->changes));
	json_object_object_add(o, "restored", s->cli->dry_run ? NULL : json_object_new_boolean(s->closed && s->restored));
	screen_print_json(o);
	json_object_put(o);
}

/* Where no run or detach ever was, not even a directory is made to look. */
static bool is_idle(const struct cli *cli)
{
	return cli->dry_run && access("/run/vfio-run/state", F_OK) != 0;
}

/* Return: an exit code */
static int ask_keeper(const struct plan *plan, enum keeper_job job, uint32_t flags, struct show *s)
{
	cleanup_close int fd = -1;
	int rc;

	if (is_idle(s->cli) && !plan->device_count)
		return EXIT_OK;
	if (is_idle(s->cli)) {
		log_error("none of these devices was detached by vfio-run");
		return EXIT_HOST;
	}
	rc = plan_serialize(plan, job, flags, &fd);
	if (!rc)
		return keeper_call(s->cli, fd, -1, show_record, s);
	log_error("the plan cannot be handed over: %s", strerror(-rc));
	return EXIT_HOST;
}

static int show_job(const struct cli *cli, const struct plan *plan, enum keeper_job job, uint32_t flags)
{
	struct show s = { .cli = cli, .json = cli->json, .changes = json_object_new_array() };
	int code;

	if (!s.changes)
		return EXIT_HOST;
	code = ask_keeper(plan, job, flags, &s);
	if (s.json)
		print_json(&s);
	json_object_put(s.changes);
	return code;
}

/**
 * job_show() - have a keeper do a job, and show what it does
 * @plan:	borrowed
 *
 * With --json one object goes to stdout, whatever the exit code.
 *
 * Return: the exit code
 */
int job_show(const struct cli *cli, const struct plan *plan, enum keeper_job job)
{
	return show_job(cli, plan, job,
			keeper_flags(cli) | (cli->dry_run ? (uint32_t)KEEPER_DRY_RUN : 0));
}

/** job_show_plan() - what a detach would do, as text or JSON; an exit code */
int job_show_plan(const struct cli *cli, const struct plan *plan, struct host *host)
{
	struct show s = { .cli = cli, .json = cli->json, .changes = json_object_new_array() };
	cleanup_free char *text = NULL;

	if (!s.changes)
		return EXIT_HOST;
	for (size_t i = 0; cli->json && i < plan->change_count; i++) {
		const struct keeper_report r = { .change = plan->change[i] };

		add_json(&s, &r);
	}
	if (cli->json)
		print_json(&s);
	json_object_put(s.changes);
	if (cli->json)
		return EXIT_OK;
	if (plan_text(plan, host, &text)) {
		log_error("the plan cannot be printed: %s", strerror(ENOMEM));
		return EXIT_HOST;
	}
	(void)fputs(text, stdout);
	return EXIT_OK;
}

/** job_recover_quietly() - `recover` before something new is begun; shows what it changes */
int job_recover_quietly(const struct cli *cli)
{
	struct plan plan = { .name = "" };
	struct cli text = *cli;

	text.json = false;
	return show_job(&text, &plan, KEEPER_RECOVER, keeper_flags(cli) | KEEPER_BEFORE_START);
}

/** job_needs_root() - 0, or EXIT_HOST after printing the line to type */
int job_needs_root(const struct cli *cli)
{
	char line[512] = "sudo vfio-run";
	size_t used = strlen(line);

	if (geteuid() == 0)
		return 0;
	for (int i = 1; cli->argv[i] && used < sizeof(line); i++) {
		cleanup_free char *word = NULL;

		if (plan_shell_quote(cli->argv[i], &word))
			break;
		used += (size_t)snprintf(line + used, sizeof(line) - used, " %s", word);
	}
	if (used < sizeof(line))
		log_error("this needs root: `%s`", line);
	else
		log_error("this needs root: put `sudo` before the command line");
	return EXIT_HOST;
}

/* Every reason with its remedy, or the one that the others follow from. */
static void show_failed(const struct check_results *results)
{
	const struct check_result *cause = checks_cause(results);

	for (size_t i = 0; i < results->count; i++) {
		const struct check_result *r = &results->item[i];

		if (r->state == CHECK_FAILED && (!cause || r == cause))
			log_error("%s%s%s", r->detail, r->remedy ? "; " : "",
				  r->remedy ? r->remedy : "");
		else if (r->state == CHECK_SKIPPED)
			log_verbose("%s: %s", r->check, r->detail);
	}
}

/**
 * job_plan() - run the table of checks on a plan that was begun, and complete it
 * @plan:	what plan_select*() gave, completed when nothing is in the way; NULL: it gave @error
 * @request:	of that plan
 * @results:	may hold what was found before; all of it is shown in one go, with its remedies
 *
 * Return: 0 when nothing is in the way, else EXIT_HOST after reporting what is
 */
int job_plan(struct plan *plan, int error, const struct checks_request *request,
	     struct check_results *results)
{
	int rc = 0;

	if (plan)
		rc = checks_run(request, results);
	if (rc)
		log_error("the host cannot be checked: %s", strerror(-rc));
	if (plan && !rc && !checks_failed(results))
		error = plan_complete(plan, request->profile, request->host, request->facts);
	if (error)
		checks_no_plan(results, error);
	if (!rc && !checks_failed(results))
		return 0;
	show_failed(results);
	return EXIT_HOST;
}
