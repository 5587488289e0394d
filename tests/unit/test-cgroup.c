// SPDX-License-Identifier: GPL-2.0-or-later
/* test-cgroup.c - leaves are made, entered, killed and taken away, where cgroup v2 can be had */
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
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/keeper/keeper.h"

static struct keeper_plan plan = { .job = KEEPER_RUN, .name = "unit-test" };
static struct keeper keep, other; /* too large for a stack */
static const char *root;	/* where cgroup v2 can be written, or NULL */
static char before[256];	/* this process's own, below root */
static char name[32], other_name[32]; /* others may run this test at the same time */

/* The path of a process's cgroup below the root of version 2. */
static void cgroup_of(pid_t pid, char buf[256])
{
	char path[64], line[512];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	file = fopen(path, "re");
	assert_non_null(file);
	*buf = '\0';
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "0::%255s", buf) == 1)
			break;
	(void)fclose(file);
}

/* Is there a directory of a VM's, or a leaf in it? */
static bool exists(const char *vm, const char *leaf)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/vfio-run/%s/%s", root, vm, leaf);
	return access(path, F_OK) == 0;
}

static bool is_in(pid_t pid, const char *leaf)
{
	char now[256], expected[256];

	cgroup_of(pid, now);
	(void)snprintf(expected, sizeof(expected), "/vfio-run/%s/%s", name, leaf);
	return !strcmp(now, expected);
}

static bool is_populated(const char *leaf)
{
	char path[512], line[64];
	bool populated = false;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s/cgroup.events", keep.cgroup.base, leaf);
	file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		populated |= !strcmp(line, "populated 1\n");
	(void)fclose(file);
	return populated;
}

/* A child that sleeps. */
static pid_t start_sleeper(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		(void)pause();
}

static void begin(struct keeper *k, const char *vm)
{
	*k = (struct keeper){ .plan = &plan, .journal = JOURNAL_INIT };
	(void)snprintf(k->journal.name, sizeof(k->journal.name), "%s", vm);
	cgroup_plan(k);
}

static int find(void **state)
{
	static const char *const roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

	(void)state;
	(void)snprintf(name, sizeof(name), "unit-test-%d", (int)getpid());
	(void)snprintf(other_name, sizeof(other_name), "unit-other-%d", (int)getpid());
	for (size_t i = 0; !root && i < ARRAY_SIZE(roots); i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "%s/cgroup.procs", roots[i]);
		if (access(path, W_OK) == 0)
			root = roots[i];
		(void)snprintf(path, sizeof(path), "%s/%s", roots[i], name);
		if (root && (mkdir(path, 0755) < 0 || rmdir(path) < 0))
			root = NULL;
	}
	if (access("/run/systemd/system", F_OK) == 0)
		root = NULL; /* there they are systemd's to make */
	if (root)
		cgroup_of(getpid(), before);
	return 0;
}

static void set_up(struct keeper *k, const char *vm)
{
	if (!root)
		skip(); /* needs root, and cgroup v2 without systemd */
	begin(k, vm);
	cgroup_setup(k);
	assert_true(*k->cgroup.base);
	cgroup_enter(k, CGROUP_KEEPER);
}

static void test_moves(void **state)
{
	char now[256];
	pid_t child;

	(void)state;
	set_up(&keep, name);
	assert_true(is_in(getpid(), "keeper"));
	child = start_sleeper();
	cgroup_place(&keep, CGROUP_WORKER, child);
	assert_true(is_in(child, "worker"));
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	cgroup_enter(&keep, CGROUP_TWIN);
	assert_true(is_in(getpid(), "standby"));
	cgroup_remove(&keep);
	cgroup_of(getpid(), now);
	assert_string_equal(now, before);
	assert_false(exists(name, ""));
}

/* In a leaf from the first; and where there is none, beside us. */
static void test_born(void **state)
{
	int leaf, gone = -1;
	bool inside = false;
	pid_t child;

	(void)state;
	set_up(&keep, name);
	leaf = cgroup_leaf(&keep, CGROUP_WORKER);
	assert_true(leaf >= 0);
	child = cgroup_fork(leaf, &inside);
	if (child == 0)
		_exit(!is_in(getpid(), "worker"));
	assert_int_equal(waitpid(child, &gone, 0), child);
	assert_int_equal(gone, 0);
	assert_true(inside);
	cgroup_remove(&keep); /* an open leaf keeps nothing */
	assert_false(exists(name, ""));
	assert_int_equal(cgroup_leaf(&keep, CGROUP_WORKER), -1);
	child = cgroup_fork(leaf, &inside);
	if (child == 0)
		_exit(0);
	assert_int_equal(waitpid(child, &gone, 0), child);
	assert_false(inside);
	(void)close(leaf);
}

/* What its keeper's death has killed is not gone at once: it is waited for. */
static void test_dying(void **state)
{
	pid_t child;

	(void)state;
	set_up(&keep, name);
	child = fork();
	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		cgroup_enter(&keep, CGROUP_WORKER);
		(void)usleep(300000);
		_exit(0);
	}
	while (!is_populated("worker"))
		(void)usleep(1000);
	cgroup_remove(&keep);
	assert_false(exists(name, ""));
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void test_predecessor(void **state)
{
	pid_t child;

	(void)state;
	if (!root)
		skip();
	child = fork();
	if (child == 0) {
		begin(&keep, name);
		cgroup_setup(&keep);
		_exit(*keep.cgroup.base ? 0 : 1);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(exists(name, "keeper"));
	begin(&keep, name);
	cgroup_remove(&keep);
	assert_false(exists(name, ""));
}

/* A standby that took over knows its journal's name, and stands in what it has to take away. */
static void test_standby(void **state)
{
	pid_t keeper;
	int status;

	(void)state;
	set_up(&keep, name);
	keeper = fork();
	if (keeper == 0) {
		cgroup_enter(&keep, CGROUP_TWIN);
		begin(&other, name);
		(void)raise(SIGSTOP); /* until the one above is out of it */
		cgroup_remove(&other);
		_exit(exists(name, ""));
	}
	assert_int_equal(waitpid(keeper, &status, WUNTRACED), keeper);
	cgroup_remove(&keep);
	assert_true(exists(name, "standby"));
	(void)kill(keeper, SIGCONT);
	assert_int_equal(waitpid(keeper, &status, 0), keeper);
	assert_int_equal(status, 0);
}

static void test_busy(void **state)
{
	pid_t child;

	(void)state;
	set_up(&keep, name);
	child = start_sleeper();
	cgroup_place(&keep, CGROUP_WORKER, child);
	cgroup_remove(&keep);
	assert_true(exists(name, "worker"));
	assert_false(exists(name, "vm"));
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	cgroup_remove(&keep);
	assert_false(exists(name, ""));
}

/* A program of the user's, and the one that it has left, in a session of its own. */
static pid_t start_program(int leaf)
{
	bool inside = false;
	pid_t pid = cgroup_fork(leaf, &inside);

	if (pid == 0) {
		(void)signal(SIGTERM, SIG_IGN);
		if (fork())
			_exit(0);
		(void)setsid();
		for (;;)
			(void)pause();
	}
	assert_true(inside);
	return pid;
}

/* What they have left is ended with them, by whoever knows their name alone, too. */
static void test_programs(void **state)
{
	int leaf;
	pid_t pid;

	(void)state;
	for (int dead = 0; dead < 2; dead++) {
		set_up(&keep, name);
		assert_false(exists(name, "program"));
		leaf = cgroup_leaf(&keep, CGROUP_PROGRAM);
		assert_true(leaf >= 0 && exists(name, "program"));
		pid = start_program(leaf);
		(void)close(leaf);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		cgroup_ask_programs(&keep);
		assert_true(is_populated("program"));
		begin(&other, name);
		cgroup_end_programs(dead ? &other : &keep, 100);
		assert_false(is_populated("program"));
		cgroup_remove(&keep);
		assert_false(exists(name, ""));
	}
}

/* Before Linux 5.14 there is no file that kills: they are more than one read shows. */
static void test_programs_one_by_one(void **state)
{
	char file[] = "/tmp/test-cgroup-XXXXXX", path[512];
	int fd, leaf;
	bool inside = false;

	(void)state;
	set_up(&keep, name);
	fd = mkstemp(file);
	assert_true(fd >= 0);
	(void)close(fd);
	leaf = cgroup_leaf(&keep, CGROUP_PROGRAM);
	(void)snprintf(path, sizeof(path), "%s/program/cgroup.kill", keep.cgroup.base);
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(file, path, NULL, MS_BIND, NULL) ||
	    mount("none", path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL))
		skip();
	(void)signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < 1500; i++)
		if (cgroup_fork(leaf, &inside) == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* whatever this test finds */
			for (;;)
				(void)pause();
		}
	cgroup_end_programs(&keep, 0);
	assert_false(is_populated("program"));
	(void)signal(SIGCHLD, SIG_DFL);
	(void)umount2(path, MNT_DETACH);
	(void)unlink(file);
	(void)close(leaf);
	cgroup_remove(&keep);
	assert_false(exists(name, ""));
}

static void test_two(void **state)
{
	pid_t child;
	int status;

	(void)state;
	set_up(&keep, name);
	child = fork();
	if (child == 0) {
		begin(&other, other_name);
		cgroup_setup(&other);
		cgroup_remove(&other);
		_exit(exists(name, "keeper") && !exists(other_name, "") ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	cgroup_remove(&keep);
	assert_false(exists(name, ""));
}

/* Leaves without a journal go, those with one stay. */
static void test_sweep(void **state)
{
	char folder[] = "/tmp/test-cgroup-XXXXXX", path[128];
	int fd;

	(void)state;
	if (!root)
		skip();
	begin(&keep, name);
	cgroup_setup(&keep);
	begin(&other, other_name);
	cgroup_setup(&other);
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/%s.journal", folder, other_name);
	fd = creat(path, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	keep.state.state_fd = -1; /* no journal can be looked for: nothing goes */
	cgroup_sweep(&keep);
	assert_true(exists(name, "keeper"));
	keep.state.state_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cgroup_sweep(&keep);
	assert_false(exists(name, ""));
	assert_true(exists(other_name, "keeper"));
	(void)unlink(path);
	cgroup_sweep(&keep);
	assert_false(exists(other_name, ""));
	(void)close(keep.state.state_fd);
	(void)rmdir(folder);
}

/* A unit has none, nor has a name that is none; all functions may be called all the same. */
static void test_none(void **state)
{
	static const char *const names[] = { "", ".", "..", "win10" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		plan.flags = i + 1 < ARRAY_SIZE(names) ? 0 : KEEPER_SERVICE;
		begin(&keep, names[i]);
		cgroup_setup(&keep);
		assert_false(*keep.cgroup.base);
		cgroup_enter(&keep, CGROUP_TWIN);
		cgroup_place(&keep, CGROUP_WORKER, getpid());
		cgroup_remove(&keep);
	}
	plan.flags = 0;
}

/* So that a session which ends leaves no half of it; with its address in the name. */
static void test_detach(void **state)
{
	char detach[64];

	(void)state;
	if (!root)
		skip();
	(void)snprintf(detach, sizeof(detach), "detach-0000:01:00.0-%d", (int)getpid());
	plan.job = KEEPER_DETACH;
	begin(&keep, detach);
	cgroup_setup(&keep);
	assert_true(exists(detach, "keeper"));
	cgroup_remove(&keep);
	assert_false(exists(detach, ""));
	plan.job = KEEPER_RUN;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moves), cmocka_unit_test(test_born), cmocka_unit_test(test_dying),
		cmocka_unit_test(test_predecessor), cmocka_unit_test(test_standby), cmocka_unit_test(test_busy),
		cmocka_unit_test(test_programs), cmocka_unit_test(test_programs_one_by_one), cmocka_unit_test(test_two), cmocka_unit_test(test_sweep), cmocka_unit_test(test_none), cmocka_unit_test(test_detach),
	};

	return cmocka_run_group_tests(tests, find, NULL);
}
