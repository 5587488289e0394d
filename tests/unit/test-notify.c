// SPDX-License-Identifier: GPL-2.0-or-later
/* test-notify.c - a service manager is sent each state once, by the process that may */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/commands/handover/notify-open.h"
#include "launcher/keeper/keeper.h"

static struct keeper_plan plan;
static struct keeper keep; /* too large for a stack */

/* A manager's socket at a path, or at an abstract name that starts with '@'. */
static int listen_at(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
	if (*name == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (const struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

/* The next word that has come, or "". */
static const char *heard(int fd)
{
	static char text[256];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void test_open(void **state)
{
	char path[64];
	const char *const names[] = { path, "@vfio-run/unit-test" };

	(void)state;
	(void)snprintf(path, sizeof(path), "/tmp/test-notify-%d", (int)getpid());
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int manager = listen_at(names[i]), fd = notify_open();

		assert_true(fd >= 0);
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
		assert_int_equal(write(fd, "READY=1", 7), 7);
		assert_string_equal(heard(manager), "READY=1");
		(void)close(fd);
		(void)close(manager);
	}
	(void)unlink(path);
}

static void test_open_wrong(void **state)
{
	static char long_name[200];
	const struct {
		const char *name;
		int error;
	} rows[] = {
		{ "", -ENOENT },
		{ "/", -EAFNOSUPPORT },
		{ "@", -EAFNOSUPPORT },
		{ "vsock:2:1234", -EAFNOSUPPORT },
		{ "notify", -EAFNOSUPPORT },
		{ "/nowhere/notify", -ENOENT },
		{ "@vfio-run/nobody", -ECONNREFUSED },
		{ long_name, -ENAMETOOLONG },
	};

	(void)state;
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[0] = '/';
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(setenv("NOTIFY_SOCKET", rows[i].name, 1), 0);
		assert_int_equal(notify_open(), rows[i].error);
	}
	(void)unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_open(), -ENOENT);
}

/* Puts a socket pair's end at the number that the keeper has it at. */
static int set_up(uint32_t flags, int type)
{
	int pair[2], manager;

	plan = (struct keeper_plan){ .flags = flags, .shutdown_timeout_s = 60,
				     .memory_bytes = UINT64_C(64) << 30 };
	keep = (struct keeper){ .plan = &plan };
	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair), 0);
	manager = fcntl(pair[1], F_DUPFD_CLOEXEC, 40);
	(void)close(pair[1]);
	if (pair[0] != KEEPER_FD_NOTIFY) {
		assert_int_equal(dup2(pair[0], KEEPER_FD_NOTIFY), KEEPER_FD_NOTIFY);
		(void)close(pair[0]);
	}
	notify_setup(&keep);
	return manager;
}

static void test_run(void **state)
{
	int fd = set_up(KEEPER_SERVICE, SOCK_DGRAM);

	(void)state;
	notify_tell(&keep, NOTIFY_TAKING);
	notify_tell(&keep, NOTIFY_STARTING);
	assert_string_equal(heard(fd), "STATUS=taking its devices");
	assert_string_equal(heard(fd), "STATUS=QEMU starts");
	notify_tell(&keep, NOTIFY_RUNNING);
	notify_tell(&keep, NOTIFY_RUNNING);
	assert_string_equal(heard(fd), "READY=1\nSTATUS=the guest runs");
	assert_string_equal(heard(fd), "");
	notify_tell(&keep, NOTIFY_ENDING);
	assert_string_equal(heard(fd), "STOPPING=1\nSTATUS=ending the guest");
	assert_string_equal(heard(fd), "EXTEND_TIMEOUT_USEC=134000000"); /* 60 + 2 + 5 + 5 + 30 + 32 s */
	notify_tell(&keep, NOTIFY_ENDING);
	assert_string_equal(heard(fd), "");
	notify_tell(&keep, NOTIFY_RETURNING);
	assert_string_equal(heard(fd), "STOPPING=1\nSTATUS=giving its devices back");
	assert_string_equal(heard(fd), "EXTEND_TIMEOUT_USEC=150000000");
	notify_device(&keep, 30);
	assert_string_equal(heard(fd), "EXTEND_TIMEOUT_USEC=150000000");
	notify_device(&keep, 330); /* a mount that has to be replayed */
	assert_string_equal(heard(fd), "EXTEND_TIMEOUT_USEC=350000000");
	(void)close(fd);
	notify_tell(&keep, NOTIFY_RUNNING); /* the manager is gone */
	(void)close(KEEPER_FD_NOTIFY);
}

/* What stands at that number may be anything when there is no service manager. */
static void test_nobody(void **state)
{
	static const struct {
		uint32_t flags;
		int type;
	} rows[] = { { 0, SOCK_DGRAM }, { KEEPER_SERVICE, SOCK_SEQPACKET }, { KEEPER_SERVICE, SOCK_STREAM } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int fd = set_up(rows[i].flags, rows[i].type);

		notify_tell(&keep, NOTIFY_RUNNING);
		notify_tell(&keep, NOTIFY_ENDING);
		notify_device(&keep, 30);
		assert_string_equal(heard(fd), "");
		(void)close(fd);
	}
	(void)close(KEEPER_FD_NOTIFY);
	notify_setup(&keep);
	assert_false(keep.has_notify);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open), cmocka_unit_test(test_open_wrong),
		cmocka_unit_test(test_run), cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
