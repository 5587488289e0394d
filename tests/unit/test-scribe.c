// SPDX-License-Identifier: GPL-2.0-or-later
/* test-scribe.c - output to a file that may block: which process waits for it, and which do not */
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/log.h"
#include "launcher/base/output.h"
#include "launcher/keeper/keeper.h"

static struct keeper keep; /* too large for a stack */

static int memory_file(void)
{
	int fd = memfd_create("words", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
	return fd;
}

static off_t size_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_size;
}

/* Nothing that a full one would make wait is left to itself. */
static void what_can_be_made_not_to_wait_is(void **state)
{
	int file = memory_file(), null = open("/dev/null", O_RDWR | O_CLOEXEC), pipes[2], pair[2];
	char text[1000] = "";
	ssize_t n;

	(void)state;
	assert_false(output_own(file));
	assert_false(output_own(-1));
	assert_true(output_own(null));
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_true(output_own(pipes[1]));
	do
		n = output_write(pipes[1], text, sizeof(text));
	while (n > 0);
	assert_true(n < 0 && errno == EAGAIN);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_true(output_own(pair[1]));
	do
		n = output_write(pair[1], text, sizeof(text));
	while (n > 0);
	assert_true(n < 0 && errno == EAGAIN);
	assert_int_equal(fcntl(pair[1], F_GETFL) & O_NONBLOCK, 0); /* others have it too */
	assert_int_equal(output_write(file, "word", 4), 4);
	(void)close(pair[0]);
	assert_true(output_write(pair[1], text, 1) < 0); /* and no SIGPIPE */
	(void)close(pair[1]);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
	(void)close(file);
	(void)close(null);
}

/* The others who have the pipe see none of it. */
static void a_pipe_of_others_stays_as_it_is(void **state)
{
	int pipes[2], other;

	(void)state;
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	other = fcntl(pipes[1], F_DUPFD_CLOEXEC, 0);
	assert_true(output_own(pipes[1]));
	assert_int_equal(fcntl(other, F_GETFL) & O_NONBLOCK, 0);
	assert_true(fcntl(pipes[1], F_GETFL) & O_NONBLOCK);
	(void)close(other);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
}

static pid_t copier(int to, uint64_t most, int *in)
{
	int pipes[2];
	pid_t pid;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		(void)close(pipes[1]);
		scribe_copy(&(struct scribe_stream){ .from = pipes[0], .to = to, .most = most }, 1);
	}
	(void)close(pipes[0]);
	*in = pipes[1];
	return pid;
}

static void it_writes_all_and_goes_with_its_last_writer(void **state)
{
	static const char line[] = "a line of some words\n";
	int file = memory_file(), in, status = -1;
	pid_t pid = copier(file, 0, &in);

	(void)state;
	for (int i = 0; i < 10000; i++)
		assert_int_equal(write(in, line, sizeof(line) - 1), sizeof(line) - 1);
	(void)close(in);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(size_of(file), 10000 * (sizeof(line) - 1));
	(void)close(file);
}

/* RLIMIT_NOFILE is less than what it waits for: EINVAL. It waits in read(2), and does not spin. */
static void it_needs_no_poll(void **state)
{
	int file = memory_file(), pipes[2][2], status = -1;
	char text[32] = "";
	pid_t pid;

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pipe2(pipes[i], O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct scribe_stream s[] = { { .from = pipes[0][0], .to = file },
					     { .from = pipes[1][0], .to = file } };

		for (int i = 0; i < 2; i++)
			(void)close(pipes[i][1]);
		if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 1, 1 }) == 0 &&
		    setrlimit(RLIMIT_CPU, &(struct rlimit){ 2, 2 }) == 0)
			scribe_copy(s, ARRAY_SIZE(s));
		_exit(1);
	}
	assert_int_equal(write(pipes[1][1], "two\n", 4), 4);
	assert_int_equal(write(pipes[0][1], "one\n", 4), 4);
	for (int i = 0; i < 2; i++)
		(void)close(pipes[i][1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0); /* a spinning one is ended by SIGXCPU */
	assert_int_equal(pread(file, text, sizeof(text) - 1, 0), 8);
	assert_string_equal(text, "one\ntwo\n");
	(void)close(file);
}

/* A guest that makes QEMU talk gets a megabyte, and the last words are in it. */
static void a_log_is_bounded(void **state)
{
	static const char noise[] = "all work and no play makes jack a dull boy\n";
	int file = memory_file(), in, status = -1;
	char text[512] = "";
	pid_t pid;

	(void)state;
	assert_int_equal(ftruncate(file, SCRIBE_LOG_MAX - 2000), 0);
	pid = copier(file, SCRIBE_LOG_MAX, &in);
	for (int i = 0; i < 500; i++)
		assert_int_equal(write(in, noise, sizeof(noise) - 1), sizeof(noise) - 1);
	(void)close(in);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(size_of(file) < 100000 && size_of(file) > 1000);
	assert_true(pread(file, text, sizeof(text) - 1, 0) > 200);
	assert_true(!strncmp(text, "... older lines are gone: the log is full\nall work", 50));
	(void)close(file);
}

/* Of what a caller chose, the keeper keeps nothing that it, or its end, could wait for. */
static void a_keeper_has_no_file_of_a_callers(void **state)
{
	int file = memory_file(), status = -1;
	char text[64] = "";
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (!pid) {
		struct stat st, of_file;

		(void)fstat(file, &of_file);
		keep.scribe = (struct scribe)SCRIBE_NONE;
		keep.has_log = true;
		for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
			(void)dup2(file, fd);
		(void)dup3(file, KEEPER_FD_LOG, O_CLOEXEC);
		(void)syscall(SYS_close_range, KEEPER_FD_LOG + 1, ~0U, 0);
		if (scribe_start(&keep))
			_exit(1);
		(void)close(file < KEEPER_FD_LOG ? file : -1);
		for (int fd = STDIN_FILENO; fd <= KEEPER_FD_LOG; fd++)
			if (fstat(fd, &st) == 0 && st.st_ino == of_file.st_ino && S_ISREG(st.st_mode))
				_exit(2 + fd);
		if (!(fcntl(KEEPER_FD_LOG, F_GETFD) & FD_CLOEXEC))
			_exit(20);
		log_error("a last word");
		scribe_end(&keep);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(pread(file, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "vfio-run: error: a last word\n");
	(void)close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_made_not_to_wait_is),
		cmocka_unit_test(a_pipe_of_others_stays_as_it_is),
		cmocka_unit_test(it_writes_all_and_goes_with_its_last_writer),
		cmocka_unit_test(it_needs_no_poll),
		cmocka_unit_test(a_log_is_bounded),
		cmocka_unit_test(a_keeper_has_no_file_of_a_callers),
	};

	(void)alarm(60); /* what waits for ever */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
