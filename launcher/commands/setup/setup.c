/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setup.c - `vfio-run setup`: what this host lacks, and how it gets it; --apply, --undo
 *
 * Prints and asks only. What is done is done by a program of its own, which is told the needs
 * and works the steps out again: launcher/keeper/programs/setup.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/check.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/handover/keeper-job.h"
#include "launcher/commands/setup/setup.h"
#include "launcher/commands/terminal/question.h"
#include "launcher/host/host.h"
#include "launcher/host/programs.h"
#include "launcher/inspect/profile-open.h"

/* Ctrl-C is the program's too: it finishes the step it is at. Return: its exit code, or EXIT_HOST
 */
static int run_program(char *const *argv)
{
	char *const none[] = { NULL };
	int program = host_program_open("setup"), status = 0;
	pid_t pid;

	if (program < 0)
		return EXIT_HOST;
	(void)fflush(stdout);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		(void)execveat(program, "", argv, none, AT_EMPTY_PATH);
		_exit(127);
	}
	(void)close(program);
	if (pid < 0) {
		log_error("the setup program cannot be executed: %s", strerror(errno));
		return EXIT_HOST;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) != 127)
		return WEXITSTATUS(status);
	log_error(
		"the setup program ended before its time; `sudo vfio-run setup --undo` takes back what was done");
	return EXIT_HOST;
}

static int undo(void)
{
	char name[] = "vfio-run-setup", word[] = "undo";
	char *argv[] = { name, word, NULL };

	return run_program(argv);
}

/** setup_take_steps() - have the steps taken that were shown; an exit code, reported */
int setup_take_steps(const struct setup_plan *plan)
{
	static char words[SETUP_NEEDS_MAX][SETUP_WORD_MAX + 16];
	char name[] = "vfio-run-setup", word[] = "apply", digest[HASH_TEXT];
	char *argv[SETUP_NEEDS_MAX + 4] = { name, word, digest };

	(void)setup_plan_digest(plan, digest);
	for (size_t i = 0; i < plan->need_count; i++) {
		(void)setup_need_format(&plan->need[i], words[i]);
		argv[3 + i] = words[i];
	}
	return run_program(argv);
}

static int apply(const struct cli *cli, const struct setup_plan *plan,
		 const struct setup_lack *lack)
{
	int code;

	if (!plan->step_count)
		return setup_is_ready(lack) ? EXIT_OK : EXIT_HOST;
	if (!question_yes(cli, "Take these steps")) {
		log_error("nothing was changed");
		return EXIT_HOST;
	}
	code = setup_take_steps(plan);
	if (code)
		return code;
	log_notice("done; %s`vfio-run check%s%s` looks again", plan->reboot ? "it counts from the next boot on, then " : "",
		   cli->word_count ? " " : "", cli->word_count ? cli_shown(cli->word[0]) : "");
	for (size_t i = 0; i < plan->need_count; i++)
		if (plan->answer[i].state == SETUP_BY_HAND)
			code = EXIT_HOST;
	return lack->hand_count ? EXIT_HOST : code;
}

static int show(const struct cli *cli, int root, struct setup_lack *lack)
{
	struct setup_plan plan, extra;
	int r = setup_plan_make(root, lack->need, lack->need_count, &plan);
	int e = setup_plan_make(root, lack->extra, lack->extra_count, &extra);
	int code = setup_is_ready(lack) ? EXIT_OK : EXIT_HOST;

	if (r || e) {
		log_error("the steps cannot be worked out: %s", strerror(r ? -r : -e));
		code = EXIT_HOST;
	} else if (cli->json) {
		setup_print_json(&plan, &extra, lack);
	} else {
		setup_print(cli, &plan, &extra, lack);
	}
	if (!r && !e && cli->apply)
		code = apply(cli, &plan, lack);
	setup_plan_fini(&plan);
	setup_plan_fini(&extra);
	return code;
}

static int look(const struct cli *cli, struct host *host, const struct profile *profile)
{
	struct check_results results = { .count = 0 };
	struct setup_lack lack;
	int rc = check_gather(cli, host, &results);

	if (rc < 0)
		log_error("the host cannot be read: %s", strerror(-rc));
	if (rc <= 0)
		setup_find_lack(host, &results, profile, &lack);
	if (!rc)
		rc = show(cli, host_root_fd(host), &lack);
	check_results_fini(&results);
	return rc < 0 ? EXIT_HOST : rc;
}

static int with_host(const struct cli *cli, const struct profile *profile)
{
	struct host *host = NULL;
	int rc = host_open(cli->sysroot, &host);

	if (rc) {
		log_error("the host cannot be read: %s", strerror(-rc));
		return EXIT_HOST;
	}
	rc = look(cli, host, profile);
	host_close(host);
	return rc;
}

static int check_use(const struct cli *cli)
{
	if (cli->apply && cli->undo)
		log_error("--apply or --undo: one of them");
	else if (cli->undo && (cli->word_count || cli->json))
		log_error("--undo takes back all that setup has changed: it goes alone");
	else if (cli->sysroot && (cli->apply || cli->undo))
		log_error("--sysroot reads another machine: nothing is changed there");
	else if (cli->json && cli->apply)
		log_error("--json prints the steps: it does not go with --apply");
	else
		return 0;
	return EXIT_BAD_USE;
}

/**
 * command_setup() - print what lacks and how; with --apply do it, with --undo take it back
 *
 * Return: EXIT_OK nothing lacks, or all was done; EXIT_HOST something does, or was refused;
 * EXIT_BAD_USE
 */
int command_setup(const struct cli *cli)
{
	struct opened_profile o = { .profile = NULL };
	int code = check_use(cli);

	if (!code && (cli->apply || cli->undo))
		code = job_needs_root(cli);
	if (!code && cli->undo)
		return undo();
	if (!code && cli->word_count)
		code = profile_open(cli, cli->word[0], &o);
	if (!code)
		code = with_host(cli, o.profile);
	profile_free(o.profile);
	return code;
}
