/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.c - becomes a program of the user's, with the environment of the user's session
 *
 * usage: session PROGRAM [ARGUMENT]...		as the user, with a plain environment
 *
 * No process of root's reads what is the user's: this one is the user when it starts. The session
 * is that of the process that vfio-run was started from, sudo's parent, when it is the user's; else,
 * for a service or a login from elsewhere, that of any process of the user's on a desktop, of
 * which only the variables are taken that lead to the desktop.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"

#define ENVIRON_MAX (128 * 1024)
#define ANCESTORS_MAX 32

static char first[ENVIRON_MAX], second[ENVIRON_MAX]; /* of two processes; the strings stay in them */

static const char *const of_desktop[] = {
	"DISPLAY",	    "WAYLAND_DISPLAY",	   "XAUTHORITY",       "XDG_RUNTIME_DIR",
	"XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "DBUS_SESSION_BUS_ADDRESS",
};

/* Return: false when it is not the user's, or cannot be read */
static bool read_environment(const char *pid, char buf[ENVIRON_MAX])
{
	cleanup_close int dir = -1, fd = -1;
	char path[64];
	struct stat st;
	size_t used = 0;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%.16s", pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fstat(dir, &st) || st.st_uid != getuid())
		return false;
	fd = openat(dir, "environ", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while (used < ENVIRON_MAX - 1 && (n = read(fd, buf + used, ENVIRON_MAX - 1 - used)) > 0)
		used += (size_t)n;
	memset(buf + used, 0, ENVIRON_MAX - used);
	return used > 0;
}

static const char *find(const char *environment, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = environment; *at; at += strlen(at) + 1)
		if (!strncmp(at, name, length) && at[length] == '=')
			return at + length + 1;
	return NULL;
}

static bool is_on_desktop(const char *environment)
{
	const char *x11 = find(environment, "DISPLAY");

	return find(environment, "WAYLAND_DISPLAY") || (x11 && *x11 == ':');
}

static pid_t parent_of(pid_t pid)
{
	char path[64], text[512];
	cleanup_close int fd = -1;
	const char *end;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	end = strrchr(text, ')'); /* the name can hold anything */
	return end && strlen(end) > 4 ? (pid_t)strtol(end + 4, NULL, 10) : 0;
}

static bool find_ancestor(char buf[ENVIRON_MAX])
{
	pid_t pid = getppid();
	char text[16];

	for (int i = 0; i < ANCESTORS_MAX && pid > 1; i++, pid = parent_of(pid)) {
		(void)snprintf(text, sizeof(text), "%d", (int)pid);
		if (read_environment(text, buf))
			return true;
	}
	return false;
}

static bool find_desktop(char buf[ENVIRON_MAX])
{
	cleanup_closedir DIR *dir = opendir("/proc");
	const struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (*e->d_name >= '1' && *e->d_name <= '9' && read_environment(e->d_name, buf) &&
		    is_on_desktop(buf))
			return true;
	return false;
}

/* Where every login of systemd's has them, which a service has not. */
static void set_places(void)
{
	char path[64], address[96];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/run/user/%u", (unsigned int)getuid());
	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return;
	(void)setenv("XDG_RUNTIME_DIR", path, 0);
	(void)snprintf(path, sizeof(path), "/run/user/%u/bus", (unsigned int)getuid());
	(void)snprintf(address, sizeof(address), "unix:path=%s", path);
	if (!stat(path, &st) && S_ISSOCK(st.st_mode))
		(void)setenv("DBUS_SESSION_BUS_ADDRESS", address, 0);
}

static void take_environment(void)
{
	bool ancestor = find_ancestor(first);

	for (char *at = first; ancestor && *at; at += strlen(at) + 1)
		if (strchr(at, '='))
			(void)putenv(at);
	if (ancestor && is_on_desktop(first))
		return;
	if (!find_desktop(second))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(of_desktop); i++)
		if (find(second, of_desktop[i]))
			(void)setenv(of_desktop[i], find(second, of_desktop[i]), 1);
}

int main(int argc, char **argv)
{
	const char *home;

	if (argc < 2 || getuid() == 0 || getuid() != geteuid())
		return 2;
	take_environment();
	set_places();
	home = getenv("HOME");
	if (!home || chdir(home))
		(void)!chdir("/");
	(void)umask(022);
	(void)execv(argv[1], argv + 1);
	(void)fprintf(stderr, "vfio-run: %s cannot be executed: %s\n", argv[1], strerror(errno));
	return 127;
}
