// SPDX-License-Identifier: GPL-2.0-or-later
/* test-hooks.c - the administrator's programs: which wait for another, and which do not */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/log.h"
#include "launcher/keeper/kinds/kind.h"
#include "launcher/keeper/process/hooks.h"

static struct keeper keep; /* too large for a stack */
static struct keeper_plan plan;
static struct journal second = JOURNAL_INIT;
static int journal_fd = -1;
static char folder[] = "/tmp/test-hooks.XXXXXX", down[64], up[64], gate[64], said[64];

static int *refused_forks; /* by whichever process, as many */

pid_t fork(void)
{
	if (refused_forks && *refused_forks > 0) {
		--*refused_forks;
		errno = EAGAIN;
		return -1;
	}
	return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static void write_program(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	(void)fprintf(f, "#!/bin/sh\n%s", text);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
}

static const char *what_was_said(void)
{
	static char text[256];
	int fd = open(said, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		(void)close(fd);
	return text;
}

/* `down` waits in its middle for somebody who opens the gate; `up` does not wait. */
static int make(void **state)
{
	char text[512];

	(void)state;
	refused_forks = mmap(NULL, sizeof(*refused_forks), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (refused_forks == MAP_FAILED || !mkdtemp(folder))
		return -1;
	(void)snprintf(down, sizeof(down), "%s/down", folder);
	(void)snprintf(up, sizeof(up), "%s/up", folder);
	(void)snprintf(gate, sizeof(gate), "%s/gate", folder);
	(void)snprintf(said, sizeof(said), "%s/said", folder);
	if (mkfifo(gate, 0600))
		return -1;
	(void)snprintf(text, sizeof(text), "echo begins >>%s\nread -r _ <%s\necho \"$1 $2\" >>%s\nexit 3\n",
		       said, gate, said);
	write_program(down, text);
	(void)snprintf(text, sizeof(text), "echo \"$1 $2\" >>%s\n", said);
	write_program(up, text);
	return 0;
}

static int drop(void **state)
{
	(void)state;
	(void)unlink(down);
	(void)unlink(up);
	(void)unlink(gate);
	(void)unlink(said);
	return rmdir(folder);
}

static void begin(void)
{
	memset(&keep, 0, sizeof(keep));
	memset(&plan, 0, sizeof(plan));
	plan.job = KEEPER_RUN;
	plan.change_count = 1;
	plan.change[0].kind = CHANGE_COMMAND;
	keep.plan = &plan;
	keep.hooks = -1;
	keep.journal = (struct journal)JOURNAL_INIT;
	(void)close(journal_fd);
	journal_fd = memfd_create("journal", MFD_CLOEXEC);
	assert_int_equal(fcntl(journal_fd, F_SETFL, O_APPEND), 0);
	assert_int_equal(journal_begin(&keep.journal, journal_fd, "one", false), 0);
	(void)unlink(said);
	assert_int_equal(hooks_start(&keep), 0);
}

static void end(void)
{
	(void)close(keep.hooks);
	(void)waitpid(keep.hooks_pid, NULL, 0);
}

/* Another process as the keeper, which is killed while `down` waits. */
static void be_killed_in_the_middle(void)
{
	pid_t keeper = fork();

	assert_true(keeper >= 0);
	if (keeper == 0) {
		(void)!kept_command(&keep, "stop", down);
		_exit(0);
	}
	while (strcmp(what_was_said(), "begins\n") != 0)
		(void)usleep(10000);
	(void)kill(keeper, SIGKILL);
	(void)waitpid(keeper, NULL, 0);
	keep.hooks_serial += UINT32_MAX / 2; /* as a standby does it */
}

/* Opens the gate after a moment in which another could have gone first. */
static void open_gate_later(void)
{
	if (fork() == 0) {
		int fd;

		(void)usleep(300000);
		fd = open(gate, O_WRONLY | O_CLOEXEC);
		(void)!write(fd, "\n", 1);
		_exit(0);
	}
}

static void what_is_started_again_was_stopped_first(void **state)
{
	(void)state;
	begin();
	be_killed_in_the_middle();
	open_gate_later();
	assert_int_equal(kept_command(&keep, "start", up), 0);
	assert_string_equal(what_was_said(), "begins\none stop\none start\n");
	end();
}

/* One that waits for nothing is not kept waiting by one that does. */
static void a_hook_waits_for_no_other(void **state)
{
	(void)state;
	begin();
	be_killed_in_the_middle();
	assert_int_equal(hooks_execute(&keep, "started", up), 0);
	assert_string_equal(what_was_said(), "begins\none started\n");
	open_gate_later();
	assert_int_equal(kept_command(&keep, "start", up), 0);
	end();
}

/* Another keeper, with nothing but the journal, and with a process of its own that starts programs. */
static void recover(void)
{
	end();
	keep.hooks = -1;
	keep.reverting = true;
	keep.journal = (struct journal)JOURNAL_INIT;
	assert_int_equal(journal_load(&keep.journal, journal_fd), 0);
	assert_int_equal(keep.journal.process_count, 1);
	assert_true(kept_is_role(keep.journal.process[0].role));
	assert_int_equal(hooks_start(&keep), 0);
}

static void so_it_is_when_all_were_killed(void **state)
{
	(void)state;
	begin();
	be_killed_in_the_middle();
	recover();
	open_gate_later();
	assert_int_equal(kept_command(&keep, "start", up), 0);
	assert_string_equal(what_was_said(), "begins\none stop\none start\n");
	end();
}

/* Its starter too: that program is in nobody's hand any more, and ends by itself. */
static void so_it_is_when_its_starter_was_killed_too(void **state)
{
	char path[64], text[32] = "";
	pid_t starter;
	FILE *f;

	(void)state;
	begin();
	be_killed_in_the_middle();
	assert_int_equal(journal_load(&second, fcntl(journal_fd, F_DUPFD_CLOEXEC, 0)), 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)second.process[0].id.pid);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	(void)fclose(f);
	assert_int_equal(sscanf(text, "%*d (%*[^)]) %*c %d", &starter), 1);
	assert_int_equal(kill(starter, SIGKILL), 0);
	recover();
	open_gate_later();
	assert_int_equal(kept_command(&keep, "start", up), 0);
	assert_string_equal(what_was_said(), "begins\none stop\none start\n");
	end();
}

/* A change that cannot be written down is not made; to put something back, none is needed. */
static void what_is_not_written_down_is_not_run(void **state)
{
	(void)state;
	begin();
	keep.journal.write_error = -ENOSPC;
	assert_int_equal(kept_command(&keep, "stop", up), -ENOSPC);
	assert_string_equal(what_was_said(), "");
	keep.reverting = true;
	assert_int_equal(kept_command(&keep, "start", up), 0);
	assert_string_equal(what_was_said(), "one start\n");
	end();
}

static void what_cannot_be_started_is_answered(void **state)
{
	(void)state;
	begin();
	*refused_forks = 2;
	assert_int_equal(hooks_execute(&keep, "started", up), -EAGAIN);
	assert_int_equal(kept_command(&keep, "stop", up), -EAGAIN);
	assert_string_equal(what_was_said(), "");
	keep.reverting = true;
	*refused_forks = 3; /* there is room again after a moment */
	assert_int_equal(kept_command(&keep, "start", up), 0);
	assert_string_equal(what_was_said(), "one start\n");
	end();
}

static void its_exit_status_is_told(void **state)
{
	(void)state;
	begin();
	open_gate_later();
	assert_int_equal(kept_command(&keep, "stop", down), 3);
	assert_int_equal(kept_command(&keep, "start", "/nonexistent"), 127);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_started_again_was_stopped_first),
		cmocka_unit_test(so_it_is_when_all_were_killed),
		cmocka_unit_test(so_it_is_when_its_starter_was_killed_too),
		cmocka_unit_test(what_is_not_written_down_is_not_run),
		cmocka_unit_test(a_hook_waits_for_no_other),
		cmocka_unit_test(what_cannot_be_started_is_answered),
		cmocka_unit_test(its_exit_status_is_told),
	};

	log_setup(LOG_ERROR, false);
	(void)alarm(120); /* what waits for the wrong one waits for ever */
	return cmocka_run_group_tests(tests, make, drop);
}
