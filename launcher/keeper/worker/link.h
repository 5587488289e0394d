/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link.h - network links that are a VM's: made, looked at, deleted, by netlink. In the worker */
#ifndef VFIO_RUN_WORKER_LINK_H
#define VFIO_RUN_WORKER_LINK_H

#include "launcher/keeper/worker/work.h"

int link_kind(const char *name, char *buf, size_t size) must_check;
int link_make(const char *words, struct work_fds *fds) must_check;
int link_drop(const char *name) must_check;

#endif /* VFIO_RUN_WORKER_LINK_H */
