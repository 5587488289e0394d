/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message.c - SCM_RIGHTS with at most one descriptor: unix(7), cmsg(3) */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "launcher/base/message.h"

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

/**
 * message_send() - one message
 * @socket:	of type SOCK_SEQPACKET
 * @data:	@size bytes of it, at least one; not changed
 * @fd:		goes with it, and stays open here; -1 for none
 *
 * Return: 0 or -errno; the other end being gone is -EPIPE and no signal
 */
int message_send(int socket, void *data, size_t size, int fd)
{
	union control control = { 0 };
	struct iovec part = { .iov_base = data, .iov_len = size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *c;

		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int descriptor_of(struct msghdr *message)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/**
 * message_receive() - one message of just that size
 * @flags:	MSG_DONTWAIT or 0
 * @fd:		the descriptor that came with it, close-on-exec, the caller's to close; -1 for none.
 *		NULL: one that came is closed
 *
 * Return: 0; -EPIPE the other end is gone, or sent something else; other -errno
 */
int message_receive(int socket, int flags, void *data, size_t size, int *fd)
{
	union control control = { 0 };
	struct iovec part = { .iov_base = data, .iov_len = size };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof(control.room) };
	cleanup_close int came = -1;
	ssize_t n;

	if (fd)
		*fd = -1;
	do
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | flags);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	came = descriptor_of(&message);
	if ((size_t)n != size)
		return -EPIPE;
	if (fd)
		*fd = take_fd(&came);
	return 0;
}
