/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control-socket.c - a VM's sockets: made here, served by others
 *
 * Nothing is ever read from them by root. They are made before the first change, so that a full
 * /run is found then, and handed over as descriptors: the control socket and the display's to
 * vfio-qmp, and to the next one, the guest agent's to QEMU.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "launcher/keeper/keeper.h"

#define WAITING_MAX 8 /* clients that were not taken yet */

/* Return: 0 or -errno; *@fd_out receives a listening descriptor of /run/vfio-run/vm/NAME/@file */
static int open_socket(const struct keeper_plan *plan, const char *file, int type, int *fd_out)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	cleanup_close int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int rc;

	_Static_assert(sizeof(address.sun_path) > sizeof(STATE_DIR "/vm//control") + KEEPER_NAME_MAX,
		       "the longest name fits");
	if (fd < 0)
		return -errno;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), STATE_DIR "/vm/%s/%s", plan->name,
		       file);
	if (unlink(address.sun_path) < 0 && errno != ENOENT) /* of one that was killed */
		return -errno;
	mask = umask(0177); /* root's alone until it is the user's */
	rc = bind(fd, (const struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
	(void)umask(mask);
	if (rc)
		return rc;
	if (lchown(address.sun_path, plan->uid, plan->gid) || listen(fd, WAITING_MAX))
		return -errno;
	*fd_out = take_fd(&fd);
	return 0;
}

/**
 * control_open() - make /run/vfio-run/vm/NAME/control
 * @plan:	of a run; the directory is there
 * @fd_out:	receives a listening descriptor; state_retire() takes the file away
 *
 * Return: 0 or -errno
 */
int control_open(const struct keeper_plan *plan, int *fd_out)
{
	return open_socket(plan, "control", SOCK_SEQPACKET, fd_out);
}

static bool wants_agent(const struct keeper_plan *plan)
{
	for (uint32_t i = 0; i < plan->program_count; i++)
		for (uint32_t j = 0; j < plan->program[i].channel_count; j++)
			if (plan->program[i].channel[j] == KEEPER_CHANNEL_AGENT)
				return true;
	return false;
}

/** agent_open() - make /run/vfio-run/vm/NAME/agent, where a program of the plan wants it; likewise */
int agent_open(const struct keeper_plan *plan, int *fd_out)
{
	return wants_agent(plan) ? open_socket(plan, "agent", SOCK_STREAM, fd_out) : 0;
}

/** display_open() - make /run/vfio-run/vm/NAME/display, where the plan has such one; likewise */
int display_open(const struct keeper_plan *plan, int *fd_out)
{
	return plan->flags & KEEPER_DISPLAY_SOCKET ? open_socket(plan, "display", SOCK_STREAM, fd_out)
						   : 0;
}
