/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control-client.c - `vfio-run reset`, `pause`, `resume`: asked of the VM over its control socket */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/control-client.h"
#include "launcher/inspect/running.h"

#define ANSWER_S 30 /* QEMU answers as soon as its main loop does */

static int connect_to(const char *name, int *fd_out)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval limit = { .tv_sec = ANSWER_S };
	cleanup_close int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	_Static_assert(sizeof(address.sun_path) > sizeof(RUNNING_DIR "//control") + VM_STATUS_NAME_MAX,
		       "the longest name fits");
	if (fd < 0)
		return -errno;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), RUNNING_DIR "/%s/control", name);
	/* also while no process accepts the connection */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return -errno;
	*fd_out = take_fd(&fd);
	return 0;
}

static int receive(int fd, enum control_what what, enum control_result *out)
{
	struct control_reply reply;
	ssize_t n;

	do
		n = recv(fd, &reply, sizeof(reply), MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -ECONNRESET;
	if (n != (ssize_t)sizeof(reply) || reply.magic != CONTROL_MAGIC ||
	    reply.version != CONTROL_VERSION || reply.what != (uint32_t)what)
		return -EPROTO;
	*out = (enum control_result)reply.result;
	return 0;
}

/**
 * control_ask() - one request to a VM, and its answer
 * @name:	as running_is_name() has it
 * @out:	receives the answer
 *
 * Return: 0; -ENOENT there is no such VM; -EACCES it is another user's; -ECONNREFUSED
 *	   no process serves it; -ECONNRESET it ended, or refuses this user;
 *	   -EAGAIN no answer in half a minute; other -errno
 */
int control_ask(const char *name, enum control_what what, enum control_result *out)
{
	const struct control_request request = { .magic = CONTROL_MAGIC,
						 .version = CONTROL_VERSION,
						 .what = (uint32_t)what };
	cleanup_close int fd = -1;
	int rc = connect_to(name, &fd);

	if (rc)
		return rc;
	if (send(fd, &request, sizeof(request), MSG_NOSIGNAL) < 0)
		return errno == EPIPE ? -ECONNRESET : -errno;
	return receive(fd, what, out);
}

/* clang-format off */
static const struct { int error; const char *text; } troubles[] = {
	{ -ENOENT,       "there is no such VM; `vfio-run status` shows those that run" },
	{ -EACCES,       "only its user and root may do that: put `sudo` before the command line" },
	{ -ECONNREFUSED, "it does not listen: it is ending, was interrupted, or its vfio-qmp was given up" },
	{ -ECONNRESET,   "it ended before it answered, or does not listen to this user" },
	{ -EPIPE,        "it ended before it answered" },
	{ -EAGAIN,       "QEMU does not answer" },
	{ -EPROTO,       "it was started by another version of vfio-run" },
};
/* clang-format on */

/**
 * control_trouble() - report why a VM could not be asked
 * @error:	what control_ask() returned
 *
 * Return: EXIT_HOST
 */
int control_trouble(const char *name, int error)
{
	const char *text = strerror(-error);

	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++)
		if (troubles[i].error == error)
			text = troubles[i].text;
	log_error("%s: %s", name, text);
	return EXIT_HOST;
}

static int ask(const struct cli *cli, enum control_what what)
{
	static const char *const refusals[] = {
		[CONTROL_REFUSED] = "QEMU does not do that now; a guest that panicked needs `reset` first",
		[CONTROL_TOO_EARLY] = "its guest does not run yet",
		[CONTROL_NO_MONITOR] = "QEMU's monitor is closed",
		[CONTROL_UNKNOWN] = "it was started by another version of vfio-run",
	};
	const char *name = cli->word[0];
	enum control_result result = CONTROL_DONE;
	int rc;

	if (!running_is_name(name)) {
		log_error("%s: no VM can have this name", cli_shown(name));
		return EXIT_BAD_USE;
	}
	rc = control_ask(name, what, &result);
	if (rc)
		return control_trouble(name, rc);
	if (result == CONTROL_DONE)
		return EXIT_OK;
	log_error("%s: %s", name, (size_t)result < ARRAY_SIZE(refusals) ? refusals[result] :
									  "it says no");
	return EXIT_HOST;
}

/** command_reset() - 0 when QEMU did it, else EXIT_HOST */
int command_reset(const struct cli *cli)
{
	return ask(cli, CONTROL_RESET);
}

/** command_pause() - likewise */
int command_pause(const struct cli *cli)
{
	return ask(cli, CONTROL_PAUSE);
}

/** command_resume() - likewise */
int command_resume(const struct cli *cli)
{
	return ask(cli, CONTROL_RESUME);
}
