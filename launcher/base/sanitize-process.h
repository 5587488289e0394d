/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sanitize-process.h - put a process in order before its arguments are read */
#ifndef VFIO_RUN_SANITIZE_PROCESS_H
#define VFIO_RUN_SANITIZE_PROCESS_H

#include "launcher/base/cleanup.h"

int sanitize_process(int argc, char **argv, const char *const *environment) must_check;

#endif /* VFIO_RUN_SANITIZE_PROCESS_H */
