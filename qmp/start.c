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

/**
 * qmp_start() - Check, harden, serve
 * @argc: As main's
 * @argv: As main's: the VM's name, and "--colour" when stderr wants colours
 *
 * Return: exit code: 0 when the session ended in order, 1 when it could not begin.
 */
int qmp_start(int argc, char **argv)
{
	bool colour = argc == 3 && !strcmp(argv[2], "--colour");
	const char *what = "";
	int rc;

	if (argc != (colour ? 3 : 2) || !is_name(argv[1]) || !are_descriptors_right())
		return complain("part of vfio-run; it is not started by hand", 0);
	if (getuid() == 0 || geteuid() == 0)
		return complain("refuses to run as root", 0);

	rc = qmp_harden_process(&what);
	if (!rc) {
		what = "get memory";
		rc = qmp_session_init(&session, argv[1], colour);
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
