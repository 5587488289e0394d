/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edit.c - `vfio-run edit`: a profile in its owner's editor, and what is wrong with it afterwards
 *
 * The editor comes from the environment and can start a shell: it is run as the user, never as root
 * for somebody behind sudo, whose rule may be for this program alone.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/check.h"
#include "launcher/commands/commands.h"
#include "launcher/host/host.h"
#include "launcher/host/user/as-user.h"
#include "launcher/inspect/profile-open.h"

#define EDITOR_WORDS 16

struct editor {
	char text[512]; /* of the variable; the words are pieces of it */
	char path[PATH_MAX];
	char *argv[EDITOR_WORDS + 2];
};

/* ---- which editor
 * -------------------------------------------------------------------------------- */

/* In the system's directories only: what PATH says is the caller's. Return: is it there? */
static bool find_program(const char *name, char path[PATH_MAX])
{
	static const char *const folders[] = { "/usr/local/bin/", "/usr/bin/", "/bin/" };

	if (strchr(name, '/')) {
		(void)snprintf(path, PATH_MAX, "%s", name);
		return *name == '/' && !access(path, X_OK);
	}
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		(void)snprintf(path, PATH_MAX, "%s%s", folders[i], name);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

/* "code --wait": words with blanks between; what would take a shell is refused. */
static bool take_words(struct editor *e, const char *value)
{
	char *save = NULL;
	size_t n = 0;

	if (strlen(value) >= sizeof(e->text) || strpbrk(value, "\"'`$\\;|&<>(){}*?"))
		return false;
	(void)snprintf(e->text, sizeof(e->text), "%s", value);
	for (char *w = strtok_r(e->text, " \t", &save); w && n < EDITOR_WORDS;
	     w = strtok_r(NULL, " \t", &save))
		e->argv[n++] = w;
	return n;
}

/* Return: 0 or EXIT_HOST, reported */
static int find_editor(const char *file, struct editor *e)
{
	static const char *const variables[] = { "VISUAL", "EDITOR" };
	static const char *const usual[] = { "editor", "nano", "vim", "vi" };

	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		const char *value = getenv(variables[i]);

		if (!value || !*value)
			continue;
		if (take_words(e, value) && find_program(e->argv[0], e->path))
			return 0;
		log_error(
			"%s=%s: expected a program of the system's directories, or an absolute path, and words "
			"without quotes behind it",
			variables[i], cli_shown(value));
		return EXIT_HOST;
	}
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (find_program(usual[i], e->path) && take_words(e, usual[i]))
			return 0;
	log_error("no editor was found: set EDITOR to one, or take one of your own to %s", cli_shown(file));
	return EXIT_HOST;
}

/* ---- running it
 * ---------------------------------------------------------------------------------- */

#define VARIABLES 12

static void add_variable(char **environment, size_t *count, const char *name, const char *value)
{
	if (value && *count < VARIABLES && asprintf(&environment[*count], "%s=%s", name, value) > 0)
		(*count)++;
}

/* What an editor needs of the terminal, or of the desktop; of root's nothing. */
static void make_environment(const struct host_user *user, char **environment)
{
	static const char *const passed[] = { "TERM",      "LANG",    "LC_ALL",
					      "LC_CTYPE",  "DISPLAY", "WAYLAND_DISPLAY",
					      "XAUTHORITY" };
	char runtime[48];
	size_t count = 0;

	(void)snprintf(runtime, sizeof(runtime), "/run/user/%u", (unsigned int)user->uid);
	add_variable(environment, &count, "HOME", user->home);
	add_variable(environment, &count, "USER", user->name);
	add_variable(environment, &count, "PATH", "/usr/local/bin:/usr/bin:/bin");
	add_variable(environment, &count, "XDG_RUNTIME_DIR", runtime);
	for (size_t i = 0; i < ARRAY_SIZE(passed); i++)
		add_variable(environment, &count, passed[i], getenv(passed[i]));
}

static _Noreturn void become_editor(const struct host_user *user, const struct editor *e)
{
	char *environment[VARIABLES + 1] = { NULL };

	make_environment(user, environment);
	if (geteuid() == 0 && user->uid && as_user_become(user))
		_exit(127);
	(void)umask(022);
	(void)execve(e->path, e->argv, environment);
	_exit(127);
}

/* Ctrl-C is the editor's meanwhile. Return: 0 or EXIT_HOST, reported */
static int run_editor(const struct host_user *user, const struct editor *e)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, interrupt, quit;
	int status = 0;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0)
		become_editor(user, e);
	(void)sigaction(SIGINT, &ignore, &interrupt);
	(void)sigaction(SIGQUIT, &ignore, &quit);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	(void)sigaction(SIGINT, &interrupt, NULL);
	(void)sigaction(SIGQUIT, &quit, NULL);
	if (pid > 0 && !status)
		return 0;
	if (pid < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 127))
		log_error("%s: the editor cannot be executed", e->path);
	else
		log_error("%s: the editor ended with %d", e->path,
			  WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return EXIT_HOST;
}

/* ---- afterwards
 * ------------------------------------------------------------------------------------ */

/* What the host says to it: nothing of it is the file's fault, so it is only told. */
static void say_checks(const struct cli *cli)
{
	struct check_results results = { .count = 0 };
	struct host *host = NULL;

	if (!host_open(NULL, &host) && check_gather(cli, host, &results) <= 0)
		for (size_t i = 0; i < results.count; i++) {
			const struct check_result *r = &results.item[i];

			if (r->state == CHECK_FAILED)
				log_warning("%s: %s%s%s", r->check, r->detail,
					    r->remedy ? "; " : "", r->remedy ? r->remedy : "");
		}
	check_results_fini(&results);
	host_close(host);
}

static int look_again(const struct cli *cli)
{
	struct opened_profile o;

	if (profile_open(cli, cli->word[0], &o))
		return EXIT_HOST;
	profile_free(o.profile);
	log_notice("%s: every line of it is understood", o.path);
	say_checks(cli);
	return EXIT_OK;
}

/* Whose editor it is. Return: 0 or EXIT_HOST, reported */
static int find_user(const struct opened_profile *o, struct host_user *user)
{
	if (o->of_root && (geteuid() || (o->has_invoker && o->invoker.uid))) {
		log_error(
			"%s is root's, and no editor is run as root here: `sudoedit %s`, then `vfio-run check %s`",
			o->path, o->path, o->path);
		return EXIT_HOST;
	}
	*user = o->has_invoker ? o->invoker : (struct host_user){ .name = "root", .home = "/root" };
	return 0;
}

/**
 * command_edit() - edit a profile, and check it
 *
 * Return: EXIT_OK: every line of it is understood; EXIT_HOST
 */
int command_edit(const struct cli *cli)
{
	struct editor e = { .path = "" };
	struct opened_profile o;
	struct host_user user;
	int code = profile_find(cli, cli->word[0], &o), ended;
	size_t words = 0;

	if (!code)
		code = find_user(&o, &user);
	if (!code)
		code = find_editor(o.path, &e);
	if (code)
		return EXIT_HOST;
	while (e.argv[words])
		words++;
	e.argv[words] = o.path;
	log_notice("%s", o.path);
	ended = run_editor(&user, &e);
	code = look_again(cli);
	return ended ? ended : code;
}
