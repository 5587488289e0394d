/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail-late.c - nodes for a QEMU that runs: what had no number when its jail was built
 *
 * A VFIO group has a number when its first device is bound, and by then QEMU stands, in a root that
 * nobody can change. So the child clones the mount of its /dev before that is closed, and sends it
 * over a socket of its own; the keeper takes it from there when it is needed, makes the nodes in
 * it, and closes it. It is never inherited: not by the program, which closes all that it is not
 * given, nor by the standby. In the jail /dev stays read-only.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/keeper/jail/jail-inside.h"
#include "launcher/keeper/process/caps.h"

union one_descriptor {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

/** jail_has_late_nodes() - is there a node that is made when the program runs already? */
bool jail_has_late_nodes(const struct jail *jail)
{
	for (uint32_t i = 0; i < jail->node_count; i++)
		if (jail->node[i].late)
			return true;
	return false;
}

static int send_one(int socket, int fd)
{
	union one_descriptor control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
						     .cmsg_level = SOL_SOCKET,
						     .cmsg_type = SCM_RIGHTS } };
	char byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/** jail_send_dev() - in the new root, which is the working directory; its dev is complete so far */
void jail_send_dev(struct child *c)
{
	int fd;

	if (c->dev < 0)
		return;
	fd = (int)syscall(SYS_open_tree, AT_FDCWD, "dev", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	jail_check(c, fd, "keeping /dev open");
	jail_check(c, send_one(c->dev, fd), "keeping /dev open");
	(void)close(fd);
	(void)close(c->dev);
	c->dev = -1;
}

/* Return: the handle, or -errno; -ECHILD it was never sent */
static int receive_one(int socket)
{
	union one_descriptor control = { .room = { 0 } };
	char byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fd;

	if (n < 0)
		return -errno;
	if (n != 1 || (message.msg_flags & MSG_CTRUNC) || !CMSG_FIRSTHDR(&message) ||
	    CMSG_FIRSTHDR(&message)->cmsg_len != CMSG_LEN(sizeof(int)))
		return -ECHILD;
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

/* The directory that a node is in, made when the jail was built; the program cannot have moved it.
 */
static int open_place(int dev, const char *path, const char **name)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	char parent[KEEPER_NODE_PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd;

	*name = slash ? slash + 1 : path;
	(void)snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - path) : 1,
		       slash ? path : ".");
	fd = (int)syscall(SYS_openat2, dev, parent, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

static int make_node(int dev, const struct jail *jail, const struct keeper_node *planned)
{
	mode_t mode = (planned->block ? S_IFBLK : S_IFCHR) | (planned->readonly ? 0400 : 0600);
	cleanup_close int place = -1;
	struct keeper_node n;
	const char *name;
	dev_t numbers;

	if (jail_node_find(planned, &n) < 0)
		return -errno;
	place = open_place(dev, n.path, &name);
	if (place < 0)
		return place;
	if (jail_node_numbers(&n, &numbers) < 0 || (mknodat(place, name, mode, numbers) < 0 && errno != EEXIST) || /* two of one group */
	   
	    fchownat(place, name, jail->uid, jail->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

/**
 * jail_make_late_nodes() - make those nodes in the /dev of a program that runs
 * @j:		was executed; its /dev cannot be changed any more after this
 * @jail:	its nodes, uid and gid
 *
 * Return: 0, or -errno
 * Context: CAP_MKNOD and CAP_CHOWN permitted
 */
int jail_make_late_nodes(struct jailed *j, const struct jail *jail)
{
	cleanup_close int dev = -1;
	int rc = 0;

	if (!jail_has_late_nodes(jail))
		return 0;
	dev = receive_one(j->dev);
	if (dev < 0)
		return dev;
	caps_raise(CAP_MKNOD);
	caps_raise(CAP_CHOWN);
	for (uint32_t i = 0; i < jail->node_count && !rc; i++)
		if (jail->node[i].late)
			rc = make_node(dev, jail, &jail->node[i]);
	caps_rest();
	close_fd(&j->dev);
	return rc;
}
