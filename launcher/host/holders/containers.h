/* SPDX-License-Identifier: GPL-2.0-or-later */
/* containers.h - what a container's runtime says of it */
#ifndef VFIO_RUN_HOST_CONTAINERS_H
#define VFIO_RUN_HOST_CONTAINERS_H

#include <stdbool.h>

bool host_container_is_temporary(const char *program, const char *id);

#endif /* VFIO_RUN_HOST_CONTAINERS_H */
