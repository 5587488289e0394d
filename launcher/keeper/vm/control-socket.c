/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control-socket.c - the control socket of a VM: made here, served by vfio-qmp
 *
 * Nothing is ever read from it by root. It is made before the first change, so that a full
 * /run is found then, and handed to vfio-qmp, and to the next one, as a descriptor.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "launcher/keeper/keeper.h"

#define WAITING_MAX 8 /* clients that vfio-qmp has not taken yet */

/**
 * control_open() - make /run/vfio-run/vm/NAME/control
 * @plan:	of a run; the directory is there
 * @fd_out:	receives a listening descriptor; state_retire() takes the file away
 *
 * Return: 0 or -errno
 */
int control_open(const struct keeper_plan *plan, int *fd_out)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	cleanup_close int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int rc;

	_Static_assert(sizeof(address.sun_path) > sizeof(STATE_DIR "/vm//control") + KEEPER_NAME_MAX,
		       "the longest name fits");
	if (fd < 0)
		return -errno;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), STATE_DIR "/vm/%s/control",
		       plan->name);
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
