// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * clients.c - the clients of the control socket, and what each waits for
 *
 * Theory of operation. A few fixed slots; a record that is not exactly a request ends the
 * connection, and so does an answer that is not taken at once. Nothing here waits for a
 * client, allocates, or is parsed: a slow, silent or hostile client costs one slot until
 * the next one comes. The socket's file is the VM's user's alone; the peer's uid is checked
 * all the same (SO_PEERCRED), because a descriptor of the socket can be passed on.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qmp/clients.h"

static void end(struct qmp_client_slot *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	*s = (struct qmp_client_slot){ .fd = -1 };
}

/**
 * qmp_clients_init() - Begin
 * @c:	      To be filled
 * @listener: Not blocking; -1: no client will come; borrows
 * @owner:    The VM's user
 */
void qmp_clients_init(struct qmp_clients *c, int listener, uid_t owner)
{
	*c = (struct qmp_clients){ .listener = listener, .owner = owner };
	for (size_t i = 0; i < QMP_CLIENTS_MAX; i++)
		c->slot[i].fd = -1;
}

/**
 * qmp_clients_poll() - What to wait for: the listener first, then each slot
 * @c: As initialised
 * @p: Filled
 */
void qmp_clients_poll(const struct qmp_clients *c, struct pollfd p[1 + QMP_CLIENTS_MAX])
{
	p[0] = (struct pollfd){ .fd = c->listener, .events = POLLIN };
	for (size_t i = 0; i < QMP_CLIENTS_MAX; i++)
		p[1 + i] = (struct pollfd){ .fd = c->slot[i].fd, .events = POLLIN };
}

static bool may_ask(const struct qmp_clients *c, int fd)
{
	struct ucred peer = { .pid = 0 };
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       size == sizeof(peer) && (peer.uid == 0 || peer.uid == c->owner);
}

/* A free one, or the one that has been here longest. */
static struct qmp_client_slot *find_slot(struct qmp_clients *c)
{
	struct qmp_client_slot *oldest = &c->slot[0];

	for (size_t i = 0; i < QMP_CLIENTS_MAX; i++) {
		if (c->slot[i].fd < 0)
			return &c->slot[i];
		if (c->arrived - c->slot[i].number > c->arrived - oldest->number)
			oldest = &c->slot[i];
	}
	end(oldest);
	return oldest;
}

/** qmp_clients_accept() - Accept one, if its uid may ask */
void qmp_clients_accept(struct qmp_clients *c)
{
	struct qmp_client_slot *s;
	int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!may_ask(c, fd)) {
		(void)close(fd);
		return;
	}
	s = find_slot(c);
	*s = (struct qmp_client_slot){ .fd = fd, .number = c->arrived++ };
}

static bool is_request(const struct control_request *r, ssize_t size)
{
	return size == (ssize_t)sizeof(*r) && r->magic == CONTROL_MAGIC &&
	       r->version == CONTROL_VERSION && r->what > CONTROL_NONE && r->what < CONTROL_MAX;
}

/**
 * qmp_clients_read() - Take a request
 * @c:	  As initialised
 * @slot: Where poll(2) reported something
 *
 * Return: what is asked, to be answered with qmp_clients_answer(); CONTROL_NONE when there
 * is nothing to answer: it has gone, asked for what is not understood, or did not wait for
 * its last answer.
 */
enum control_what qmp_clients_read(struct qmp_clients *c, size_t slot)
{
	struct qmp_client_slot *s = &c->slot[slot];
	struct control_request r = { 0 };
	ssize_t got;

	if (s->fd < 0)
		return CONTROL_NONE;
	/* recv() without control data: descriptors that come along are dropped by the kernel. */
	got = recv(s->fd, &r, sizeof(r), MSG_DONTWAIT | MSG_TRUNC);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return CONTROL_NONE;
	if (got <= 0 || s->what != CONTROL_NONE) {
		end(s);
		return CONTROL_NONE;
	}
	if (!is_request(&r, got)) {
		qmp_clients_answer(c, slot, CONTROL_UNKNOWN, 0);
		end(s);
		return CONTROL_NONE;
	}
	s->what = (enum control_what)r.what;
	return s->what;
}

/** qmp_clients_answer() - One reply; a client that has no room for it is gone */
void qmp_clients_answer(struct qmp_clients *c, size_t slot, enum control_result result,
			uint32_t state)
{
	struct qmp_client_slot *s = &c->slot[slot];
	const struct control_reply reply = { .magic = CONTROL_MAGIC,
					     .version = CONTROL_VERSION,
					     .what = s->what,
					     .result = result,
					     .state = state };

	s->what = CONTROL_NONE;
	if (s->fd >= 0 && send(s->fd, &reply, sizeof(reply), MSG_DONTWAIT | MSG_NOSIGNAL) !=
				  (ssize_t)sizeof(reply))
		end(s);
}

/** qmp_clients_answer_all() - The same to all that wait for @what; CONTROL_NONE: for anything */
void qmp_clients_answer_all(struct qmp_clients *c, enum control_what what,
			    enum control_result result, uint32_t state)
{
	for (size_t i = 0; i < QMP_CLIENTS_MAX; i++)
		if (c->slot[i].what != CONTROL_NONE &&
		    (what == CONTROL_NONE || c->slot[i].what == what))
			qmp_clients_answer(c, i, result, state);
}
