/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * display.h - the clients of SPICE and VNC: accepted here, handed over to QEMU
 */
#ifndef VFIO_QMP_DISPLAY_H
#define VFIO_QMP_DISPLAY_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "launcher/base/cleanup.h"
#include "qmp/client.h"

struct qmp_display {
	int listener; /* -1: there is no such display */
	uid_t owner;  /* may connect, beside root */
	int client;   /* the one that is being handed over; -1: none */
	bool busy;    /* QEMU has not said yet what became of it */
};

void qmp_display_init(struct qmp_display *d, int listener, uid_t owner);
void qmp_display_poll(const struct qmp_display *d, const struct qmp_client *c, struct pollfd *p);
void qmp_display_accept(struct qmp_display *d, struct qmp_client *c);
void qmp_display_answered(struct qmp_display *d, unsigned int command, bool done);
ssize_t qmp_display_send(int monitor, const char *bytes, size_t length, int fd) must_check;

#endif /* VFIO_QMP_DISPLAY_H */
