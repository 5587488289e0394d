/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apart.c - a look at a process that may block for ever, done by a child with a deadline
 *
 * What is in the memory of a process, and what it has mapped, cannot be read while that memory is
 * locked, which one that hangs in a driver may do for ever. The child that reads it is not waited
 * for for long, and leaves what it has found in memory that it shares.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/holders/apart.h"

#define LOOK_MS 5000

static _Noreturn void child(void (*look)(void *shared), void *shared, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	look(shared);
	_exit(0);
}

/**
 * host_apart() - have a child do it
 * @shared:	from host_apart_room()
 *
 * Return: false when it was not done in time; then nothing of @shared counts
 */
bool host_apart(void (*look)(void *shared), void *shared)
{
	pid_t parent = getpid(), pid = fork();
	int status = 1;
	cleanup_close int fd = -1;
	struct pollfd p = { .events = POLLIN };
	bool late;

	if (pid == 0)
		child(look, shared, parent);
	if (pid < 0)
		return false;
	fd = p.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	late = fd < 0 || poll(&p, 1, LOOK_MS) <= 0;
	if (late)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, late ? WNOHANG : 0) < 0 && errno == EINTR)
		;
	return !late && WIFEXITED(status) && !WEXITSTATUS(status);
}

/** host_apart_room() - zeroed memory that a child shares. Return: NULL when there is none */
void *host_apart_room(size_t size)
{
	void *room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return room == MAP_FAILED ? NULL : room;
}

void host_apart_free(void *shared, size_t size)
{
	(void)munmap(shared, size);
}
