/* SPDX-License-Identifier: GPL-2.0-or-later */
/* given.c - descriptors on their way to QEMU: from vfio-run, and of links that were made */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launcher/keeper/given.h"

/* How many QEMU is to get, by its row. */
static size_t wanted(const struct keeper_plan *plan)
{
	size_t count = 0;

	for (uint32_t i = 0; i < plan->program[0].channel_count; i++)
		count += plan->program[0].channel[i] == KEEPER_CHANNEL_GIVEN;
	return count;
}

/**
 * given_receive() - take what vfio-run has opened as the VM's user
 *
 * They are in the socket already: nothing is waited for.
 *
 * Return: 0; -EBADMSG fewer or more came than the plan has channels for; other -errno
 */
int given_receive(struct keeper *k)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(k->given))];
	} control;
	char byte;
	struct iovec part = { &byte, sizeof(byte) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof(control.room) };
	struct cmsghdr *c;
	ssize_t n;

	if (!wanted(k->plan))
		return 0;
	n = recvmsg(KEEPER_FD_GIVEN, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	c = CMSG_FIRSTHDR(&message);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
		k->given_count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(k->given, CMSG_DATA(c), k->given_count * sizeof(int));
	}
	return k->given_count == wanted(k->plan) ? 0 : -EBADMSG;
}

/** given_close() - QEMU has its own: a tap of which this process kept one would outlive it */
void given_close(struct keeper *k)
{
	while (k->given_count)
		(void)close(k->given[--k->given_count]);
	while (k->link_count)
		(void)close(k->link[--k->link_count]);
}
