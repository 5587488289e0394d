/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope-inhibit.c - ask logind not to let the host sleep, or shut down, while a VM runs
 *
 *	inhibit WHAT NAME	WHAT as inhibit(1) takes it; descriptor 0 is a socket of the
 *keeper's
 *
 * logind's answer is a descriptor: it holds for as long as that is open. It is sent to the keeper
 *and not waited for there: in the socket's queue it is as open as anywhere. Source:
 *org.freedesktop.login1(5)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launcher/keeper/programs/scope-request.h"

static int send_descriptor(int socket, int fd)
{
	char byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS,
				  .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(socket, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/** inhibit_main() - with the arguments of main(); 0 or -errno */
int inhibit_main(sd_bus *bus, int argc, char **argv)
{
	sd_bus_message *call = NULL, *reply = NULL;
	char why[96];
	int rc, fd = -1;

	if (argc != 4)
		return -EINVAL;
	(void)snprintf(why, sizeof(why), "the virtual machine %s runs", argv[3]);
	rc = sd_bus_message_new_method_call(bus, &call, "org.freedesktop.login1",
					    "/org/freedesktop/login1",
					    "org.freedesktop.login1.Manager", "Inhibit");
	if (rc >= 0) /* a host where logind does not run has no use for it either */
		rc = sd_bus_message_set_auto_start(call, false);
	if (rc >= 0)
		rc = sd_bus_message_append(call, "ssss", argv[2], "vfio-run", why, "block");
	if (rc >= 0)
		rc = sd_bus_call(bus, call, SCOPE_DEADLINE_S * USEC_PER_S, NULL, &reply);
	if (rc >= 0)
		rc = sd_bus_message_read(reply, "h", &fd);
	if (rc >= 0)
		rc = send_descriptor(STDIN_FILENO, fd);
	sd_bus_message_unref(reply); /* closes its copy */
	sd_bus_message_unref(call);
	return rc;
}
