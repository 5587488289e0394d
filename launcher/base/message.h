/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message.h - one message over a socket pair, with a descriptor where there is one */
#ifndef VFIO_RUN_MESSAGE_H
#define VFIO_RUN_MESSAGE_H

#include <stddef.h>

#include "launcher/base/cleanup.h"

int message_send(int socket, void *data, size_t size, int fd) must_check;
int message_receive(int socket, int flags, void *data, size_t size, int *fd) must_check;

#endif /* VFIO_RUN_MESSAGE_H */
