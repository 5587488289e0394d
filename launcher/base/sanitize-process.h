/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sanitize-process.h - a process put in order before its first word is read */
#ifndef VFIO_RUN_SANITIZE_PROCESS_H
#define VFIO_RUN_SANITIZE_PROCESS_H

#include "launcher/base/cleanup.h"

int sanitize_process(int argc, char **argv, const char *const *environment) must_check;

#endif /* VFIO_RUN_SANITIZE_PROCESS_H */
