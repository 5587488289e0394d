/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apart.h - a look at a process that may block for ever, done by a child with a deadline */
#ifndef VFIO_RUN_HOST_APART_H
#define VFIO_RUN_HOST_APART_H

#include <stdbool.h>
#include <stddef.h>

bool host_apart(void (*look)(void *shared), void *shared);
void *host_apart_room(size_t size);
void host_apart_free(void *shared, size_t size);

#endif /* VFIO_RUN_HOST_APART_H */
