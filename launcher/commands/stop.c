/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stop.c - `vfio-run stop`: request a VM's end, and wait until its devices are back
 *
 * Root's request is a signal to the keeper: nothing that QEMU or its guest could hold up is in
 * between. The VM's user requests it over the control socket. The wait ends when no
 * process works on the VM any more, and nothing of it is left in /run/vfio-run.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/control-client.h"
#include "launcher/inspect/running.h"

#define SILENCE_MS 1000 /* until the reason of the wait is reported */

struct stop {
	const char *name;
	bool now;
	bool said;
};

static void wait_for(struct stop *s, int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int n;

	do {
		n = poll(&p, 1, s->said ? -1 : SILENCE_MS);
		if (n == 0 && !s->said)
			log_notice("%s: waiting until its devices are back%s", s->name,
				   s->now ? "" : "; `vfio-run stop --now` does not wait for the guest");
		s->said |= n == 0;
	} while (n == 0 || (n < 0 && errno == EINTR));
}

/* The process that gives the devices back has the journal locked; a user sees the standby only. */
static bool wait_for_others(struct stop *s, const struct running *vm)
{
	cleanup_close int standby = running_open_process(&vm->heir);
	cleanup_close int journal = -1;
	char path[128];

	if (standby >= 0) {
		wait_for(s, standby);
		return true;
	}
	(void)snprintf(path, sizeof(path), "/run/vfio-run/state/%s.journal", s->name);
	journal = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (journal < 0 || flock(journal, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return false;
	while (flock(journal, LOCK_SH) < 0 && errno == EINTR)
		;
	return true;
}

static bool same(const struct process_id *a, const struct process_id *b)
{
	return a->pid == b->pid && a->start == b->start;
}

/* Return: EXIT_OK when everything is back; EXIT_LEFT when it is not, and no process works on it */
static int wait_until_back(struct stop *s, const struct process_id *keeper)
{
	struct running vm;
	bool others = true;

	while (running_find(s->name, &vm) == 0) {
		cleanup_close int pidfd = -1;

		if (!same(&vm.keeper, keeper))
			return EXIT_OK; /* another start of it, which found everything back */
		pidfd = running_open_process(keeper);
		if (pidfd >= 0) {
			wait_for(s, pidfd);
			continue;
		}
		if (!others) {
			log_error("%s: its devices are not back: `sudo vfio-run recover` gives them "
				  "back, or says what keeps them", s->name);
			return EXIT_LEFT;
		}
		others = wait_for_others(s, &vm);
	}
	if (s->said)
		log_notice("%s: its devices are back", s->name);
	return EXIT_OK;
}

/* A second SIGTERM would take the next step (`quit`, SIGTERM): `stop` sends only one. */
static int ask_by_signal(const struct stop *s, const struct running *vm)
{
	cleanup_close int pidfd = -1;

	if (!s->now && vm->has_status && vm->status.state >= VM_STATUS_STOPPING)
		return 0;
	pidfd = running_open_process(&vm->keeper);
	if (pidfd < 0)
		return 0; /* it has ended meanwhile */
	if (syscall(SYS_pidfd_send_signal, pidfd, s->now ? SIGQUIT : SIGTERM, NULL, 0) == 0 ||
	    errno == ESRCH)
		return 0;
	log_error("%s: its process %d cannot be told to stop: %s", s->name, (int)vm->keeper.pid,
		  strerror(errno));
	return EXIT_HOST;
}

/* No answer: because it ended meanwhile, or is about to? */
static bool is_ending(const struct stop *s)
{
	struct running vm;

	return running_find(s->name, &vm) || vm.life != RUNNING_LIVES ||
	       (vm.has_status && vm.status.state >= VM_STATUS_STOPPING);
}

static int ask(const struct stop *s, const struct running *vm)
{
	enum control_result result = CONTROL_DONE;
	int rc;

	if (vm->life != RUNNING_LIVES)
		return 0;
	if (geteuid() == 0)
		return ask_by_signal(s, vm);
	rc = control_ask(s->name, s->now ? CONTROL_STOP_NOW : CONTROL_STOP, &result);
	if (!rc && result == CONTROL_DONE)
		return 0;
	if ((rc == -ENOENT || rc == -ECONNRESET) && is_ending(s))
		return 0;
	return control_trouble(s->name, rc ? rc : -EPROTO);
}

/** command_stop() - 0 when the devices are back; EXIT_LEFT; EXIT_HOST when there is no such VM */
int command_stop(const struct cli *cli)
{
	struct stop s = { .name = cli->word[0], .now = cli->now };
	struct running vm;
	int code;

	if (!running_is_name(s.name)) {
		log_error("%s: no VM can have this name", cli_shown(s.name));
		return EXIT_BAD_USE;
	}
	if (running_find(s.name, &vm)) {
		log_error("%s: there is no such VM; `vfio-run status` shows those that run", s.name);
		return EXIT_HOST;
	}
	code = ask(&s, &vm);
	return code ? code : wait_until_back(&s, &vm.keeper);
}
