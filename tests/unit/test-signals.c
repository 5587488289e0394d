// SPDX-License-Identifier: GPL-2.0-or-later
/* test-signals.c - which signals may be one request that comes more than once */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "launcher/keeper/keeper.h"

enum { SOMEBODY = 0, INIT = 1, SUDO = 500 };

/* Signals one after the other, and whether each may be the same requested as one before. */
struct row {
	struct {
		int number;
		unsigned int pid;
	} sent[4];
	bool once[4];
};

static const struct row rows[] = {
	/* a terminal, or kill(1): the second one is more urgent */
	{ { { SIGINT, SOMEBODY }, { SIGINT, SOMEBODY } }, { false, false } },
	{ { { SIGTERM, SUDO }, { SIGTERM, SUDO } }, { false, false } },
	/* the host goes down: our scope, and the session of sudo */
	{ { { SIGTERM, INIT }, { SIGTERM, SUDO } }, { true, true } },
	{ { { SIGTERM, SUDO }, { SIGTERM, INIT }, { SIGTERM, SUDO } }, { false, true, true } },
	/* an impatient user all the same */
	{ { { SIGTERM, INIT }, { SIGINT, SOMEBODY }, { SIGQUIT, SOMEBODY } }, { true, false, false } },
	/* no requested for the end at all */
	{ { { SIGHUP, INIT }, { SIGTERM, SUDO } }, { false, false } },
};

static void test_once(void **state)
{
	static struct keeper keep; /* too large for a stack */

	(void)state;
	for (size_t r = 0; r < ARRAY_SIZE(rows); r++) {
		keep = (struct keeper){ .told_by_init = false };
		for (size_t i = 0; i < 4 && rows[r].sent[i].number; i++) {
			const struct signalfd_siginfo info = {
				.ssi_signo = (uint32_t)rows[r].sent[i].number,
				.ssi_pid = rows[r].sent[i].pid,
			};

			assert_int_equal(keeper_is_told_once(&keep, &info), rows[r].once[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_once) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
