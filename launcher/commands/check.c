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
#include "launcher/commands/check.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/commands/commands.h"
#include "launcher/inspect/facts.h"
#include "launcher/commands/terminal/screen.h"
#include "launcher/commands/handover/try-jail.h"
#include "launcher/commands/setup/setup.h"
#include "launcher/host/host.h"
#include "launcher/host/holders/vms.h"
#include "launcher/plan/checks/checks.h"
#include "profiles/profile.h"

/* ---- output -------------------------------------------------------------------------- */

static const struct {
	const char *sign, *plain, *colour;
} looks[] = {
	[CHECK_OK] = { "\xe2\x9c\x93", "ok  ", "\033[32m" },
	[CHECK_FAILED] = { "\xe2\x9c\x97", "FAIL", "\033[1;31m" },
	[CHECK_SKIPPED] = { "\xe2\x80\x93", "--  ", "\033[33m" },
};

#define NAME_COLUMNS 17

static void print_result(const struct cli *cli, const struct check_result *r)
{
	bool utf8 = screen_is_utf8(), colour = screen_wants_colour(cli);
	const char *sign = utf8 ? looks[r->state].sign : looks[r->state].plain;
	size_t indent = columns_of(sign) + 1 + NAME_COLUMNS + 1;

	(void)printf("%s%s%s %-*s ", colour ? looks[r->state].colour : "", sign,
		     colour ? "\033[0m" : "", NAME_COLUMNS, r->check);
	columns_wrap(r->detail, indent, indent, screen_width());
	if (!r->remedy)
		return;
	(void)printf("%*s%s ", (int)indent, "", utf8 ? "\xe2\x86\x92" : "->");
	indent += utf8 ? 2 : 3;
	columns_wrap(r->remedy, indent, indent, screen_width());
}

/* Is a name in a list with commas between? */
static bool names_hold(const char *names, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = names; (at = strstr(at, name)); at += length)
		if ((at == names || at[-1] == ' ') && (!at[length] || at[length] == ','))
			return true;
	return false;
}

/* Of the failures only the one that all follow from is shown, where there is such a one. */
static bool is_shown(const struct check_results *results, const struct check_result *r)
{
	const struct check_result *cause = checks_cause(results);

	return !r->moot && (r->state != CHECK_FAILED || !cause || r == cause);
}

/* What is to be done comes last, where it is seen; what does not apply is not listed. */
static void print_results(const struct cli *cli, const struct check_results *results)
{
	for (int failed = 0; failed < 2; failed++)
		for (size_t i = 0; i < results->count; i++) {
			const struct check_result *r = &results->item[i];

			if ((r->state == CHECK_FAILED) == (failed == 1) && is_shown(results, r))
				print_result(cli, r);
		}
}

static bool is_new_remedy(const struct check_results *results, size_t at)
{
	const struct check_result *r = &results->item[at];

	for (size_t i = 0; i < at; i++)
		if (results->item[i].state == CHECK_FAILED && r->remedy &&
		    results->item[i].remedy && !strcmp(results->item[i].remedy, r->remedy))
			return false;
	return true;
}

/* A comma and a name, unless it is there. */
static void add_name(char *names, size_t size, const char *name)
{
	size_t used = strlen(names);

	if (!names_hold(names, name))
		(void)snprintf(names + used, size - used, "%s%s", used ? ", " : "", name);
}

/* "3 things to do: iommu, modules, device"; what is mended by one act is one thing. */
static void print_end(const struct cli *cli, const struct check_results *results)
{
	char failed[1024] = "", left[1024] = "", setup[CLI_SHOWN_MAX + 64] = "", line[1100 + sizeof(setup)] = "ready";
	size_t to_do = 0;
	bool mends = false;

	for (size_t i = 0; i < results->count; i++) {
		const struct check_result *r = &results->item[i];

		if (r->state == CHECK_SKIPPED)
			add_name(left, sizeof(left), r->check);
		if (r->state != CHECK_FAILED || !is_shown(results, r))
			continue;
		mends |= setup_mends(r->check);
		to_do += is_new_remedy(results, i);
		add_name(failed, sizeof(failed), r->check);
	}
	if (mends)
		(void)snprintf(setup, sizeof(setup), "; `vfio-run setup%s%s` says how, on this host", cli->word_count ? " " : "",
			       cli->word_count ? cli_shown(cli->word[0]) : "");
	if (to_do)
		(void)snprintf(line, sizeof(line), "%zu thing%s to do: %s%s", to_do, to_do == 1 ? "" : "s", failed, setup);
	else if (*left)
		(void)snprintf(line, sizeof(line), "ready; left open: %s", left);
	columns_wrap(line, 0, 4, screen_width());
}

static void print_text(const struct cli *cli, const struct check_results *results)
{
	print_results(cli, results);
	print_end(cli, results);
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

/* Of another machine's tree: this one's users and files do not apply. */
static void skip_facts(struct check_results *results)
{
	static const char *const gathered[] = { "user", "qemu", "firmware", "files" };

	for (size_t i = 0; i < ARRAY_SIZE(gathered); i++)
		check_add(results, gathered[i], CHECK_SKIPPED, NULL,
			  "not checked: it is another machine's");
}

/* The row "jail" tries the same plan that a run would be started with. */
static void try_plan(const struct cli *cli, const struct checks_request *request, const struct host_user *user,
		     struct plan *plan, struct check_results *results)
{
	int rc = plan_complete(plan, request->profile, request->host, request->facts);

	if (rc)
		checks_no_plan(results, rc);
	else
		try_jail(cli, user, plan, results);
}

static int ask_about(const struct cli *cli, const struct opened_profile *o, struct host *host,
		     struct facts *f, struct check_results *results)
{
	const struct profile *p = o->profile;
	struct checks_request request = {
		.scope = CHECKS_REPORT, .host = host, .profile = p, .facts = &f->plan
	};
	struct plan *plan = NULL;
	int rc = plan_select(p, host, &f->plan, &plan);

	request.plan = plan;
	if (!rc)
		rc = facts_find_holders(o, host, plan, f);
	if (!rc)
		rc = checks_run(&request, results);
	if (!rc && !cli->sysroot && !checks_failed(results))
		try_plan(cli, &request, &f->user, plan, results);
	plan_free(plan);
	return rc;
}

static int check_profile(const struct cli *cli, struct host *host, struct check_results *results)
{
	struct opened_profile o;
	struct facts f = { .qemu = NULL };
	int code = profile_open(cli, cli->word[0], &o);

	if (code)
		return code;
	if (cli->sysroot)
		skip_facts(results);
	else
		code = facts_gather(cli, &o, host, &f, results);
	if (code != EXIT_BAD_USE)
		code = ask_about(cli, &o, host, &f, results);
	facts_fini(&f);
	profile_free(o.profile);
	return code;
}

/* The user who runs QEMU to ask its version when no VM names one: the caller, or "nobody". */
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
		(void)facts_find_any_firmware(&f, results);
		f.plan.user = f.user.name;
		request.facts = &f.plan;
	}
	rc = checks_run(&request, results);
	facts_fini(&f);
	return rc;
}

/**
 * check_gather() - run every check, of the host or of what a profile needs of it
 * @host:	just opened
 * @out:	added to
 *
 * Return: 0 (look at the results), -errno when the host cannot be read, or EXIT_BAD_USE
 */
int check_gather(const struct cli *cli, struct host *host, struct check_results *out)
{
	int rc = host_mark_all_stuck(host);

	if (rc)
		return rc;
	return cli->word_count ? check_profile(cli, host, out) : check_machine(cli, host, out);
}

/**
 * command_check() - run every check, of the host or of what a profile needs of it
 *
 * Return: 0 nothing is in the way, EXIT_HOST something is, EXIT_BAD_USE
 */
int command_check(const struct cli *cli)
{
	struct check_results results = { .count = 0 };
	struct host *host = NULL;
	int rc = host_open(cli->sysroot, &host);

	if (!rc)
		rc = check_gather(cli, host, &results);
	host_close(host);
	if (rc < 0)
		log_error("the host cannot be read: %s", strerror(-rc));
	if (!rc && cli->json) /* "ready" is not said of a host that was not read */
		print_json(&results);
	else if (!rc)
		print_text(cli, &results);
	if (!rc && checks_failed(&results))
		rc = EXIT_HOST;
	check_results_fini(&results);
	return rc < 0 ? EXIT_HOST : rc;
}
