/* SPDX-License-Identifier: GPL-2.0-or-later */
/* processes.h - a process described for people: name, user, unit or container */
#ifndef VFIO_RUN_HOST_PROCESSES_H
#define VFIO_RUN_HOST_PROCESSES_H

#include "launcher/base/holders.h"
#include "launcher/host/host.h"

const char *host_process_describe(struct host *h, const struct holder *holder, char *buf,
				  size_t size);
bool host_process_stop(struct host *h, int32_t pid, char *buf, size_t size);
void host_process_place(const char *cgroup, char *buf, size_t size);
bool host_process_is_alive(struct host *h, int32_t pid, uint64_t start);
int host_process_named(struct host *h, const char *comm, int32_t *pid) must_check;

#endif /* VFIO_RUN_HOST_PROCESSES_H */
