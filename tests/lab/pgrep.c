// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pgrep.c - pgrep and pkill, as far as scenarios use them: a tenth of an emulated processor's time
 *
 * usage: pgrep|pkill [-SIGNAL] [-x] [-f] [-o] [-a] [-P PARENT] PATTERN
 *
 * As procps' do, they never match themselves, and a name has 15 bytes.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <regex.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool exactly, whole_line, oldest, show;
static long parent_wanted;
static regex_t pattern;

/* The bytes of /proc/PID/FILE, with every 0 a space; how many. */
static size_t process_file(long pid, const char *file, char *text, size_t size)
{
	char path[64];
	(void)snprintf(path, sizeof(path), "/proc/%ld/%s", pid, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	if (length < 0)
		length = 0;
	for (ssize_t i = 0; i < length; i++)
		if (!text[i])
			text[i] = ' ';
	while (length && (text[length - 1] == ' ' || text[length - 1] == '\n'))
		length--;
	text[length] = '\0';
	return (size_t)length;
}

static bool matches(const char *text)
{
	regmatch_t match;
	return !regexec(&pattern, text, 1, &match, 0) &&
	       (!exactly || (!match.rm_so && !text[match.rm_eo]));
}

/* @line: of at least 4096 bytes, what is shown of it. */
static bool is_meant(long pid, char *line, size_t size)
{
	char stat[512];
	if (!process_file(pid, "stat", stat, sizeof(stat)))
		return false;
	char *name = strchr(stat, '('), *end = strrchr(stat, ')');
	if (!name || !end)
		return false;
	*end = '\0';
	if (parent_wanted && atol(end + 4) != parent_wanted) /* ") S PPID" */
		return false;
	if (!process_file(pid, "cmdline", line, size))
		(void)snprintf(line, size, "%s", name + 1);
	return matches(whole_line ? line : name + 1);
}

static int signal_named(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = { { "KILL", SIGKILL }, { "TERM", SIGTERM }, { "INT", SIGINT },
			{ "HUP", SIGHUP },   { "STOP", SIGSTOP }, { "CONT", SIGCONT },
			{ "QUIT", SIGQUIT } };
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!strcmp(name, signals[i].name))
			return signals[i].number;
	int number = atoi(name);
	if (!number)
		errx(2, "no option and no signal: -%s", name);
	return number;
}

int main(int argc, char **argv)
{
	bool kills = strstr(argv[0], "pkill");
	int sent = SIGTERM, i = 1;
	for (; i < argc && argv[i][0] == '-'; i++) {
		const char *option = argv[i] + 1;
		if (!strcmp(option, "x"))
			exactly = true;
		else if (!strcmp(option, "f"))
			whole_line = true;
		else if (!strcmp(option, "o"))
			oldest = true;
		else if (!strcmp(option, "a"))
			show = true;
		else if (!strcmp(option, "P") && i + 1 < argc)
			parent_wanted = atol(argv[++i]);
		else
			sent = signal_named(option);
	}
	if (i < argc - 1 || (i == argc && !parent_wanted))
		errx(2, "one pattern is wanted");
	if (regcomp(&pattern, i < argc ? argv[i] : "", REG_EXTENDED))
		errx(2, "%s: no pattern", argv[i]);

	DIR *proc = opendir("/proc");
	if (!proc)
		err(2, "/proc");
	bool found = false;
	for (struct dirent *entry;
	     (entry = readdir(proc)) && !(found && oldest);) { /* by number: the oldest is first */
		char line[4096];
		long pid = atol(entry->d_name);
		if (!pid || pid == getpid() || !is_meant(pid, line, sizeof(line)))
			continue;
		found = true;
		if (kills)
			(void)kill((pid_t)pid, sent);
		else
			printf("%ld%s%s\n", pid, show ? " " : "", show ? line : "");
	}
	closedir(proc);
	return !found;
}
