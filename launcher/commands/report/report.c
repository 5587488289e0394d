/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.c - `vfio-run report`: one text for a bug report, without what identifies machine or
 * people
 *
 * Its parts are the commands' own output, with their messages where they come, put into memory,
 * and scrubbed as a whole (scrub.c): no part can be forgotten.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/report/report.h"
#include "launcher/commands/report/scrub.h"
#include "launcher/commands/status/causes.h"
#include "launcher/host/small-file.h"
#include "launcher/host/user/as-user.h"
#include "launcher/host/user/new-files.h"
#include "launcher/inspect/invoker.h"
#include "launcher/inspect/profile-names.h"
#include "launcher/setup/setup.h"

#define LOG_LINES 40         /* of each VM's, the last ones */
#define LOG_BYTES (16 << 10) /* of its end, in which they are looked for */

struct report {
	const struct cli *cli;
	struct host *host;
	struct host_user user;
	bool has_user;
	struct scrub scrub;
};

static void heading(const char *text)
{
	(void)printf("\n==== %s\n\n", text);
}

/* A line of a file, as it is shown in a report; nothing when it is not there */
static void print_file(int root, const char *what, const char *path)
{
	char text[2048], quoted[sizeof(text) * 4];

	if (sysfs_read(root, path, text, sizeof(text)) <= 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	(void)printf("%s: %s\n", what, log_quote(text, quoted, sizeof(quoted)));
}

static void print_processor(int root)
{
	cleanup_free char *text = NULL;
	char *rest, *line, quoted[1024];

	if (host_text(root, "proc/cpuinfo", &text))
		return;
	rest = text;
	while ((line = host_next_line(&rest)))
		if (!strncmp(line, "model name", 10)) {
			(void)printf("processor%s\n",
				     log_quote(line + strcspn(line, ":"), quoted, sizeof(quoted)));
			return;
		}
}

static void print_versions(const struct report *r)
{
	int root = host_root_fd(r->host);
	struct setup_plan plan;
	struct utsname u;

	(void)printf("vfio-run %s\n", cli_version());
	if (host_is_live(r->host) && !uname(&u))
		(void)printf("kernel: %s %s\n", u.release, u.machine);
	if (!setup_plan_make(root, NULL, 0, &plan))
		(void)printf("system: %s; boot loader: %s; initramfs: %s\n", plan.system,
			     plan.loader ? plan.loader : "none that is known",
			     plan.initramfs ? plan.initramfs : "none that is known");
	setup_plan_fini(&plan);
	print_processor(root);
	print_file(root, "board", "sys/class/dmi/id/board_name");
	print_file(root, "firmware", "sys/class/dmi/id/bios_version");
	print_file(root, "command line", "proc/cmdline");
}

/* A command as it is typed, with its output where ours goes. */
static void run_command(const struct report *r, const char *name, int (*run)(const struct cli *cli),
			int verbosity)
{
	struct cli cli = *r->cli;
	char title[64];

	(void)snprintf(title, sizeof(title), "vfio-run %s%s", name, verbosity > 0 ? " -v" : "");
	heading(title);
	cli.command = cli_find_command(name);
	cli.word_count = 0;
	cli.verbosity = verbosity;
	cli.colour = CLI_COLOUR_NEVER;
	(void)run(&cli);
}

/* ---- logs --------------------------------------------------------------------------------------
 */

/* Where the last lines begin. */
static const char *last_lines(const char *text, size_t size)
{
	const char *at = text + size;

	for (size_t lines = 0; at > text; at--)
		if (at[-1] == '\n' && at < text + size && ++lines == LOG_LINES)
			return at;
	return at;
}

static void print_log(const struct report *r, const char *name, const char *file)
{
	char path[PATH_MAX], text[LOG_BYTES + 1], title[128], quoted[LOG_BYTES * 4];
	struct causes_seen seen = { { 0 } };
	cleanup_close int fd = -1;
	char *rest, *line;
	ssize_t n;
	off_t size;

	(void)snprintf(path, sizeof(path), "%s/.local/state/vfio-run/%s/%s", r->user.home, name,
		       file);
	if (as_user_open(&r->user, path, &fd))
		return;
	size = lseek(fd, 0, SEEK_END);
	n = pread(fd, text, LOG_BYTES, size > LOG_BYTES ? size - LOG_BYTES : 0);
	if (n <= 0)
		return;
	text[n] = '\0';
	(void)snprintf(title, sizeof(title), "%s: the last lines of %s", name, file);
	heading(title);
	rest = text + (last_lines(text, (size_t)n) - text);
	while ((line = host_next_line(&rest))) {
		causes_note(&seen, line);
		(void)puts(log_quote(line, quoted, sizeof(quoted)));
	}
	causes_print(&seen);
}

static void print_logs(const struct report *r)
{
	struct profile_names names;

	if (!r->has_user || !host_is_live(r->host))
		return;
	profile_names(&r->user, &names);
	for (size_t i = 0; i < names.count; i++) {
		print_log(r, names.name[i], "qemu.log");
		print_log(r, names.name[i], "try.log");
	}
}

/* ---- all of it, in memory
 * ------------------------------------------------------------------------ */

static void print_parts(const struct report *r)
{
	print_versions(r);
	run_command(r, "check", command_check, 0);
	run_command(r, "list", command_list, 1);
	if (host_is_live(r->host))
		run_command(r, "status", command_status, 0);
	heading("the machine, for tests/sysfs/make-tree");
	report_machine(r->host);
	print_logs(r);
}

/* The text of a file in memory. */
static char *take_text(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = size < 0 ? NULL : malloc((size_t)size + 1);

	if (!text || pread(fd, text, (size_t)size, 0) != size) {
		free(text);
		return NULL;
	}
	text[size] = '\0';
	return text;
}

/* While this runs stdout and stderr are a file in memory. Return: its text, NULL: there is no memory */
static char *gather(const struct report *r)
{
	static const int outputs[] = { STDOUT_FILENO, STDERR_FILENO };
	cleanup_close int memory = memfd_create("vfio-run-report", MFD_CLOEXEC);
	int saved[ARRAY_SIZE(outputs)];
	bool good = memory >= 0;

	(void)fflush(stdout);
	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++) {
		saved[i] = fcntl(outputs[i], F_DUPFD_CLOEXEC, 3);
		good &= saved[i] >= 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(outputs) && good; i++)
		good = dup2(memory, outputs[i]) >= 0;
	log_setup(LOG_NOTICE, false);
	if (good)
		print_parts(r);
	(void)fflush(stdout);
	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++) {
		good &= saved[i] >= 0 && dup2(saved[i], outputs[i]) >= 0;
		if (saved[i] >= 0)
			(void)close(saved[i]);
	}
	log_setup(r->cli->verbosity < 0 ? LOG_WARNING : LOG_NOTICE, cli_wants_colour(r->cli, STDERR_FILENO));
	return good ? take_text(memory) : NULL;
}

/* ---- where it goes
 * ------------------------------------------------------------------------------- */

static int write_report(const struct report *r, const char *name, const char *text)
{
	char path[PATH_MAX], here[PATH_MAX] = "";
	struct host_user user = r->has_user ? r->user : (struct host_user){ .name = "root", .home = "/root" };
	int rc = 0;

	if (*name != '/' && !getcwd(here, sizeof(here)))
		rc = -errno;
	if (!rc && (size_t)snprintf(path, sizeof(path), "%s%s%s", here, *name == '/' ? "" : "/",
				    name) >= sizeof(path))
		rc = -ENAMETOOLONG;
	if (!rc)
		rc = new_files_text(&user, path, text);
	if (!rc) {
		log_notice("%s: written; read it before you send it", path);
		return EXIT_OK;
	}
	log_error("%s: %s", cli_shown(name),
		  rc == -EEXIST ? "it is there already, and stays as it is" : strerror(-rc));
	return EXIT_HOST;
}

static int make_report(struct report *r)
{
	cleanup_free char *text = NULL, *clean = NULL;

	scrub_machine(&r->scrub, host_root_fd(r->host));
	if (r->has_user) {
		scrub_add(&r->scrub, r->user.home, "<home>");
		scrub_add(&r->scrub, r->user.name, "<user>");
	}
	text = gather(r);
	clean = text ? scrub_text(&r->scrub, text) : NULL;
	if (!clean) {
		log_error("there is no memory for the report");
		return EXIT_HOST;
	}
	if (r->cli->word_count)
		return write_report(r, r->cli->word[0], clean);
	(void)fputs(clean, stdout);
	return EXIT_OK;
}

/**
 * command_report() - to stdout, or to a new file of the user's
 *
 * Return: EXIT_OK or EXIT_HOST
 */
int command_report(const struct cli *cli)
{
	struct report r = { .cli = cli };
	int code = invoker_find(&r.user, &r.has_user), rc;

	if (code)
		return code;
	(void)setvbuf(stdout, NULL, _IOLBF, 0); /* messages come between its lines */
	rc = host_open(cli->sysroot, &r.host);
	if (rc) {
		log_error("the host cannot be read: %s", strerror(-rc));
		return EXIT_HOST;
	}
	code = make_report(&r);
	scrub_fini(&r.scrub);
	host_close(r.host);
	return code;
}
