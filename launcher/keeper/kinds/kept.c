/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kept.c - programs that stop what is to be started again: written down, and waited for by who comes later
 *
 * They outlive a keeper that is killed, its standby, and what has started them. To start again what
 * one of them is still at would do nothing, and then it would be stopped. In a keeper and its standby they
 * take turns (process/hooks.c). A later `recover` knows them from the journal. It does not wait before
 * the devices are back, but before anything of that kind is asked for.
 */
#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/kinds/kind.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/process/hooks.h"

#define ASKED_LIMIT_S 20
#define END_MS 2000 /* from SIGKILL */
#define RETRY_MS 200 /* no event reports a free slot */
#define NO_ROOM_MS 20000 /* as device.c waits for a worker */

enum kept { KEPT_COMMAND, KEPT_CONTAINER, KEPT_USER_UNIT, KEPT_MAX };

static const struct {
	char role[PROCESS_ROLE_MAX]; /* in the journal */
	uint32_t limit_s;
} kepts[KEPT_MAX] = {
	[KEPT_COMMAND] = { "session-command", HOOKS_LIMIT_S },
	[KEPT_CONTAINER] = { "runtime-client", HOOKS_KEPT_LIMIT_S },
	[KEPT_USER_UNIT] = { "user-unit", HOOKS_KEPT_LIMIT_S },
};

static uint32_t limit_of(const char *role)
{
	for (size_t i = 0; i < KEPT_MAX; i++)
		if (!strcmp(kepts[i].role, role))
			return kepts[i].limit_s;
	return 0;
}

/**
 * kept_is_role() - is that the role of such a program?
 *
 * It is not ended with its keeper: what it has begun is better done than cut off.
 */
bool kept_is_role(const char *role)
{
	return limit_of(role) != 0;
}

/* What started it has its limit too, where that was not killed. With it goes all that it has started. */
static void wait_for_one(const struct keeper *k, const struct journal_process *p)
{
	/* first the descriptor: what is asked then is asked of the process that it is of */
	cleanup_close int fd = p->id.pid > 0 ? (int)syscall(SYS_pidfd_open, p->id.pid, 0) : -1;
	struct pollfd ended = { .fd = fd, .events = POLLIN };
	uint32_t limit_s = limit_of(p->role);
	uint64_t before;

	if (!limit_s || fd < 0 || known_by_proc(&p->id) != PROCESS_LIVES)
		return;
	log_notice("%s: waiting for its %s, process %d, which was begun before (at most %u s)",
		   k->journal.name, p->role, (int)p->id.pid, limit_s);
	if (poll(&ended, 1, (int)limit_s * 1000) > 0)
		return;
	log_warning("%s: its %s, process %d, is not done in %u s: ended", k->journal.name, p->role,
		    (int)p->id.pid, limit_s);
	before = caps_lend(CAP_KILL);
	if (kill(-p->id.pid, SIGKILL))
		(void)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
	caps_take_back(before);
	(void)poll(&ended, 1, END_MS);
}

/* Return: 0 it may go; -errno: what is not written down is not run, but to put something back */
static int write_down(struct keeper *k, enum kept kept, pid_t pid)
{
	struct journal_process p = { .has_devices = false };
	int rc;

	memcpy(p.role, kepts[kept].role, sizeof(p.role));
	known_identify(pid, &p.id);
	rc = journal_add_process(&k->journal, &p);
	return k->reverting ? 0 : rc;
}

static int command_begun(struct keeper *k, pid_t pid)
{
	return write_down(k, KEPT_COMMAND, pid);
}

static int container_begun(struct keeper *k, pid_t pid)
{
	return write_down(k, KEPT_CONTAINER, pid);
}

static int user_unit_begun(struct keeper *k, pid_t pid)
{
	return write_down(k, KEPT_USER_UNIT, pid);
}

/* When no process can be started, that is an error while things are changed; of the way back it is waited for. */
static int execute(struct keeper *k, const struct hooks_program *p, hooks_begun_fn begun)
{
	int rc;

	for (size_t i = 0; begun && i < k->journal.process_count; i++)
		wait_for_one(k, &k->journal.process[i]);
	rc = hooks_kept(k, p, begun);
	for (int waited = 0; k->reverting && hooks_has_no_room(rc) && waited < NO_ROOM_MS; waited += RETRY_MS) {
		if (!waited)
			log_warning("%s: no process can be started (%s): waiting %d s for room", p->path,
				    strerror(-rc), NO_ROOM_MS / 1000);
		(void)poll(NULL, 0, RETRY_MS);
		rc = hooks_kept(k, p, begun);
	}
	return rc;
}

/**
 * kept_command() - run a program of the administrator's that stops or starts a session
 *
 * Return: as hooks_execute()
 */
int kept_command(struct keeper *k, const char *word, const char *path)
{
	struct hooks_program p = { .path = path,
				   .argument = { k->journal.name, word },
				   .limit_s = kepts[KEPT_COMMAND].limit_s };

	return execute(k, &p, command_begun);
}

/**
 * kept_container() - have a container's runtime do something to it, and wait until it is done
 * @program:	the runtime's client, absolute
 * @word:	"stop", "start"
 *
 * Return: as hooks_execute()
 */
int kept_container(struct keeper *k, const char *program, const char *word, const char *id)
{
	struct hooks_program p = { .path = program,
				   .argument = { word, id },
				   .limit_s = kepts[KEPT_CONTAINER].limit_s,
				   .quiet = true };

	return execute(k, &p, container_begun);
}

/* What is only asked: it has stopped nothing that could be waited for. */
static int ask_runtime(struct keeper *k, const char *program, const char *word, const char *option,
		       const char *id)
{
	struct hooks_program p = { .path = program,
				   .argument = { word, option, id },
				   .limit_s = ASKED_LIMIT_S,
				   .quiet = true };

	return execute(k, &p, NULL);
}

/** kept_runtime() - does a containers' runtime answer? As hooks_execute(); -ETIME no */
int kept_runtime(struct keeper *k, const char *program)
{
	return ask_runtime(k, program, "ps", "--quiet", "--last=1");
}

/**
 * kept_container_is_gone() - has the runtime no container of that id any more?
 *
 * Both would be refused by one that does not answer.
 */
bool kept_container_is_gone(struct keeper *k, const char *program, const char *id)
{
	return ask_runtime(k, program, "inspect", "--format={{.State.Status}}", id) > 0 &&
	       kept_runtime(k, program) == 0;
}

/**
 * kept_user_unit() - ask a user's own service manager about a unit, as that user
 * @word:	as programs/scope-unit.c has it
 *
 * Return: 0; -errno, for what the exit status of that program says too
 */
int kept_user_unit(struct keeper *k, uint32_t uid, const char *word, const char *unit)
{
	struct hooks_program p = { .path = unit,
				   .argument = { "user-unit", word, unit },
				   .limit_s = kepts[KEPT_USER_UNIT].limit_s,
				   .uid = uid,
				   .quiet = true };
	bool looks = !strcmp(word, "state");
	int rc = k->has_scope ? execute(k, &p, looks ? NULL : user_unit_begun) : -ENOSYS;

	return rc > 0 ? -rc : rc;
}
