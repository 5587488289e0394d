// SPDX-License-Identifier: GPL-2.0-or-later
/* links: launcher/base/sanitize-process.c */
/*
 * test-sanitize-process.c - a hostile caller: what a program finds after its first call, and the
 * programs themselves, called by one
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/sanitize-process.h"

#define VARIABLES 100000

static char name[] = "vfio-run";
static char *arguments[] = { name, NULL };

/* ---- what a caller can do to a program ------------------------------------------------- */

static void close_all(void)
{
	for (int fd = 0; fd < 3; fd++)
		(void)close(fd);
}

static void close_in(void)
{
	(void)close(0);
}

static void close_errors(void)
{
	(void)close(2);
}

static void ignore_all(void)
{
	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_IGN);
}

static void block_all(void)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
}

static void set_timer(void)
{
	const struct itimerval soon = { .it_value = { .tv_usec = 300000 } };

	(void)setitimer(ITIMER_REAL, &soon, NULL);
	(void)setitimer(ITIMER_PROF, &soon, NULL);
}

static void set_soft(int what, rlim_t value)
{
	struct rlimit limit;

	(void)getrlimit((__rlimit_resource_t)what, &limit);
	limit.rlim_cur = value;
	(void)setrlimit((__rlimit_resource_t)what, &limit);
}

static void few_files(void)
{
	(void)close_range(3, ~0u, 0); /* the loader needs one */
	set_soft(RLIMIT_NOFILE, 5);
}

static void no_file_size(void)
{
	set_soft(RLIMIT_FSIZE, 0);
}

static void one_second(void)
{
	set_soft(RLIMIT_CPU, 1);
}

static void small_stack(void)
{
	set_soft(RLIMIT_STACK, 128 << 10);
}

static void no_core(void)
{
	set_soft(RLIMIT_CORE, 0);
}

static void open_mask(void)
{
	(void)umask(0);
}

static void closed_mask(void)
{
	(void)umask(0777);
}

static void no_directory(void)
{
	char dir[] = "/tmp/prologue-XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) || rmdir(dir))
		_exit(97);
}

static void many_variables(void)
{
	static char loader[] = "LD_DEBUG_OUTPUT=/tmp/x", modules[] = "QEMU_MODULE_DIR=/tmp",
		    charsets[] = "GCONV_PATH=/tmp", caller[] = "SUDO_USER=alice";
	static char *const last[] = { loader, modules, charsets, caller };
	static char text[VARIABLES][16], *vector[VARIABLES + ARRAY_SIZE(last) + 1];

	for (int i = 0; i < VARIABLES; i++) {
		(void)snprintf(text[i], sizeof(text[i]), "V%d=x", i);
		vector[i] = text[i];
	}
	memcpy(&vector[VARIABLES], last, sizeof(last));
	environ = vector;
}

static void many_files(void)
{
	for (int fd = 3; fd < 200; fd++)
		(void)dup2(2, fd);
}

static void nothing(void)
{
}

static const struct {
	const char *what;
	void (*make)(void);
} hostile[] = {
	{ "nothing", nothing },
	{ "0, 1 and 2 closed", close_all },
	{ "stdin closed", close_in },
	{ "stderr closed", close_errors },
	{ "all signals ignored", ignore_all },
	{ "all signals blocked", block_all },
	{ "timers that run out", set_timer },
	{ "5 descriptors", few_files },
	{ "no file size", no_file_size },
	{ "1 second", one_second },
	{ "a stack of 128 KiB", small_stack },
	{ "no core file", no_core },
	{ "umask 0", open_mask },
	{ "umask 0777", closed_mask },
	{ "a directory that is gone", no_directory },
	{ "100,000 variables", many_variables },
	{ "200 descriptors", many_files },
};

/* ---- the first call --------------------------------------------------------------------- */

#define wrong_unless(number, question)                                                             \
	do {                                                                                       \
		if (!(question))                                                                   \
			return number;                                                             \
	} while (0)

/* 0, or which of them is not so. */
static int what_is_wrong(void)
{
	static const int defaults[] = { SIGCHLD, SIGPIPE, SIGALRM, SIGTERM, SIGXFSZ, SIGXCPU,
					SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF, SIGIO };
	static const int limits[] = { RLIMIT_FSIZE, RLIMIT_CPU };
	struct itimerval timer;
	struct rlimit limit;
	sigset_t mask;

	for (int fd = 0; fd < 3; fd++)
		wrong_unless(1, fcntl(fd, F_GETFD) >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++) {
		struct sigaction action;

		wrong_unless(2, !sigaction(defaults[i], NULL, &action) && action.sa_handler == SIG_DFL);
	}
	wrong_unless(3, !sigprocmask(SIG_SETMASK, NULL, &mask) && sigisemptyset(&mask));
	wrong_unless(4, !getitimer(ITIMER_REAL, &timer) && !timer.it_value.tv_usec);
	wrong_unless(5, !getitimer(ITIMER_PROF, &timer) && !timer.it_value.tv_usec);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		wrong_unless(6, !getrlimit((__rlimit_resource_t)limits[i], &limit));
		wrong_unless(7, limit.rlim_cur == limit.rlim_max);
	}
	wrong_unless(8, !getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur >= 4096);
	wrong_unless(9, !getrlimit(RLIMIT_STACK, &limit) && limit.rlim_cur >= 8 << 20);
	wrong_unless(10, umask(0) == 077);
	wrong_unless(11, !environ || !*environ || (!strncmp(*environ, "SUDO_USER=", 10) && !environ[1]));
	return 0;
}

static int in_child(void (*make)(void), int (*ask)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		make();
		_exit(ask());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int ask_sanitize(void)
{
	static const char *const kept[] = { "SUDO_USER", NULL };

	return sanitize_process(1, arguments, kept) ? 99 : what_is_wrong();
}

static void order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		int wrong = in_child(hostile[i].make, ask_sanitize);

		if (wrong)
			fail_msg("%s: %d", hostile[i].what, wrong);
	}
}

static int ask_environment(void)
{
	static char a[] = "A=1", b[] = "A=2", c[] = "AB=1", d[] = "A", e[] = "=x", f[] = "B=1";
	static char *vector[] = { a, b, c, d, e, f, NULL };
	static const char *const kept[] = { "A", "B", NULL };

	environ = vector;
	if (sanitize_process(1, arguments, kept))
		return 99;
	return environ[0] == a && environ[1] == d && environ[2] == f && !environ[3] ? 0 : 1;
}

static int ask_empty(void)
{
	return sanitize_process(1, arguments, NULL) || *environ ? 1 : 0;
}

static void environment(void **state)
{
	(void)state;
	assert_int_equal(in_child(nothing, ask_environment), 0);
	assert_int_equal(in_child(many_variables, ask_empty), 0);
}

static int ask_nameless(void)
{
	char *none[] = { NULL };

	return sanitize_process(0, none, NULL) == -EINVAL && sanitize_process(1, none, NULL) == -EINVAL ? 0 : 1;
}

/* nohup(1) and a shell's background jobs mean it. */
static int ask_hangup(void)
{
	struct sigaction action;

	return sanitize_process(1, arguments, NULL) || sigaction(SIGHUP, NULL, &action) ||
	       action.sa_handler != SIG_IGN;
}

static void special(void **state)
{
	(void)state;
	assert_int_equal(in_child(nothing, ask_nameless), 0);
	assert_int_equal(in_child(ignore_all, ask_hangup), 0);
}

/* ---- the programs ------------------------------------------------------------------------- */

static const char *program; /* below the build folder */
static bool no_name;

static int execute(void)
{
	const char *build = getenv("VFIO_RUN_BUILD");
	static char version[] = "--version";
	char path[512], *argv[] = { name, version, NULL }, *none[] = { NULL };
	int fd = open("/dev/null", O_RDWR);

	(void)snprintf(path, sizeof(path), "%s/%s", build ? build : "build", program);
	if (fcntl(1, F_GETFD) >= 0)
		(void)dup2(fd, 1);
	if (fd > 2)
		(void)close(fd);
	(void)execve(path, no_name ? none : argv, environ);
	return 98;
}

static void programs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		bool no_output = hostile[i].make == close_all;
		int code;

		if (hostile[i].make == no_directory)
			continue; /* the path is relative */
		program = "bin/vfio-run";
		code = in_child(hostile[i].make, execute);
		if (code != (no_output ? 3 : 0))
			fail_msg("vfio-run, %s: %d", hostile[i].what, code);
		program = "libexec/vfio-run/keeper"; /* without a plan */
		code = in_child(hostile[i].make, execute);
		if (code != 2)
			fail_msg("keeper, %s: %d", hostile[i].what, code);
	}
	no_name = true;
	program = "bin/vfio-run";
	assert_int_equal(in_child(nothing, execute), 2);
	no_name = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(environment),
		cmocka_unit_test(special),
		cmocka_unit_test(programs),
	};

	return cmocka_run_group_tests_name("prologue", tests, NULL, NULL);
}
