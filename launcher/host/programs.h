/* SPDX-License-Identifier: GPL-2.0-or-later */
/* programs.h - where vfio-run's other programs are */
#ifndef VFIO_RUN_HOST_PROGRAMS_H
#define VFIO_RUN_HOST_PROGRAMS_H

#include <stdbool.h>

#include "launcher/base/cleanup.h"

bool host_program_exists(const char *name);
int host_program_test(const char *name, char *path, size_t size) must_check;
int host_program_open(const char *name) must_check;

#endif /* VFIO_RUN_HOST_PROGRAMS_H */
