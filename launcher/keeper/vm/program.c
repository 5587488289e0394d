/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * program.c - one row of the plan's programs: started, let go, started again, reaped
 *
 * What a program is, and what it is connected with, stands in its row: nothing here knows any of
 * them. It waits on a pipe before its exec until the standby has its pidfd and the journal its
 * line, so the successor of a dead keeper ends it first.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/hardware.h"
#include "launcher/base/log.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/vm/vm.h"

#define REAP_MS 3000 /* from SIGKILL; one that waits in the kernel may never end */

static size_t number_of(const struct vm *vm, const struct program *p)
{
	return (size_t)(p - vm->program);
}

/** program_row() - its row in the plan */
const struct keeper_program *program_row(const struct vm *vm, const struct program *p)
{
	return &vm->keep->plan->program[number_of(vm, p)];
}

/** program_talks() - has it a socket to the keeper? Then its hang-up shows its death */
bool program_talks(const struct keeper_program *row)
{
	for (uint32_t i = 0; i < row->channel_count; i++)
		if (row->channel[i] == KEEPER_CHANNEL_RECORDS)
			return true;
	return false;
}

/** program_serves() - does QEMU talk to it, and so wait for its answers? */
bool program_serves(const struct keeper_program *row)
{
	for (uint32_t i = 0; i < row->channel_count; i++)
		if (row->channel[i] == KEEPER_CHANNEL_SERVES ||
		    row->channel[i] == KEEPER_CHANNEL_ACCEPTS)
			return true;
	return false;
}

/* The plan's strings as a vector; the array is the caller's, the strings are the plan's. */
static char **vector(const struct keeper_plan *plan, uint32_t skip, uint32_t count)
{
	char **v = calloc((size_t)count + 1, sizeof(*v));
	const char *at = plan->strings;

	for (; v && skip; skip--)
		at += strlen(at) + 1;
	for (uint32_t i = 0; v && i < count; i++, at += strlen(at) + 1)
		v[i] = (char *)(uintptr_t)at; /* execve(2) takes char *, and writes nothing */
	return v;
}

/* How many strings stand before those of a row, or of the files behind all rows. */
static uint32_t strings_before(const struct keeper_plan *plan, size_t number)
{
	uint32_t count = 0;

	for (size_t i = 0; i < number; i++)
		count += plan->program[i].arg_count + plan->program[i].env_count;
	return count;
}

/* The next of @fd for the next channel of its kind; a jail that is only tried has none. */
static int next_of(const int *fd, size_t count, size_t *at)
{
	return *at < count ? fd[(*at)++] : -1;
}

static int channel_end(const struct vm *vm, uint32_t channel, int records)
{
	const struct keeper_plan *plan = vm->keep->plan;
	const int end[KEEPER_CHANNEL_MAX] = {
		[KEEPER_CHANNEL_NONE] = -1,
		[KEEPER_CHANNEL_SERVER] = vm->wires.monitor,
		[KEEPER_CHANNEL_MONITOR] = vm->monitor,
		[KEEPER_CHANNEL_OUTPUT] = vm->output,
		[KEEPER_CHANNEL_RECORDS] = records,
		[KEEPER_CHANNEL_CONTROL] = vm->keep->control,
		[KEEPER_CHANNEL_LOG] = vm->keep->has_log ? KEEPER_FD_LOG : -1,
		[KEEPER_CHANNEL_AGENT] = vm->keep->agent,
		[KEEPER_CHANNEL_CONFIG] = vm->keep->has_config ? KEEPER_FD_CONFIG : -1,
		[KEEPER_CHANNEL_ROWS] = plan->populate_rows || plan->plug_rows || plan->usb_count || plan->input_count ? KEEPER_FD_ROWS : -1,
		[KEEPER_CHANNEL_DISPLAY] = vm->keep->display,
	};

	return end[channel];
}

static void connect_words(const struct vm *vm, uint32_t log, struct jail *jail)
{
	jail->input = jail->output = jail->errors = -1;
	if (log == KEEPER_LOG_OUTPUT) {
		jail->output = jail->errors = vm->wires.output;
	} else if (log == KEEPER_LOG_TERMINAL) {
		jail->output = STDOUT_FILENO;
		jail->errors = STDERR_FILENO;
	}
}

/* What the VM itself has and none of the programs that serve it. */
static void furnish_main(const struct keeper_plan *plan, struct jail *jail)
{
	jail->private_network = plan->flags & KEEPER_PRIVATE_NETWORK;
	jail->host_name = plan->flags & KEEPER_HOST_NAME;
	jail->memlock_bytes = plan->memlock_bytes;
	jail->node = plan->node;
	jail->node_count = plan->node_count;
	jail->device = plan->device;
	jail->device_count = plan->device_count;
}

/* What only a program with a root of its own has. */
static void furnish(const struct keeper_plan *plan, const struct keeper_program *row,
		    char *const *files, struct jail *jail)
{
	static const struct keeper_node plain[] = { { .path = "null" },
						    { .path = "zero" },
						    { .path = "full" },
						    { .path = "random" },
						    { .path = "urandom" } };

	jail->private_network = !jail->profile->network;
	jail->node = plain;
	jail->node_count = ARRAY_SIZE(plain);
	if (row->has_devices)
		furnish_main(plan, jail);
	jail->row = (uint32_t)(row - plan->program);
	jail->file = plan->file;
	jail->file_path = files;
	jail->file_count = plan->file_count;
	jail->filter = plan->flags & KEEPER_FILTERED ? (int)row->filter : 0;
}

/* The number of each of its descriptors here. */
static void connect_channels(const struct vm *vm, const struct keeper_program *row, int records,
			     int pass[KEEPER_CHANNELS_MAX])
{
	size_t given = 0, link = 0, served = 0;

	for (uint32_t i = 0; i < row->channel_count; i++)
		if (row->channel[i] == KEEPER_CHANNEL_GIVEN)
			pass[i] = next_of(vm->keep->given, vm->keep->given_count, &given);
		else if (row->channel[i] == KEEPER_CHANNEL_LINK)
			pass[i] = next_of(vm->keep->link, vm->keep->link_count, &link);
		else if (row->channel[i] == KEEPER_CHANNEL_SERVED)
			pass[i] = wires_next_served(vm, &served);
		else if (row->channel[i] == KEEPER_CHANNEL_SERVES ||
			 row->channel[i] == KEEPER_CHANNEL_ACCEPTS)
			pass[i] = vm->wires.serves[row - vm->keep->plan->program];
		else
			pass[i] = channel_end(vm, row->channel[i], records);
}

/* The user's own have one for themselves. */
static enum cgroup_leaf leaf_of(const struct keeper_program *row)
{
	return row->after == KEEPER_AFTER_GUEST ? CGROUP_PROGRAM : CGROUP_VM;
}

static int start(struct vm *vm, struct program *p, const struct keeper_program *row, int records)
{
	const struct keeper_plan *plan = vm->keep->plan;
	uint32_t before = strings_before(plan, number_of(vm, p));
	cleanup_free char **argv = vector(plan, before, row->arg_count);
	cleanup_free char **env = vector(plan, before + row->arg_count, row->env_count);
	cleanup_free char **files =
		vector(plan, strings_before(plan, plan->program_count), plan->file_count);
	cleanup_close int leaf = cgroup_leaf(vm->keep, leaf_of(row));
	int pass[KEEPER_CHANNELS_MAX];
	struct jail jail = { .uid = plan->uid,
			     .gid = plan->gid,
			     .profile = jail_profile(row->jail),
			     .pass = pass,
			     .pass_count = row->channel_count,
			     .program = row->descriptor ? (int)row->descriptor : -1,
			     .leaf = leaf,
			     .argv = argv,
			     .env = env };

	if (!argv || !env || !files)
		return -ENOMEM;
	connect_channels(vm, row, records, pass);
	connect_words(vm, row->log, &jail);
	if (jail.profile->own_root)
		furnish(plan, row, files, &jail);
	return jail_start(&jail, &p->jailed);
}

/**
 * program_start() - fork it, up to its parking pipe
 * @p:		one of @vm's, not started; what was started is ended by program_reap()
 *
 * Return: 0; -errno: as jail_start(), or of standby_know(): then it may still be let go
 * Context: SETUID, SETGID and SETPCAP effective; for a root of its own all of root's
 */
int program_start(struct vm *vm, struct program *p)
{
	const struct keeper_program *row = program_row(vm, p);
	cleanup_close int own = -1, its = -1;
	int pair[2], rc;

	if (program_talks(row)) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
			return -errno;
		own = pair[0];
		its = pair[1];
	}
	rc = start(vm, p, row, its);
	if (rc)
		return rc;
	if (own >= 0) {
		close_fd(&vm->records); /* of one before it */
		vm->records = take_fd(&own);
	}
	return standby_know(vm->keep, (int)number_of(vm, p), p->jailed.pid, p->jailed.pidfd,
			    &p->id);
}

/**
 * program_let_go() - let it execute
 * @known:	what program_start() has returned
 *
 * Without a standby or a journal a VM that runs goes on: its devices come back when it ends.
 *
 * Return: 0; -EPIPE it has failed already; other -errno: it must not be waited for
 */
int program_let_go(struct vm *vm, struct program *p, int known)
{
	const struct keeper_program *row = program_row(vm, p);
	struct journal_process line = { .id = p->id, .has_devices = row->has_devices };
	int rc = known;

	if (!p->jailed.pid)
		return rc;
	memcpy(line.role, row->role, sizeof(line.role));
	if (!rc)
		rc = journal_add_process(&vm->keep->journal, &line);
	status_set_process(&vm->keep->status, row->role, p->jailed.pid);
	if (rc && !vm_main(vm)->let_go)
		return rc;
	p->let_go = true;
	return jail_let_go(&p->jailed);
}

/**
 * program_make_late_nodes() - the nodes of what was taken for it, in the /dev of one that runs
 * @p:		was executed
 *
 * Return: 0, or -errno
 */
int program_make_late_nodes(struct vm *vm, struct program *p)
{
	const struct keeper_plan *plan = vm->keep->plan;
	const struct jail jail = { .uid = plan->uid,
				   .gid = plan->gid,
				   .node = plan->node,
				   .node_count = plan->node_count };

	return jail_make_late_nodes(&p->jailed, &jail);
}

/**
 * program_reap() - it is gone, or is ended when it does not go by itself
 * @wait_ms:	how long it may take
 *
 * Return: its exit status as wait(2) has it; 0 when it does not even die, or was never started
 */
int program_reap(struct vm *vm, struct program *p, int wait_ms)
{
	const struct keeper_program *row = program_row(vm, p);
	struct pollfd end = { .fd = p->jailed.pidfd, .events = POLLIN };
	const char *name = vm->keep->plan->name;
	struct jail_failure f;
	int status = 0;

	if (!p->jailed.pid)
		return 0;
	if (poll(&end, 1, wait_ms) <= 0)
		vm_signal(p, SIGKILL);
	if (row->after == KEEPER_AFTER_GUEST && !p->jailed.in_leaf)
		vm_signal_group(p, SIGKILL); /* what it has left of its own; else that ends with the VM */
	if (poll(&end, 1, REAP_MS) <= 0)
		log_warning("%s: %s (process %d) does not die: it waits in the kernel, and ends when it can",
			    name, row->role, (int)p->jailed.pid);
	else if (waitpid(p->jailed.pid, &status, 0) == p->jailed.pid && jail_failure(&p->jailed, &f))
		log_error("%s: %s was not started: %s: %s", name, row->role, f.step,
			  strerror(f.error));
	jail_forget(&p->jailed);
	p->let_go = false;
	status_set_process(&vm->keep->status, row->role, 0);
	return status;
}

/**
 * program_say_denial() - one that has failed: what AppArmor has denied it, if that was the reason
 * @pid:	of what was reaped
 */
void program_say_denial(const struct vm *vm, const struct program *p, pid_t pid)
{
	uint64_t before = caps_lend(CAP_SYSLOG);
	cleanup_close int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char who[32], text[512], quoted[2048];

	caps_take_back(before);
	(void)snprintf(who, sizeof(who), " pid=%d ", (int)pid);
	if (fd >= 0 && hardware_denial_read(fd, who, vm->since_us, text, sizeof(text)))
		log_error("%s: %s: %s", vm->keep->plan->name, program_row(vm, p)->role,
			  log_quote(text, quoted, sizeof(quoted)));
}

/** program_has_failed() - has one of that exit status ended otherwise than it should? */
bool program_has_failed(int status)
{
	return !WIFEXITED(status) || WEXITSTATUS(status);
}

/** program_end() - how it ended, in words */
const char *program_end(const char *role, int status, char *buf, size_t size)
{
	if (WIFSIGNALED(status))
		(void)snprintf(buf, size, "%s was ended by signal %d (%s)", role, WTERMSIG(status),
			       strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		(void)snprintf(buf, size, "%s has ended with status %d", role, WEXITSTATUS(status));
	else
		(void)snprintf(buf, size, "%s is gone", role);
	return buf;
}

static int start_with_rights(struct vm *vm, struct program *p)
{
	static const int needed[] = { CAP_SETUID, CAP_SETGID, CAP_SETPCAP };
	int rc;

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		caps_raise(needed[i]);
	rc = program_start(vm, p);
	if (p->jailed.pid && !p->jailed.in_leaf)
		cgroup_join(vm->keep, p->jailed.pid, vm_main(vm)->jailed.pid);
	rc = program_let_go(vm, p, rc);
	caps_rest();
	return rc;
}

/**
 * program_again() - start another one in its place, as often as its row allows
 * @p:		reaped
 * @why:	a sentence for the user
 *
 * Return: false: that was often enough, or none can be started
 */
bool program_again(struct vm *vm, struct program *p, const char *why)
{
	const struct keeper_program *row = program_row(vm, p);

	while (p->restarts < row->restarts) {
		p->restarts++;
		log_warning("%s: %s: starting another %s (%u of %u)", vm->keep->plan->name, why,
			    row->role, p->restarts, row->restarts);
		if (start_with_rights(vm, p) == 0)
			return true;
		(void)program_reap(vm, p, 0);
	}
	return false;
}

/** program_start_late() - those that wait for the guest; a VM goes on without one that fails */
void program_start_late(struct vm *vm)
{
	for (uint32_t i = 0; i < vm->keep->plan->program_count; i++) {
		struct program *p = &vm->program[i];
		const struct keeper_program *row = program_row(vm, p);
		int rc;

		if (row->after != KEEPER_AFTER_GUEST || p->jailed.pid)
			continue;
		rc = start_with_rights(vm, p);
		if (!rc)
			continue;
		log_warning("%s: %s could not be started: %s", vm->keep->plan->name, row->role,
			    strerror(-rc));
		(void)program_reap(vm, p, 0);
	}
}
