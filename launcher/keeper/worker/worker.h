/* SPDX-License-Identifier: GPL-2.0-or-later */
/* worker.h - a disposable process for every operation that can block, with a deadline */
#ifndef VFIO_RUN_WORKER_H
#define VFIO_RUN_WORKER_H

#include <stdbool.h>
#include <sys/types.h>

#include "launcher/keeper/worker/work.h"

struct worker {
	pid_t pid;  /* 0: none */
	int pidfd;  /* -1: none */
	int socket; /* -1: none */
	int module; /* borrowed: the program that loads modules */
	int scope;  /* borrowed: the one that asks systemd; -1: there is none */
	int leaf;   /* the cgroup that they are born in; -1: none */
	bool in_leaf; /* this one was */
	uint32_t serial; /* of the last request */
	uint64_t oopses; /* of the kernel, when it was started */
	int status;	   /* wait status of the last one that died; -1: it does not even do that */
	/* called when a worker was started, so that the journal knows it; may be NULL */
	int (*started)(void *context, pid_t pid);
	void *context;
};

#define WORKER_INIT { .pidfd = -1, .socket = -1, .module = -1, .scope = -1, .leaf = -1 }

int worker_start(struct worker *w) must_check;
int worker_ask(struct worker *w, struct work *work) must_check;
int worker_answer(struct worker *w, unsigned int deadline_ms, struct work_reply *reply,
		  struct work_fds *fds) must_check;
pid_t worker_abandon(struct worker *w);
void worker_stop(struct worker *w);
bool worker_oopsed(const struct worker *w);

#endif /* VFIO_RUN_WORKER_H */
