/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.c - `vfio-run check`: can this host do it? Every check that fails names its remedy */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/facts.h"
#include "launcher/commands/screen.h"
#include "launcher/host/host.h"
#include "launcher/host/vms.h"
#include "launcher/plan/checks.h"
#include "profiles/profile.h"

/* ---- output -------------------------------------------------------------------------- */

static const struct {
	const char *sign, *plain, *colour;
} looks[] = {
	[CHECK_OK] = { "\xe2\x9c\x93", "ok  ", "\033[32m" },
	[CHECK_FAILED] = { "\xe2\x9c\x97", "FAIL", "\033[1;31m" },
	[CHECK_SKIPPED] = { "\xe2\x80\x93", "--  ", "\033[33m" },
};

static void print_text(const struct cli *cli, const struct check_results *results)
{
	bool utf8 = screen_is_utf8(), colour = screen_wants_colour(cli);

	for (size_t i = 0; i < results->count; i++) {
		const struct check_result *r = &results->item[i];

		(void)printf("%s%s%s %-17s %s\n", colour ? looks[r->state].colour : "",
			     utf8 ? looks[r->state].sign : looks[r->state].plain,
			     colour ? "\033[0m" : "", r->check, r->detail);
		if (r->remedy)
			(void)printf("%s %17s %s %s\n", utf8 ? " " : "    ", "",
				     utf8 ? "\xe2\x86\x92" : "->", r->remedy);
	}
}

static struct json_object *result_json(const struct check_result *r)
{
	struct json_object *o = json_object_new_object();

	if (!o)
		return NULL;
	json_object_object_add(o, "check", json_object_new_string(r->check));
	json_object_object_add(
		o, "ok",
		r->state == CHECK_SKIPPED ? NULL : json_object_new_boolean(r->state == CHECK_OK));
	json_object_object_add(o, "detail", json_object_new_string(r->detail));
	json_object_object_add(o, "remedy", r->remedy ? json_object_new_string(r->remedy) : NULL);
	return o;
}

static void print_json(const struct check_results *results)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; all && i < results->count; i++)
		(void)json_object_array_add(all, result_json(&results->item[i]));
	screen_print_json(all);
	json_object_put(all);
}

/* ---- what is checked ----------------------------------------------------------------- */

/* Of another machine's tree: this one's users and files say nothing. */
static void skip_facts(struct check_results *results)
{
	static const char *const gathered[] = { "user", "qemu", "firmware", "files" };

	for (size_t i = 0; i < ARRAY_SIZE(gathered); i++)
		check_add(results, gathered[i], CHECK_SKIPPED, NULL,
			  "not checked: it is another machine's");
}

/* Whatever the rows do not know of, a plan would still be refused for. */
static void add_refusals(const struct profile *p, struct host *host, const struct facts *f,
			 struct check_results *results)
{
	struct plan_refusals refusals = { 0 };
	struct plan *plan = NULL;
	int rc = plan_make(p, host, &f->plan, &plan, &refusals);

	for (size_t i = 0; i < refusals.count; i++)
		check_add(results, "supported", CHECK_FAILED, refusals.item[i].remedy, "%s",
			  refusals.item[i].text);
	if (rc && !refusals.count)
		check_add(results, "supported", CHECK_FAILED, NULL, "no plan can be made: %s",
			  strerror(-rc));
	plan_refusals_fini(&refusals);
	plan_free(plan);
}

static int check_profile(const struct cli *cli, struct host *host, struct check_results *results)
{
	struct opened_profile o;
	struct facts f = { .qemu = NULL };
	struct checks_request request = { .scope = CHECKS_REPORT, .host = host };
	int code = profile_open(cli, cli->word[0], &o), rc;

	if (code)
		return code;
	if (cli->sysroot)
		skip_facts(results);
	else
		code = facts_gather(cli, &o, host, &f, results);
	if (code != EXIT_BAD_USE) {
		request.profile = o.profile;
		request.facts = &f.plan;
		rc = checks_run(&request, results);
		if (!rc && !cli->sysroot && !checks_failed(results))
			add_refusals(o.profile, host, &f, results);
		code = rc ? rc : 0;
	}
	facts_fini(&f);
	profile_free(o.profile);
	return code;
}

/* As whom QEMU is asked for its version when no VM says so: whoever called, or nobody. */
static bool find_asker(struct host_user *out)
{
	struct host_user_error ignored;

	return !host_user_invoking(out, &ignored) || !host_user_named("nobody", out);
}

static int check_machine(const struct cli *cli, struct host *host, struct check_results *results)
{
	struct checks_request request = { .scope = CHECKS_REPORT, .host = host };
	struct facts f = { .qemu = NULL };
	int rc;

	if (!cli->sysroot && find_asker(&f.user)) {
		/* What is wrong with it stands in the results. */
		if (!facts_find_qemu("qemu-system-x86_64", &f, results))
			f.plan.qemu = f.qemu;
		f.plan.user = f.user.name;
		request.facts = &f.plan;
	}
	rc = checks_run(&request, results);
	facts_fini(&f);
	return rc;
}

/**
 * command_check() - ask every check, about the host or about what a profile wants of it
 *
 * Return: 0 nothing is in the way, EXIT_HOST something is, EXIT_BAD_USE
 */
int command_check(const struct cli *cli)
{
	struct check_results results = { .count = 0 };
	struct host *host = NULL;
	int rc = host_open(cli->sysroot, &host);

	if (!rc)
		rc = host_mark_all_stuck(host);
	if (!rc)
		rc = cli->word_count ? check_profile(cli, host, &results)
				     : check_machine(cli, host, &results);
	host_close(host);
	if (rc < 0)
		log_error("the host cannot be read: %s", strerror(-rc));
	if (rc <= 0 && cli->json)
		print_json(&results);
	else if (rc <= 0)
		print_text(cli, &results);
	if (!rc && checks_failed(&results))
		rc = EXIT_HOST;
	check_results_fini(&results);
	return rc < 0 ? EXIT_HOST : rc;
}
