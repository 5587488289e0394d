/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * given.c - descriptors that are opened as the VM's user and handed through the keeper to QEMU
 *
 * They wait as one message in a socket, whose other end is the keeper's: as many as there are, and
 * in the order of QEMU's channels.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/handover/given.h"
#include "launcher/host/user/links.h"
#include "launcher/host/user/shm-file.h"
#include "launcher/host/user/temporary.h"
#include "launcher/inspect/facts-files.h"
#include "launcher/plan/changes/nets.h"
#include "launcher/plan/changes/shm.h"

struct given {
	int fd[KEEPER_CHANNELS_MAX];
	size_t count;
};

static int say(const struct opened_profile *o, const struct profile_net *net, int rc)
{
	const char *remedy =
		rc == -EBUSY ? "end the program that has it, or make another tap"
		: rc == -EPERM || rc == -EACCES
			? "/dev/net/tun must be there for all users, and the tap the user's"
			: "`ip link show` has its state";

	log_error("%s:%u:%u: the tap %s cannot be opened: %s; %s", o->path, net->link_pos.line,
		  net->link_pos.column, net->tap, strerror(-rc), remedy);
	return EXIT_HOST;
}

static int open_vhosts(const struct facts *f, const struct plan_net_ends *ends, struct given *g)
{
	for (unsigned int q = 0; ends->vhost && q < ends->queues && g->count < KEEPER_CHANNELS_MAX; q++) {
		int rc = host_open_vhost(&f->user, &g->fd[g->count]);

		if (rc) {
			log_error("/dev/vhost-net cannot be opened any more: %s; try again", strerror(-rc));
			return EXIT_HOST;
		}
		g->count++;
	}
	return 0;
}

static int open_queues(const struct opened_profile *o, struct host *host, const struct facts *f,
		       size_t i, struct given *g)
{
	const struct profile_net *net = &o->profile->net[i];
	struct plan_net_ends ends;
	struct host_link link;
	int rc;

	plan_net_ends(o->profile, &f->plan, i, &ends);
	if (ends.channel != KEEPER_CHANNEL_GIVEN)
		return open_vhosts(f, &ends, g);
	rc = host_link(host, net->tap, &link);
	if (rc)
		return say(o, net, rc);
	for (unsigned int q = 0; q < ends.queues && g->count < KEEPER_CHANNELS_MAX; q++) {
		rc = host_open_tap(&f->user, net->tap, &link, &g->fd[g->count]);
		if (rc)
			return say(o, net, rc);
		g->count++;
	}
	return open_vhosts(f, &ends, g);
}

static int say_temporary(const struct opened_profile *o, const struct profile_disk *disk, int rc,
			 bool of_image)
{
	const struct profile_pos *pos = &disk->temporary_pos;

	if (of_image)
		log_error("%s:%u:%u: %s: cannot be read: %s", o->path, pos->line, pos->column,
			  disk->path, strerror(-rc));
	else
		log_error("%s:%u:%u: temporary = yes: " TEMPORARY_REFUSED ": %s; " TEMPORARY_REMEDY,
			  o->path, pos->line, pos->column, strerror(-rc));
	return EXIT_HOST;
}

static int open_temporary(const struct opened_profile *o, const struct facts *f, size_t i,
			  struct given *g)
{
	const struct profile_disk *disk = &o->profile->disk[i];
	const struct temporary t = { .folder = f->user.home,
				     .image = disk->path,
				     .qcow2 = plan_disk_is_qcow2(disk, f->disk && f->disk[i].block) };
	struct temporary_reply reply;
	int rc;

	if (!disk->temporary || g->count >= KEEPER_CHANNELS_MAX)
		return 0;
	rc = temporary_open(&f->user, &t, &reply, &g->fd[g->count]);
	if (rc || reply.error)
		return say_temporary(o, disk, rc ? rc : reply.error, reply.of_image);
	g->count++;
	return 0;
}

/* Looked at once more: it can have been taken since, or swapped. */
static int open_shm(const struct opened_profile *o, const struct facts *f, size_t i, struct given *g)
{
	char what[256], remedy[256];
	struct host_shm found;
	struct plan_shm shm;
	int rc, fd = -1;

	plan_shm(o->profile, &f->plan, i, &shm);
	if (!shm.file || g->count == KEEPER_CHANNELS_MAX)
		return 0;
	rc = host_shm_open(&f->user, shm.file, shm.bytes, &found, &fd);
	if (rc)
		found = (struct host_shm){ .problem = HOST_SHM_ERROR, .error = rc };
	if (fd >= 0) {
		g->fd[g->count++] = fd;
		return 0;
	}
	facts_shm_words(&shm, &found, what, remedy, sizeof(what));
	log_error("%s: %s; %s", opened_place(o, shm.pos), what, remedy);
	return EXIT_HOST;
}

static int send_all(const struct given *g, int *socket_out)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(g->fd))];
	} control = { .room = { 0 } };
	char byte = 0;
	struct iovec part = { &byte, sizeof(byte) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = CMSG_SPACE(g->count * sizeof(int)) };
	cleanup_close int from = -1;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	from = pair[0];
	*socket_out = pair[1];
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(g->count * sizeof(int));
	memcpy(CMSG_DATA(&control.head), g->fd, g->count * sizeof(int));
	return sendmsg(from, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/**
 * given_open() - open what QEMU gets by descriptor: the queues of taps that are the
 * user's own, files without a name, and shared memory
 * @socket_out:	for the keeper; -1: there is nothing to give
 *
 * Return: 0 or EXIT_HOST, reported
 */
int given_open(const struct opened_profile *o, struct host *host, const struct facts *f,
	       int *socket_out)
{
	struct given g = { .count = 0 };
	int code = 0, rc;

	for (size_t i = 0; i < o->profile->net_count && !code; i++)
		code = open_queues(o, host, f, i, &g);
	for (size_t i = 0; i < o->profile->disk_count && !code; i++)
		code = open_temporary(o, f, i, &g);
	for (size_t i = 0; i < plan_shm_count(o->profile) && !code; i++)
		code = open_shm(o, f, i, &g);
	rc = code || !g.count ? 0 : send_all(&g, socket_out);
	if (rc) {
		log_error("the descriptors of networks, disks and shared memory cannot be handed over: %s",
			  strerror(-rc));
		code = EXIT_HOST;
	}
	while (g.count)
		(void)close(g.fd[--g.count]);
	return code;
}
