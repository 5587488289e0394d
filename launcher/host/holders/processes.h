/* SPDX-License-Identifier: GPL-2.0-or-later */
/* processes.h - a process described for people: name, user, unit or container */
#ifndef VFIO_RUN_HOST_PROCESSES_H
#define VFIO_RUN_HOST_PROCESSES_H

#include "launcher/base/change.h"
#include "launcher/base/holders.h"
#include "launcher/host/host.h"

/* What keeps a process: what it is stopped as, and what would start it again. */
enum host_place_kind {
	HOST_PLACE_NONE,
	HOST_PLACE_SERVICE,
	HOST_PLACE_SCOPE, /* of a session, of a program; nothing starts it again */
	HOST_PLACE_CONTAINER,
};

#define HOST_PLACE_NAME 160
struct host_place {
	enum host_place_kind kind;
	char name[HOST_PLACE_NAME]; /* "foot.scope", "docker container 0123456789ab"; escape before printing */
	char container[16 + CHANGE_CONTAINER_ID]; /* "docker/ID", the whole; "": none that is started again */
	bool of_user; /* of a user's own service manager, */
	uint32_t uid; /* whose uid this is */
	char path[CHANGE_TEXT_MAX]; /* the control group, cut */
};

void host_place_of(const char *cgroup, struct host_place *out);
const char *host_process_describe(struct host *h, const struct holder *holder, char *buf,
				  size_t size);
bool host_process_stop(struct host *h, int32_t pid, char *buf, size_t size);
void host_process_place(const char *cgroup, char *buf, size_t size);
char host_process_start(struct host *h, int32_t pid, uint64_t *start);
bool host_process_is_alive(struct host *h, int32_t pid, uint64_t start);
int host_process_named(struct host *h, const char *comm, int32_t *pid) must_check;

#endif /* VFIO_RUN_HOST_PROCESSES_H */
