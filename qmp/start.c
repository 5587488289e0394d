// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * start.c - vfio-qmp from its arguments to its exit code
 *
 * Apart from main.c, so that a test can run all of it in a process of its own.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qmp/harden.h"
#include "qmp/record.h"
#include "qmp/session.h"
#include "qmp/start.h"

/* Static: the line buffer is 1 MiB, of which only what is used is ever touched. */
static struct qmp_session session;

static int complain(const char *what, int error)
{
	(void)dprintf(STDERR_FILENO, "vfio-qmp: %s%s%s\n", what, error ? ": " : "",
		      error ? strerror(error) : "");
	return 1;
}

/* The name is printed before every line: the keeper checked it; it is checked again. */
static bool is_name(const char *name)
{
	size_t length = strlen(name);

	if (!length || length >= QEMU_OUTPUT_NAME_MAX)
		return false;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_.-", *p))
			return false;
	return true;
}

static bool is_socket(int fd, int type)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size) && value == type;
}

static bool are_descriptors_right(void)
{
	struct stat st;

	return is_socket(QMP_FD_MONITOR, SOCK_STREAM) && is_socket(QMP_FD_KEEPER, SOCK_SEQPACKET) &&
	       !fstat(QMP_FD_STDERR, &st) && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

struct options {
	bool colour;
	enum qmp_screen screen;
};

/* clang-format off */
static const struct { const char *word; enum qmp_screen screen; } screens[] = {
	{ "--vnc",            QMP_SCREEN_VNC },
	{ "--spice",          QMP_SCREEN_SPICE },
	{ "--vnc-password",   QMP_SCREEN_VNC_PASSWORD },
	{ "--spice-password", QMP_SCREEN_SPICE_PASSWORD },
};
/* clang-format on */

/* Each kind once. */
static bool read_option(const char *word, struct options *out)
{
	if (!strcmp(word, "--colour") && !out->colour)
		return out->colour = true;
	for (size_t i = 0; i < ARRAY_SIZE(screens) && out->screen == QMP_SCREEN_NONE; i++)
		if (!strcmp(word, screens[i].word)) {
			out->screen = screens[i].screen;
			return true;
		}
	return false;
}

static bool read_options(int argc, char **argv, struct options *out)
{
	*out = (struct options){ .colour = false };
	for (int i = 2; i < argc; i++)
		if (!read_option(argv[i], out))
			return false;
	return argc >= 2;
}

/**
 * qmp_start() - Check, harden, serve
 * @argc: As main's
 * @argv: As main's: the VM's name; "--colour" when stderr wants colours; "--vnc" or "--spice",
 *	  also with "-password", when there is a display that clients connect to
 *
 * Return: exit code: 0 when the session ended in order, 1 when it could not begin.
 */
int qmp_start(int argc, char **argv)
{
	struct options options;
	const char *what = "";
	int rc;

	if (!read_options(argc, argv, &options) || !is_name(argv[1]) || !are_descriptors_right())
		return complain("part of vfio-run; it is not started by hand", 0);
	if (getuid() == 0 || geteuid() == 0)
		return complain("refuses to run as root", 0);

	rc = qmp_harden_process(&what);
	if (!rc) {
		what = "get memory";
		rc = qmp_session_init(&session, argv[1], options.colour, options.screen);
	}
	if (!rc)
		rc = qmp_harden_calls(&what);
	if (!rc)
		qmp_session_run(&session);
	qmp_session_fini(&session);
	if (rc)
		(void)dprintf(STDERR_FILENO, "vfio-qmp: cannot %s: %s\n", what, strerror(-rc));
	return rc != 0;
}
