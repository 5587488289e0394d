/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-qemu-asked.c - a user's process cannot answer for the system's emulator
 *
 * A process of the VM's user waits for the emulator to be asked, takes its standard output with
 * pidfd_getfd(2), and answers first. That works on an emulator that runs as that user: shown with
 * one of the user's own, whose answer is the user's to give.
 */
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/qemu/qemu-cache.h"
#include "launcher/host/qemu/qemu.h"

#define SYSTEMS "/run/system/qemu-system-x86_64"
#define USERS "/run/user/qemu-system-x86_64"
#define LIE "QEMU emulator version 99.9.9\nname \"vfio-pci\"\n"

static struct host_user user;

/* It is slow enough for an attacker to come first: it waits until one has tried. */
static void emulator(const char *path, uid_t owner)
{
	static const char text[] = "#!/bin/sh\n"
				   "id -u >/run/marks/uid\n"
				   ": >/run/marks/asked\n"
				   "while [ ! -e /run/marks/tried ]; do :; done\n"
				   "case $1 in --version) echo 'QEMU emulator version 7.2.0' ;;\n"
				   "*) echo 'name \"e1000\"' ;; esac\n";
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	assert_int_equal(fchmod(fd, 0755), 0);
	assert_int_equal(fchown(fd, owner, owner), 0);
	(void)close(fd);
}

/* A /run of the test's own: only what root alone can change is the system's. */
static int setup(void **state)
{
	(void)state;
	if (geteuid())
		return 0;
	if (host_user_named("nobody", &user) || unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/run", "tmpfs", 0, "mode=0755") || mkdir("/run/system", 0755) ||
	    mkdir("/run/user", 0755) || chown("/run/user", user.uid, user.gid) ||
	    mkdir("/run/marks", 0777) || chmod("/run/marks", 0777))
		return -1;
	emulator(SYSTEMS, 0);
	emulator(USERS, user.uid);
	qemu_cache_allow();
	return 0;
}

static bool runs(const char *pid, const char *path)
{
	char file[64], line[256] = "";
	cleanup_close int fd = -1;
	ssize_t n;

	(void)snprintf(file, sizeof(file), "/proc/%.20s/cmdline", pid);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	return n > 0 && memmem(line, (size_t)n, path, strlen(path));
}

/* Return: true when an answer was forged for a process that runs @path */
static bool lie_for(const char *path)
{
	cleanup_closedir DIR *dir = opendir("/proc");
	bool told = false;
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		int pidfd, out;

		if (atoi(e->d_name) <= 0 || !runs(e->d_name, path))
			continue;
		pidfd = (int)syscall(SYS_pidfd_open, atoi(e->d_name), 0);
		out = (int)syscall(SYS_pidfd_getfd, pidfd, 1, 0);
		told |= out >= 0 && write(out, LIE, sizeof(LIE) - 1) > 0;
		(void)close(out);
		(void)close(pidfd);
	}
	return told;
}

static _Noreturn void attack(const char *path)
{
	bool told;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || setgroups(0, NULL) ||
	    setresgid(user.gid, user.gid, user.gid) || setresuid(user.uid, user.uid, user.uid))
		_exit(2);
	while (access("/run/marks/asked", F_OK))
		(void)sched_yield();
	told = lie_for(path);
	(void)close(open("/run/marks/tried", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	_exit(told ? 1 : 0);
}

static pid_t begin_attack(const char *path)
{
	pid_t pid;

	(void)unlink("/run/marks/asked");
	(void)unlink("/run/marks/tried");
	(void)unlink("/run/marks/uid");
	pid = fork();
	if (!pid)
		attack(path);
	return pid;
}

/* Return: was the answer forged? It must have been tried. */
static bool end_attack(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	assert_int_equal(access("/run/marks/tried", F_OK), 0);
	return WEXITSTATUS(status) == 1;
}

static long asked_as(void)
{
	char text[32] = "";
	cleanup_close int fd = open("/run/marks/uid", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	return atol(text);
}

static void nobody_answers_for_the_system(void **state)
{
	unsigned int version = 0;
	pid_t pid;

	(void)state;
	if (geteuid())
		skip(); /* only root has an answer for others */
	pid = begin_attack(SYSTEMS);
	assert_int_equal(host_qemu_version(SYSTEMS, &user, &version), 0);
	assert_false(end_attack(pid));
	assert_int_equal(version, 7 << 16 | 2 << 8);
	assert_int_not_equal(asked_as(), user.uid);
	assert_int_not_equal(asked_as(), 0);

	pid = begin_attack(SYSTEMS);
	assert_int_equal(host_qemu_has_device(SYSTEMS, user.name, "vfio-pci"), 0);
	assert_false(end_attack(pid));

	/* remembered, and not run again */
	emulator(USERS, user.uid);
	(void)unlink("/run/marks/uid");
	assert_int_equal(host_qemu_version(SYSTEMS, &user, &version), 0);
	assert_int_equal(version, 7 << 16 | 2 << 8);
	assert_int_equal(host_qemu_has_device(SYSTEMS, user.name, "vfio-pci"), 0);
	assert_int_equal(access("/run/marks/uid", F_OK), -1);
}

/* The same attack, where it may work; and nothing of it is kept, whatever leads to that file. */
static void a_user_answers_for_that_user(void **state)
{
	static const char *const paths[] = { USERS, "/run/system/link", "/run/user/link" };
	unsigned int version;

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(symlink(USERS, paths[1]), 0);
	assert_int_equal(symlink(SYSTEMS, paths[2]), 0); /* and can lead elsewhere in a moment */
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		pid_t pid = begin_attack(paths[i]);
		bool told;

		assert_int_equal(host_qemu_version(paths[i], &user, &version), 0);
		told = end_attack(pid);
		assert_int_equal(asked_as(), user.uid);
		if (access("/proc/sys/kernel/yama/ptrace_scope", F_OK)) /* else it may forbid that */
			assert_true(told && version == (99 << 16 | 9 << 8 | 9));
		assert_false(host_path_is_system(paths[i]));

		(void)unlink("/run/marks/uid");
		assert_int_equal(host_qemu_version(paths[i], &user, &version), 0);
		assert_int_equal(version, 7 << 16 | 2 << 8); /* asked again */
		assert_int_equal(asked_as(), user.uid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_answers_for_the_system),
		cmocka_unit_test(a_user_answers_for_that_user),
	};

	return cmocka_run_group_tests_name("qemu-asked", tests, setup, NULL);
}
