/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope.c - ask systemd for a scope and wait until processes are in it; exit status: the errno
 *
 * usage: scope keeper|vm|isolated NAME SECONDS PID...
 *	  scope slice|unslice ...	scope-slice.c
 *	  scope inhibit ...		scope-inhibit.c
 *	  scope unit|user-unit ...	scope-unit.c
 *
 * A program of its own, because D-Bus is a parser, and none sits in the process that has to
 * give a device back. Two scopes per VM, in system.slice, where the end of a session, of a
 * user manager or of a desktop does not reach:
 *
 *	vfio-run-NAME.scope	keeper, standby and workers, each in a leaf
 *	vfio-run-NAME-vm.scope	QEMU, vfio-qmp, helpers; of an isolated one in its own slice
 *
 * The keeper's is After= the VM's, so at shutdown it is stopped before: the keeper gets its
 * SIGTERM while QEMU gets none, powers the guest down and gives the devices back. In one
 * scope all would get it at once; KillMode=mixed on a scope kills outright.
 * Source: org.freedesktop.systemd1(5), systemd.scope(5), systemd.kill(5)
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launcher/base/unit-name.h"
#include "launcher/keeper/programs/scope-request.h"

#define UNIT_MAX UNIT_NAME_MAX

struct request {
	bool of_keeper;
	char keeper_unit[UNIT_MAX], vm_unit[UNIT_MAX], slice[UNIT_MAX];
	const char *name;
	uint64_t stop_us;
	uint32_t pid[16];
	size_t pid_count;
};

/* Of the job that moves the processes. */
struct answer {
	const char *job;
	bool done;
	int error; /* 0 or -errno */
};

static uint64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * USEC_PER_S + (uint64_t)t.tv_nsec / 1000;
}

static int on_job_removed(sd_bus_message *m, void *context, sd_bus_error *error)
{
	struct answer *a = context;
	const char *job, *unit, *result;
	uint32_t id;
	int rc = sd_bus_message_read(m, "uoss", &id, &job, &unit, &result);

	(void)error;
	if (rc >= 0 && a->job && !strcmp(job, a->job)) {
		a->done = true;
		a->error = strcmp(result, "done") ? -EIO : 0;
	}
	return 0;
}

/* What a guest's disks and network need is stopped after it. */
static int add_order(sd_bus_message *m, const struct request *r)
{
	const char *before_all[] = { "basic.target", "local-fs.target", "remote-fs.target",
				     "network.target" };
	int rc = sd_bus_message_open_container(m, 'r', "sv");

	if (rc >= 0)
		rc = sd_bus_message_append(m, "s", "After");
	if (rc >= 0)
		rc = sd_bus_message_open_container(m, 'v', "as");
	if (rc >= 0)
		rc = sd_bus_message_open_container(m, 'a', "s");
	for (size_t i = 0; rc >= 0 && i < ARRAY_SIZE(before_all); i++)
		rc = sd_bus_message_append(m, "s", before_all[i]);
	if (rc >= 0 && r->of_keeper)
		rc = sd_bus_message_append(m, "s", r->vm_unit);
	for (int i = 0; rc >= 0 && i < 3; i++)
		rc = sd_bus_message_close_container(m);
	return rc;
}

static int add_processes(sd_bus_message *m, const struct request *r)
{
	int rc = sd_bus_message_open_container(m, 'r', "sv");

	if (rc >= 0)
		rc = sd_bus_message_append(m, "s", "PIDs");
	if (rc >= 0)
		rc = sd_bus_message_open_container(m, 'v', "au");
	if (rc >= 0)
		rc = sd_bus_message_append_array(m, 'u', r->pid, r->pid_count * sizeof(r->pid[0]));
	for (int i = 0; rc >= 0 && i < 2; i++)
		rc = sd_bus_message_close_container(m);
	return rc;
}

static int add_properties(sd_bus_message *m, const struct request *r)
{
	char text[64];
	int rc;

	(void)snprintf(text, sizeof(text), r->of_keeper ? "Keeper of %s" :
							  "Virtual machine %s", r->name);
	rc = sd_bus_message_append(m, "(sv)(sv)(sv)(sv)(sv)", "Description", "s", text, "Slice", "s",
				   r->slice, "CollectMode", "s", "inactive-or-failed",
				   "SendSIGHUP", "b", 0, "TimeoutStopUSec", "t", r->stop_us);
	if (rc >= 0 && r->of_keeper)
		rc = sd_bus_message_append(m, "(sv)", "Delegate", "b", 1);
	if (rc >= 0)
		rc = add_order(m, r);
	return rc < 0 ? rc : add_processes(m, r);
}

/** scope_call() - begin a call of systemd's manager; 0 or -errno; the caller unrefs it in any case */
int scope_call(sd_bus *bus, const char *method, sd_bus_message **out)
{
	return sd_bus_message_new_method_call(bus, out, "org.freedesktop.systemd1",
					      "/org/freedesktop/systemd1",
					      "org.freedesktop.systemd1.Manager", method);
}

static int make_call(sd_bus *bus, const struct request *r, sd_bus_message **out)
{
	int rc = scope_call(bus, "StartTransientUnit", out);

	if (rc >= 0)
		rc = sd_bus_message_append(*out, "ss", r->of_keeper ? r->keeper_unit : r->vm_unit, "fail");
	if (rc >= 0)
		rc = sd_bus_message_open_container(*out, 'a', "(sv)");
	if (rc >= 0)
		rc = add_properties(*out, r);
	if (rc >= 0)
		rc = sd_bus_message_close_container(*out);
	return rc < 0 ? rc : sd_bus_message_append(*out, "a(sa(sv))", 0);
}

static int wait_for_job(sd_bus *bus, const struct answer *a, uint64_t end_us)
{
	while (!a->done) {
		uint64_t now = now_us();
		int rc = sd_bus_process(bus, NULL);

		if (rc < 0)
			return rc;
		if (rc > 0)
			continue;
		if (now >= end_us)
			return -ETIME;
		rc = sd_bus_wait(bus, end_us - now);
		if (rc < 0 && rc != -EINTR)
			return rc;
	}
	return a->error;
}

/**
 * scope_do() - send a call whose answer is a job, and wait until that is done
 * @seconds:	for the job
 *
 * Return: 0; -ETIME it is not done by then; other -errno
 */
int scope_do(sd_bus *bus, sd_bus_message *call, unsigned int seconds)
{
	uint64_t end = now_us() + seconds * USEC_PER_S;
	struct answer a = { .done = false };
	sd_bus_message *reply = NULL;
	bool own = sd_bus_is_bus_client(bus) <= 0; /* then no signal has a sender */
	/* before the call: the job may be done when it returns */
	int rc = sd_bus_match_signal(bus, NULL, own ? NULL : "org.freedesktop.systemd1",
				     "/org/freedesktop/systemd1",
				     "org.freedesktop.systemd1.Manager", "JobRemoved",
				     on_job_removed, &a);

	if (rc >= 0)
		rc = sd_bus_call(bus, call, SCOPE_DEADLINE_S * USEC_PER_S, NULL, &reply);
	if (rc >= 0)
		rc = sd_bus_message_read(reply, "o", &a.job);
	if (rc >= 0)
		rc = wait_for_job(bus, &a, end);
	sd_bus_message_unref(reply);
	return rc;
}

static int start(sd_bus *bus, const struct request *r)
{
	sd_bus_message *call = NULL;
	int rc = make_call(bus, r, &call);

	if (rc >= 0)
		rc = scope_do(bus, call, SCOPE_DEADLINE_S);
	sd_bus_message_unref(call);
	return rc;
}

static bool read_number(const char *text, uint64_t most, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return isdigit((unsigned char)*text) && !*end && !errno && *out <= most;
}

static bool read_arguments(int argc, char **argv, struct request *r)
{
	uint64_t number;

	if (argc < 5 || argc > 4 + (int)ARRAY_SIZE(r->pid))
		return false;
	r->of_keeper = !strcmp(argv[1], "keeper");
	r->name = argv[2];
	unit_name(r->name, ".scope", r->keeper_unit);
	unit_name(r->name, "-vm.scope", r->vm_unit);
	(void)snprintf(r->slice, sizeof(r->slice), "system.slice");
	if (!strcmp(argv[1], "isolated"))
		slice_unit(r->name, r->slice);
	if (!read_number(argv[3], UINT32_MAX, &number))
		return false;
	r->stop_us = number * USEC_PER_S;
	for (int i = 4; i < argc; i++) {
		if (!read_number(argv[i], INT32_MAX, &number) || !number)
			return false;
		r->pid[r->pid_count++] = (uint32_t)number;
	}
	return r->of_keeper || !strcmp(argv[1], "vm") || !strcmp(argv[1], "isolated");
}

/* What is asked for by a first word of its own; all else is a scope. */
static const struct {
	const char *word;
	int (*perform)(sd_bus *bus, int argc, char **argv);
} others[] = { { "slice", slice_main }, { "unslice", slice_main }, { "inhibit", inhibit_main },
	       { "unit", unit_main },
	       { "user-unit", unit_main } };

static int perform(sd_bus *bus, int argc, char **argv)
{
	struct request r = { .pid_count = 0 };

	for (size_t i = 0; i < ARRAY_SIZE(others) && argc > 1; i++)
		if (!strcmp(argv[1], others[i].word))
			return others[i].perform(bus, argc, argv);
	return read_arguments(argc, argv, &r) ? start(bus, &r) : -EINVAL;
}

/* A socket that is listened on is connected to even when who listens hangs. Return: 0; -ETIME it does */
static int greet(sd_bus *bus)
{
	uint64_t now, end = now_us() + SCOPE_ANSWER_S * USEC_PER_S;
	int rc = sd_bus_set_method_call_timeout(bus, SCOPE_ANSWER_S * USEC_PER_S);

	while (rc >= 0 && !sd_bus_is_ready(bus)) {
		now = now_us();
		if (now >= end)
			return -ETIME;
		rc = sd_bus_process(bus, NULL);
		if (!rc)
			rc = sd_bus_wait(bus, end - now);
		if (rc == -EINTR)
			rc = 0;
	}
	return rc < 0 ? rc : 0;
}

static int open_at(const char *address, sd_bus **out)
{
	int rc = sd_bus_new(out);

	if (rc >= 0)
		rc = sd_bus_set_address(*out, address);
	if (rc >= 0)
		rc = sd_bus_start(*out);
	return rc < 0 ? rc : greet(*out);
}

/*
 * A user's own service manager has a socket of its own beside D-Bus's, which is not on every host.
 * It is the user who connects to it. Source: systemd's src/libsystemd/sd-bus, bus_connect_user_systemd()
 */
static int open_own(sd_bus **out)
{
	char address[96];

	if (!getuid())
		return -EPERM;
	(void)snprintf(address, sizeof(address), "unix:path=/run/user/%u/systemd/private",
		       (unsigned int)getuid());
	return open_at(address, out);
}

/* Without D-Bus root reaches systemd all the same. Source: likewise, bus_connect_system_systemd() */
static int open_system(sd_bus **out)
{
	int rc = sd_bus_open_system(out);

	if (rc >= 0)
		rc = greet(*out);
	if (rc >= 0 || getuid())
		return rc;
	*out = sd_bus_close_unref(*out);
	return open_at("unix:path=/run/systemd/private", out);
}

static bool is_lost(int rc)
{
	return rc == -ENOTCONN || rc == -ECONNRESET || rc == -EPIPE;
}

/* No socket is not what ENOENT says of a unit: that there is none. A flush would wait for the greeting. */
static int ask(bool own, int argc, char **argv)
{
	sd_bus *bus = NULL;
	int rc = own ? open_own(&bus) : open_system(&bus);

	if (rc < 0) {
		sd_bus_close_unref(bus);
		return rc == -ENOENT ? -ECONNREFUSED : rc;
	}
	rc = perform(bus, argc, argv);
	sd_bus_flush_close_unref(bus);
	return rc;
}

/* One that executes itself anew, as after an upgrade, is there again at once; one that ends is not. */
int main(int argc, char **argv)
{
	bool own = argc > 1 && !strcmp(argv[1], "user-unit");
	int rc = ask(own, argc, argv);

	if (is_lost(rc))
		rc = ask(own, argc, argv);
	if (is_lost(rc))
		rc = -ECONNREFUSED;
	return rc < 0 ? -rc & 0xff : 0;
}
