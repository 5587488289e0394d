/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail-users.c - a program that is root in a user namespace, and the VM's user outside of it
 *
 * For one that refuses to work without capabilities, as virtiofsd of QEMU itself does. The namespace
 * holds a single user: root in it is the VM's user, and all its capabilities are good for what
 * belongs to the namespace, which is nothing that is mounted or opened here.
 *
 * The maps are written by another process that is still root: hosts that forbid user namespaces to
 * users do not forbid them to root, and this one need not be made readable to the user's other
 * processes for it, as it would have to be to write its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/keeper/jail/jail-inside.h"

/* The jail's first process is the one that is mapped. */
static int write_one(const char *file, const char *text)
{
	char path[32];
	ssize_t n;
	int fd, rc;

	(void)snprintf(path, sizeof(path), "/proc/1/%s", file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	rc = n == (ssize_t)strlen(text) ? 0 : n < 0 ? -errno : -EIO;
	(void)close(fd);
	return rc;
}

static int write_maps(const struct jail *jail)
{
	char uid[32], gid[32];
	int rc = write_one("setgroups", "deny");

	(void)snprintf(uid, sizeof(uid), "0 %u 1\n", jail->uid);
	(void)snprintf(gid, sizeof(gid), "0 %u 1\n", jail->gid);
	if (!rc)
		rc = write_one("gid_map", gid);
	return rc ? rc : write_one("uid_map", uid);
}

/* Its answer: 0 or -errno, when the byte has come that the namespace is there. */
static _Noreturn void map(const struct jail *jail, int socket)
{
	char byte;
	int rc = read(socket, &byte, 1) == 1 ? write_maps(jail) : -ECHILD;

	_exit(write(socket, &rc, sizeof(rc)) == (ssize_t)sizeof(rc) ? 0 : 1);
}

static void map_from_outside(const struct child *c, int socket, pid_t mapper)
{
	int rc = -ECHILD;

	jail_check(c, unshare(CLONE_NEWUSER), "making its user namespace");
	if (write(socket, "", 1) != 1 || read(socket, &rc, sizeof(rc)) != (ssize_t)sizeof(rc))
		rc = -ECHILD;
	(void)waitpid(mapper, NULL, 0);
	if (rc)
		jail_fail(c, "mapping its user", NULL, -rc);
}

/** jail_become_root_of_its_own() - the user for good, and root of a namespace with no other user */
void jail_become_root_of_its_own(struct child *c)
{
	uid_t real, effective, saved;
	pid_t mapper;
	int pair[2];

	jail_check(c, setgroups(0, NULL), "becoming the user");
	jail_check(c, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair),
		   "mapping its user");
	mapper = fork();
	jail_check(c, mapper, "mapping its user");
	if (!mapper) {
		(void)close(pair[0]);
		map(c->jail, pair[1]);
	}
	(void)close(pair[1]);
	map_from_outside(c, pair[0], mapper);
	(void)close(pair[0]);
	jail_check(c, setresgid(0, 0, 0), "becoming the user");
	jail_check(c, setresuid(0, 0, 0), "becoming the user");
	if (getresuid(&real, &effective, &saved) || real || effective || saved)
		jail_fail(c, "becoming the user", NULL, EPERM);
}
