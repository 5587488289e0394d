/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.c - the public state of this keeper's VM, kept up to date
 *
 * The file is whole before the first change and never grows: a full /run stops nothing
 * afterwards. It is rewritten through a descriptor, so neither rights nor paths are needed
 * later, and the last write comes when its name is gone. It is used for display, by `stop` to find
 * whom to wait for, and by `status --wait`; no decision about devices depends on it, so a failed write is not reported.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launcher/keeper/process/known.h"
#include "launcher/keeper/journal/status.h"

static int64_t now_s(void)
{
	struct timespec now = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec > 0 ? (int64_t)now.tv_sec : 0;
}

static int write_down(const struct status *s)
{
	char buf[VM_STATUS_SIZE];
	int rc = vm_status_render(&s->now, buf);

	if (rc)
		return rc;
	errno = ENOSPC; /* of a write that is short */
	return pwrite(s->fd, buf, sizeof(buf), 0) == (ssize_t)sizeof(buf) ? 0 : -errno;
}

static void set_process(struct vm_status *now, const char *role, pid_t pid)
{
	struct vm_status_process *p = vm_status_process(now, role);

	if (p)
		p->id = (struct process_id){ .pid = 0 };
	if (p && pid)
		known_identify(pid, &p->id);
}

static void begin(struct vm_status *now, const struct keeper_plan *plan, pid_t standby)
{
	_Static_assert(sizeof(now->name) >= sizeof(plan->name), "the same names");
	_Static_assert(sizeof(now->user) >= sizeof(plan->user), "the same users");
	_Static_assert(VM_STATUS_PROCESSES_MAX >= KEEPER_PROGRAMS_MAX + 2, "as many processes");
	_Static_assert(VM_STATUS_DEVICES_MAX >= KEEPER_DEVICES_MAX, "as many devices");
	*now = (struct vm_status){ .state = VM_STATUS_PREPARING, .since = now_s() };
	memcpy(now->name, plan->name, sizeof(plan->name));
	memcpy(now->user, plan->user, sizeof(plan->user));
	for (uint32_t i = 0; i < plan->device_count; i++)
		now->device[now->device_count++] = plan->device[i].address;
	set_process(now, VM_STATUS_KEEPER, getpid());
	set_process(now, VM_STATUS_STANDBY, standby);
}

/**
 * status_open() - make the status of a VM, all of it
 * @s:		STATUS_INIT; close with status_close(), state_retire() takes the file away
 * @plan:	of a run
 * @standby:	its standby, or 0
 *
 * Return: 0; -ENOSPC and other -errno of open(2) and write(2)
 */
int status_open(struct status *s, const struct state *state, const struct keeper_plan *plan,
		pid_t standby)
{
	cleanup_close int dir = state_place(state, "vm", plan->name);
	int rc;

	if (dir < 0)
		return dir;
	s->fd = openat(dir, "status", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (s->fd < 0)
		return -errno;
	begin(&s->now, plan, standby);
	rc = write_down(s);
	if (rc == -EINVAL) { /* a user's name as a directory service has them */
		(void)snprintf(s->now.user, sizeof(s->now.user), "%u", plan->uid);
		rc = write_down(s);
	}
	return rc;
}

/** status_take_over() - this process is a standby that does the dead keeper's work from now on */
void status_take_over(struct status *s, const struct state *state, const char *name)
{
	cleanup_close int dir = state_place(state, "vm", name);

	s->fd = dir < 0 ? -1 : openat(dir, "status", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0)
		return;
	if (vm_status_read(s->fd, &s->now)) {
		status_close(s);
		return;
	}
	memset(s->now.process, 0, sizeof(s->now.process));
	set_process(&s->now, VM_STATUS_KEEPER, getpid());
	s->now.state = VM_STATUS_RESTORING;
	(void)write_down(s);
}

/** status_set_state() - what the VM does now */
void status_set_state(struct status *s, enum vm_status_state state)
{
	if (s->fd < 0 || s->now.state == state)
		return;
	s->now.state = state;
	(void)write_down(s);
}

/** status_set_process() - one of its processes has started; @pid 0: it is gone */
void status_set_process(struct status *s, const char *role, pid_t pid)
{
	if (s->fd < 0)
		return;
	set_process(&s->now, role, pid);
	(void)write_down(s);
}

/** status_set_event() - the guest's last; @event is of letters and "-" */
void status_set_event(struct status *s, const char *event)
{
	if (s->fd < 0)
		return;
	(void)snprintf(s->now.event, sizeof(s->now.event), "%s", event);
	s->now.event_at = now_s();
	(void)write_down(s);
}

/** status_set_end() - how the run ended, for whoever has the file open; the first one stays */
void status_set_end(struct status *s, int code)
{
	if (s->fd < 0 || s->now.ended || code < 0)
		return;
	s->now.ended = true;
	s->now.exit_code = (unsigned int)code;
	(void)write_down(s);
}

/** status_close() - the descriptor; the file stays until state_retire() */
void status_close(struct status *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
}
