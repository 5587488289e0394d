/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wires.c - what QEMU and the programs of a VM are connected with, laid before any of them is started
 *
 * Both ends are made here and handed over as descriptors: no program waits for another one's socket,
 * and none has a path by which a third could come between them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "launcher/keeper/vm/vm.h"

/* Root's alone for the moment that it has a name. */
static int bind_and_connect(int listening, const struct sockaddr_un *address, int *connected)
{
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mode_t mask = umask(0177);
	int rc = bind(listening, (const struct sockaddr *)address, sizeof(*address)) ? -errno : 0;

	(void)umask(mask);
	if (!rc && (fd < 0 || listen(listening, 1) ||
		    connect(fd, (const struct sockaddr *)address, sizeof(*address))))
		rc = -errno;
	(void)unlink(address->sun_path);
	if (!rc)
		*connected = take_fd(&fd);
	return rc;
}

/* A program that takes a listening socket only: QEMU's connection waits in it before it is started. */
static int lay_accepted(const struct keeper_plan *plan, int *listening, int *connected)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	_Static_assert(sizeof(address.sun_path) > sizeof(STATE_DIR "/vm//wire") + KEEPER_NAME_MAX,
		       "the longest name fits");
	if (fd < 0)
		return -errno;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), STATE_DIR "/vm/%s/wire",
		       plan->name);
	if (unlink(address.sun_path) < 0 && errno != ENOENT) /* of one that was killed */
		return -errno;
	rc = bind_and_connect(fd, &address, connected);
	if (!rc)
		*listening = take_fd(&fd);
	return rc;
}

static int lay_served(struct vm *vm, size_t row)
{
	const struct keeper_plan *plan = vm->keep->plan;
	struct vm_wires *w = &vm->wires;
	int pair[2];

	for (uint32_t i = 0; i < plan->program[row].channel_count; i++) {
		if (plan->program[row].channel[i] == KEEPER_CHANNEL_ACCEPTS)
			return lay_accepted(plan, &w->serves[row], &w->served[row]);
		if (plan->program[row].channel[i] != KEEPER_CHANNEL_SERVES)
			continue;
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
			return -errno;
		w->served[row] = pair[0];
		w->serves[row] = pair[1];
	}
	return 0;
}

/**
 * wires_lay() - make all sockets and pipes of a VM
 *
 * Return: 0; -errno: wires_cut() and vm_end() close what was made
 */
int wires_lay(struct vm *vm)
{
	struct vm_wires *w = &vm->wires;
	int pair[2], rc = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	w->monitor = pair[0];
	vm->monitor = pair[1];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	vm->output = pair[0];
	w->output = pair[1];
	if (vm->keep->plan->job != KEEPER_RUN)
		return 0; /* a jail that is tried is connected with nothing */
	for (size_t i = 0; i < vm->keep->plan->program_count && !rc; i++)
		rc = lay_served(vm, i);
	return rc;
}

/** wires_next_served() - QEMU's end of the next program that serves it; -1: there are no more */
int wires_next_served(const struct vm *vm, size_t *at)
{
	while (*at < KEEPER_PROGRAMS_MAX)
		if (vm->wires.served[(*at)++] >= 0)
			return vm->wires.served[*at - 1];
	return -1;
}

/** wires_cut() - the programs have their ends: what is kept of them would hide the other's end */
void wires_cut(struct vm *vm)
{
	struct vm_wires *w = &vm->wires;

	close_fd(&w->monitor);
	close_fd(&w->output);
	for (size_t i = 0; i < KEEPER_PROGRAMS_MAX; i++) {
		close_fd(&w->served[i]);
		close_fd(&w->serves[i]);
	}
}
