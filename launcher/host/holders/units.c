/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * units.c - what the service manager says of a unit, by the program that links libsystemd
 *
 * Why it is a program: launcher/keeper/programs/scope.c. Anybody may ask.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/holders/units.h"
#include "launcher/host/programs.h"
#include "launcher/host/user/as-user.h"

#define ANSWER_MS 10000

/** host_has_systemd() - is there a systemd, and the program that asks it? */
bool host_has_systemd(void)
{
	return access("/run/systemd/system", F_OK) == 0 && host_program_exists("scope");
}

/**
 * host_session_ends() - is this process in a session that ends with the display manager?
 *
 * One of the seat is, and so may be what a user's manager has started; one of ssh is not.
 */
bool host_session_ends(void)
{
	char text[512], path[64], id[32], *at;

	if (sysfs_read(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text)) <= 0)
		return false;
	at = strstr(text, "/session-");
	if (!at || sscanf(at, "/session-%31[^./].scope", id) != 1)
		return strstr(text, "/user@") != NULL;
	(void)snprintf(path, sizeof(path), "/run/systemd/sessions/%.31s", id);
	return sysfs_read(AT_FDCWD, path, text, sizeof(text)) > 0 && strstr(text, "SEAT=seat");
}

static _Noreturn void child(int program, int out, const struct host_user *user, const char *unit)
{
	char word[] = "scope", kind[16], what[] = "show", name[CHANGE_TEXT_MAX];
	char *argv[] = { word, kind, what, name, NULL }, *env[] = { NULL };

	(void)snprintf(kind, sizeof(kind), "%s", user ? "user-unit" : "unit");
	(void)snprintf(name, sizeof(name), "%s", unit);
	if (user && as_user_become(user))
		_exit(EPERM);
	if (dup2(out, STDOUT_FILENO) >= 0)
		(void)execveat(program, "", argv, env, AT_EMPTY_PATH);
	_exit(errno);
}

static void add_drawn(struct host_unit *unit, const char *word)
{
	size_t used = strlen(unit->drawn);

	if (change_is_addresses(word) && used + strlen(word) + 2 <= sizeof(unit->drawn))
		(void)snprintf(unit->drawn + used, sizeof(unit->drawn) - used, "%s%s", used ? " " : "",
			       word);
}

/**
 * host_unit_word() - "lightdm.service running display 0000:01:00.0 no-stop no-start transient", without its newline
 *
 * Return: false: it is no such line
 */
bool host_unit_word(char *line, struct host_unit *out)
{
	char *save = NULL, *id = strtok_r(line, " ", &save), *state = strtok_r(NULL, " ", &save);
	const char *word;

	if (!id || !state || strlen(id) >= sizeof(out->id))
		return false;
	*out = (struct host_unit){ .running = !strcmp(state, "running") };
	(void)snprintf(out->id, sizeof(out->id), "%s", id);
	while ((word = strtok_r(NULL, " ", &save))) {
		out->display |= !strcmp(word, "display");
		out->no_stop |= !strcmp(word, "no-stop");
		out->no_start |= !strcmp(word, "no-start");
		out->transient |= !strcmp(word, "transient");
		add_drawn(out, word);
	}
	return true;
}

/* One line, or what came of it in time. */
static void hear(int from, char *line, size_t size)
{
	struct pollfd p = { .fd = from, .events = POLLIN };
	size_t used = 0;
	ssize_t n = 1;

	while (n > 0 && used < size - 1 && poll(&p, 1, ANSWER_MS) > 0) {
		n = read(from, line + used, size - 1 - used);
		used += n > 0 ? (size_t)n : 0;
	}
	line[used] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

static int ask(const struct host_user *user, const char *name, struct host_unit *out)
{
	cleanup_close int program = host_program_open("scope");
	char line[2 * CHANGE_TEXT_MAX + 64] = "";
	int pair[2], status;
	pid_t pid;

	if (program < 0 || strlen(name) >= CHANGE_TEXT_MAX)
		return -ELIBACC;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		child(program, pair[1], user, name);
	(void)close(pair[1]);
	if (pid > 0)
		hear(pair[0], line, sizeof(line));
	(void)close(pair[0]);
	if (pid < 0)
		return -EAGAIN;
	if (!*line) /* it has ended, or does not get an answer */
		(void)kill(pid, SIGTERM);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -ETIME;
	if (WEXITSTATUS(status))
		return -WEXITSTATUS(status);
	return host_unit_word(line, out) ? 0 : -EPROTO;
}

/**
 * host_unit() - what a unit really is called, and whether it runs
 * @name:	a unit or an alias of one
 *
 * Return: 0; -ENOENT there is none; -ELIBACC the program is not there; -ETIME systemd does not
 *	   answer; other -errno of D-Bus
 */
int host_unit(const char *name, struct host_unit *out)
{
	return ask(NULL, name, out);
}

/**
 * host_user_unit() - the same of a user's own service manager, asked as that user
 *
 * Return: as host_unit(); -EPERM this process cannot become that user
 */
int host_user_unit(const struct host_user *user, const char *name, struct host_unit *out)
{
	return ask(user, name, out);
}
