/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run.c - `vfio-run PROFILE`: look, plan, check; then become the keeper */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "launcher/base/hardware.h"
#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/handover/allowed.h"
#include "launcher/commands/handover/given.h"
#include "launcher/commands/handover/keeper-job.h"
#include "launcher/commands/handover/keeper-start.h"
#include "launcher/commands/handover/leftovers.h"
#include "launcher/commands/handover/next.h"
#include "launcher/commands/handover/session-ask.h"
#include "launcher/commands/handover/viewer.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/commands/terminal/screen.h"
#include "launcher/host/holders/units.h"
#include "launcher/host/holders/vms.h"
#include "launcher/host/host.h"
#include "launcher/host/kernel/denial.h"
#include "launcher/host/qemu/qemu-cache.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/host/small-file.h"
#include "launcher/host/user/apple-smc.h"
#include "launcher/host/user/as-user.h"
#include "launcher/host/user/display-port.h"
#include "launcher/host/user/tpm-state.h"
#include "launcher/inspect/facts.h"
#include "launcher/plan/checks/dark.h"
#include "launcher/plan/find.h"
#include "launcher/plan/print/print.h"
#include "launcher/plan/programs/filter-memfd.h"
#include "launcher/plan/programs/rows-memfd.h"
#include "launcher/plan/serialize.h"
#include "profiles/profile.h"

#define TRIAL_S 60u
#define PLAN_VALUES 12 /* the column of values in what plan_text() makes */

/* What stands behind "--" goes the same way as [qemu] argument: the same are refused. */
static int check_extra(const struct cli *cli)
{
	int code = 0;

	for (char **a = cli->extra; a && *a; a++) {
		const char *why = profile_refused_argument(*a);

		if (why)
			log_error("%s: %s", cli_shown(*a), why);
		if (why)
			code = EXIT_BAD_USE;
	}
	return code;
}

/*
 * On a terminal lines are broken between words, below the column at which values stand; those that are
 * words for a shell, from the plugs on or with what is quoted in them, stay in one piece.
 */
static void print_text(char *text)
{
	size_t width = screen_width();
	bool shell = !isatty(STDOUT_FILENO);
	char *rest = text, *line;

	while ((line = host_next_line(&rest))) {
		shell |= !strncmp(line, "Plug", 4) || !strncmp(line, "Command", 7);
		if (shell || strlen(line) <= width || width < 2 * PLAN_VALUES || strchr(line, '\'')) {
			(void)puts(line);
			continue;
		}
		(void)printf("%.*s", PLAN_VALUES, line);
		columns_wrap(line + PLAN_VALUES, PLAN_VALUES, PLAN_VALUES, width);
	}
}

static int print_plan(const struct cli *cli, const struct opened_profile *o, struct host *host,
		      const struct plan *plan)
{
	cleanup_free char *text = NULL;
	int rc = cli->json ? plan_json(plan, o->path, &text) : plan_text(plan, host, &text);

	if (rc) {
		log_error("the plan cannot be printed: %s", strerror(-rc));
		return EXIT_HOST;
	}
	if (cli->json) {
		(void)fputs(text, stdout);
		return EXIT_OK;
	}
	(void)printf("Profile: %s\n", o->path);
	print_text(text);
	return EXIT_OK;
}

/* The VM's own copy of the UEFI variables; it stays: it is the VM's, like its disk. */
static int copy_nvram(const struct facts *f, const struct plan *plan)
{
	int rc;

	if (!plan->nvram || !plan->nvram_template)
		return 0;
	rc = as_user_copy(&f->user, plan->nvram_template, plan->nvram);
	if (!rc || rc == -EEXIST)
		return 0;
	log_error("%s: the VM's UEFI variables cannot be kept there: %s", plan->nvram, strerror(-rc));
	return EXIT_HOST;
}

static void say_denial(const char *program, uint64_t since_us)
{
	char text[512], quoted[2048];

	if (host_denial(program, since_us, text, sizeof(text)))
		log_error("%s: %s", program, log_quote(text, quoted, sizeof(quoted)));
}

/* The first state of its TPM; it stays, likewise. */
static int make_tpm(const struct facts *f, const struct plan *plan)
{
	cleanup_free char *setup = NULL;
	char path[PATH_MAX], said[256], quoted[1024];
	uint64_t since_us = hardware_now();
	int rc;

	if (!plan->tpm_state)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/" HOST_TPM_STATE, plan->tpm_state);
	if (host_tpm_has_state(&f->user, path))
		return 0;
	rc = host_qemu_find("swtpm_setup", &setup);
	if (!rc)
		rc = host_tpm_make(&f->user, setup, plan->tpm_state, said, sizeof(said));
	if (rc == -EPROTO)
		log_error("%s: swtpm_setup cannot make the TPM's state there: %s", plan->tpm_state,
			  log_quote(said, quoted, sizeof(quoted)));
	else if (rc)
		log_error("%s: the TPM's state cannot be made there: %s", plan->tpm_state,
			  strerror(-rc));
	if (rc)
		say_denial("swtpm", since_us);
	return rc ? EXIT_HOST : 0;
}

/* Of a program that serves QEMU; -1: there is none, or with `sandbox = off`. */
static int make_filter_beside(const struct plan *plan, int *fd)
{
	const struct filter_request request = { .needs = FILTER_SWTPM,
						.log = !strcmp(plan->jail.sandbox, "log") };

	return plan->tpm_state && plan_is_filtered(plan) ? filter_open(&request, fd) : 0;
}

/* -1 with `sandbox = off` */
static int make_filter(const struct plan *plan, int *fd)
{
	const struct filter_request request = { .needs = plan->jail.needs,
						.log = !strcmp(plan->jail.sandbox, "log") };

	return plan_is_filtered(plan) ? filter_open(&request, fd) : 0;
}

/* Not worth refusing a start for: QEMU's output is on the terminal too. */
static int open_log(const struct facts *f, const struct plan *plan)
{
	int fd = -1, rc = as_user_log(&f->user, plan->log, &fd);

	if (rc)
		log_warning("%s: no log of QEMU's words is kept: %s", plan->log, strerror(-rc));
	return rc ? -1 : fd;
}

/* What the times and words of a trial's log are of. */
static void begin_trial(const struct opened_profile *o, struct host *host, const struct plan *plan,
			int log)
{
	struct utsname kernel = { .release = "?" };
	char label[PLAN_LABEL_MAX];

	(void)uname(&kernel);
	(void)dprintf(log, "kernel %s: try %s, for %u s\n", kernel.release, o->path, plan->trial_s);
	for (size_t i = 0; i < plan->device_count; i++) {
		const struct host_device *d = plan->device[i].host;

		(void)dprintf(log, "%s: driver %s, reset by: %s\n", plan_label(host, d, label),
			      *d->driver ? d->driver : "none",
			      *d->reset_methods ? d->reset_methods : "nothing of its own");
	}
	(void)dprintf(log, "seconds  what\n");
	log_notice("how it goes, and how long each step takes, is kept in %s", plan->log);
}

/* -1 when there are none to read. */
static int open_settings(const struct profile *profile, const struct facts *f, int *fd)
{
	struct apple_smc smc;
	int rc = profile->apple_smc ? host_apple_smc(&f->user, profile->apple_smc, &smc, fd) : 0;

	if (!rc && profile->apple_smc && *fd < 0)
		rc = smc.error ? smc.error : -EINVAL;
	return rc;
}

static int open_socket(const struct profile *p, const struct facts *f, int *fd)
{
	int r = host_display_socket(&f->user, p->display_socket, fd);

	if (r)
		log_error("socket = %s: %s", p->display_socket, strerror(-r));
	return r ? EXIT_HOST : 0;
}

/* Asked again, after the check: port or name can have been taken since. */
static int open_display(const struct profile *p, const struct facts *f, int *fd)
{
	char address[64];
	uint16_t port;
	int r;

	if (p->display_socket)
		return open_socket(p, f, fd);
	if (!p->display_listen ||
	    !profile_loopback(p->display_listen, address, sizeof(address), &port))
		return 0;
	r = host_display_listen(&f->user, address, port, fd);
	if (r)
		log_error("listen = %s: %s", p->display_listen, strerror(-r));
	return r ? EXIT_HOST : 0;
}

/* What the VM's user opens: as that user, once more after the checks. */
static int open_of_user(const struct opened_profile *o, struct host *host, const struct facts *f,
			struct keeper_files *files)
{
	int rc = open_settings(o->profile, f, &files->settings), code;

	if (rc) {
		log_error("%s: cannot be read by user %s: %s", o->profile->apple_smc, f->user.name,
			  strerror(-rc));
		return EXIT_HOST;
	}
	code = open_display(o->profile, f, &files->display);
	return code ? code : given_open(o, host, f, &files->given);
}

static int open_files(const struct opened_profile *o, struct host *host, const struct facts *f,
		      const struct plan *plan, struct keeper_files *files)
{
	int code = open_of_user(o, host, f, files), rc;

	if (code)
		return code;
	rc = make_filter(plan, &files->filter);
	if (!rc)
		rc = make_filter_beside(plan, &files->filter_beside);
	if (!rc)
		rc = plan_rows_open(plan, &files->rows);
	if (rc) {
		log_error("the plan cannot be handed over: %s", strerror(-rc));
		return EXIT_HOST;
	}
	files->log = open_log(f, plan);
	if (plan->trial_s && files->log >= 0)
		begin_trial(o, host, plan, files->log);
	return 0;
}

static int go(const struct cli *cli, const struct opened_profile *o, struct host *host,
	      const struct facts *f, const struct plan *plan, bool dark)
{
	uint32_t flags = keeper_flags(cli) |
			 (plan->jail.private_network ? (uint32_t)KEEPER_PRIVATE_NETWORK : 0) |
			 (cli->service ? (uint32_t)KEEPER_SERVICE : 0) |
			 (dark ? (uint32_t)KEEPER_DARK : 0);
	bool ends_session = session_ends(plan) && !cli->service;
	struct keeper_files files = { -1, -1, -1, -1, -1, -1, -1, -1, -1 };
	cleanup_close int fd = -1;
	int code = copy_nvram(f, plan), rc = 0;

	if (ends_session && host_session_ends())
		flags |= KEEPER_HANDS_OVER;
	if (!code)
		code = make_tpm(f, plan);
	if (!code)
		rc = plan_serialize(plan, KEEPER_RUN, flags, &fd);
	if (rc) {
		log_error("the plan cannot be handed over: %s", strerror(-rc));
		code = EXIT_HOST;
	}
	if (!code)
		code = open_files(o, host, f, plan, &files);
	if (!code && !cli->service)
		next_say(o->profile, host, plan, flags & KEEPER_HANDS_OVER);
	if (!code)
		code = ends_session ? viewer_run(cli, fd, &files, plan->name) :
				      keeper_become(cli, fd, &files);
	keeper_files_close(&files);
	return code;
}

static int ask_and_go(const struct cli *cli, const struct opened_profile *o, struct host *host,
		      const struct facts *f, const struct plan *plan)
{
	const struct profile *p = o->profile;
	bool dark = plan_is_dark(plan, host, p->session_stop.count || p->session_stop_command);
	int code = session_ask(cli, host, plan, dark);

	return code ? code : go(cli, o, host, f, plan, dark);
}

/* Every reason in one go: those of the facts in @results, those of the plan and of the host. */
static int plan_and_go(const struct cli *cli, const struct opened_profile *o, struct host *host,
		       struct facts *f, struct check_results *results)
{
	struct plan *plan = NULL;
	int rc = plan_select(o->profile, host, &f->plan, &plan);
	const struct checks_request request = { .scope = cli->dry_run ? CHECKS_PLAN : CHECKS_START,
						.host = host,
						.plan = plan,
						.profile = o->profile,
						.facts = &f->plan,
						.contained = cli->contained,
						.service = cli->service };
	int code;

	if (!rc)
		rc = facts_find_holders(o, host, plan, f);
	code = job_plan(plan, rc, &request, results);

	/* with -o it can name other devices than root's profile does */
	if (!code && (!o->of_root || cli->option_count) && o->has_invoker && !cli->sysroot)
		code = allowed_check(&o->invoker, o->profile, &f->plan, host, plan);
	if (!code && cli->dry_run)
		code = print_plan(cli, o, host, plan);
	else if (!code)
		code = ask_and_go(cli, o, host, f, plan);
	plan_free(plan);
	return code;
}

static int with_profile(const struct cli *cli, const struct opened_profile *o)
{
	struct host *host = NULL;
	struct check_results results = { .count = 0 };
	struct facts f = { .qemu = NULL };
	int code = cli->dry_run ? 0 : leftovers_revert(cli), rc;

	if (code == EXIT_LEFT)
		log_error("something that an earlier run left cannot be undone: nothing new is begun");
	if (code)
		return code;
	rc = host_open(cli->sysroot, &host);
	if (!rc)
		rc = host_mark_all_stuck(host);
	if (rc) {
		log_error("the host's devices cannot be read: %s", strerror(-rc));
		return EXIT_HOST;
	}
	code = facts_gather(cli, o, host, &f, &results);
	if (!code || (code == EXIT_HOST && checks_failed(&results)))
		code = plan_and_go(cli, o, host, &f, &results);
	check_results_fini(&results);
	facts_fini(&f);
	host_close(host);
	return code;
}

/* The unit's ExecStopPost= knows the VM by the unit's name only. */
static int check_name(const struct cli *cli, const struct opened_profile *o)
{
	if (!cli->service || !strcmp(cli->word[0], o->profile->name))
		return 0;
	log_error("%s: with --service the virtual machine must be called as it is started: "
		  "`vfio-run run --service %s`, or of the unit `vfio-run@%s`", o->path,
		  o->profile->name, o->profile->name);
	return EXIT_BAD_USE;
}

/* @trial_s: of a trial, how long it lasts; 0: a run */
static int run(const struct cli *cli, unsigned int trial_s)
{
	struct opened_profile o;
	int code = check_extra(cli);

	if (!code)
		code = profile_open(cli, cli->word[0], &o);
	if (code)
		return code;
	if (cli->no_devices)
		profile_without_devices(o.profile);
	if (trial_s)
		profile_for_trial(o.profile, trial_s);
	code = check_name(cli, &o);
	if (cli->dry_run)
		leftovers_say();
	else if (!code)
		code = job_needs_root(cli);
	if (!code && !cli->dry_run) {
		log_notice("%s", o.path);
		qemu_cache_allow();
	}
	if (!code)
		code = with_profile(cli, &o);
	profile_free(o.profile);
	return code;
}

/**
 * command_run() - run a VM, or print what a run would do
 *
 * Return: an exit code; a run that was begun does not return, the keeper is in its place
 */
int command_run(const struct cli *cli)
{
	return run(cli, 0);
}

/* As the profile has times: "60s". Return: 0 when it is none */
static unsigned int trial_seconds(const char *text)
{
	unsigned long n;
	char *end;

	if (!text)
		return TRIAL_S;
	n = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !strcmp(end, "s") && n <= KEEPER_TRIAL_MAX_S
		       ? (unsigned int)n
		       : 0;
}

/** command_try() - a run of nothing but firmware, with the profile's devices, for a while; as
 * command_run() */
int command_try(const struct cli *cli)
{
	unsigned int seconds = trial_seconds(cli->for_what);

	if (seconds)
		return run(cli, seconds);
	log_error("--for %s: expected seconds from 1s to %us, such as 60s",
		  cli_shown(cli->for_what), KEEPER_TRIAL_MAX_S);
	return EXIT_BAD_USE;
}
