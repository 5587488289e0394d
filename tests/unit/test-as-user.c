// SPDX-License-Identifier: GPL-2.0-or-later
/* test-as-user.c - the user's files are reached with the user's rights only; which user it is;
 * their emulator */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/host/user/as-user.h"
#include "launcher/host/user/temporary.h"

#define FURTHER_GROUP 54321

static char scratch[64];
static struct host_user user;

/* In place of libc's: every user is in one more group. */
int initgroups(const char *name, gid_t gid)
{
	const gid_t groups[] = { gid, FURTHER_GROUP };

	(void)name;
	return setgroups(ARRAY_SIZE(groups), groups);
}

/* As root the tests play a user of the system, else they are who they are. */
static int setup(void **state)
{
	const struct passwd *pw = getuid() ? getpwuid(getuid()) : getpwnam("nobody");

	(void)state;
	if (!pw)
		return -1;
	user = (struct host_user){ .uid = pw->pw_uid, .gid = pw->pw_gid };
	(void)snprintf(user.name, sizeof(user.name), "%s", pw->pw_name);
	(void)snprintf(scratch, sizeof(scratch), "/tmp/as-user-XXXXXX");
	return mkdtemp(scratch) && !chown(scratch, user.uid, user.gid) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[192];

	(void)state;
	(void)snprintf(command, sizeof(command), "chmod -R u+rwX %s; rm -rf %s", scratch, scratch);
	return system(command);
}

static char *below(const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", scratch, name) > 0);
	return path;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(fchown(fd, user.uid, user.gid), 0);
	(void)close(fd);
}

static void a_file_is_described(void **state)
{
	cleanup_free char *path = below("disk.raw");
	struct as_user_file f;

	(void)state;
	write_file(path, "QFI\xfb and more", 0600);
	assert_int_equal(as_user_look(&user, path, true, &f), 0);
	assert_int_equal(f.error, 0);
	assert_true(f.regular);
	assert_false(f.block);
	assert_int_equal(f.bytes, 13);
	assert_memory_equal(f.head, "QFI\xfb and", 8);
	write_file(path, "a", 0400);
	assert_int_equal(as_user_look(&user, path, false, &f), 0);
	assert_int_equal(f.error, 0);
	assert_int_equal(f.head[1], 0);
	assert_int_equal(as_user_look(&user, path, true, &f), 0);
	assert_int_equal(f.error, -EACCES);
	assert_string_equal(f.denied, path);
}

static void the_denying_part_is_named(void **state)
{
	cleanup_free char *closed = below("closed");
	cleanup_free char *inside = below("closed/a/disk.raw");
	cleanup_free char *missing = below("none/a/disk.raw");
	cleanup_free char *gone = below("none");
	struct as_user_file f;

	(void)state;
	assert_int_equal(mkdir(closed, 0600), 0);
	assert_int_equal(chown(closed, user.uid, user.gid), 0);
	assert_int_equal(as_user_look(&user, inside, false, &f), 0);
	assert_int_equal(f.error, -EACCES);
	assert_string_equal(f.denied, closed);
	assert_int_equal(as_user_look(&user, missing, false, &f), 0);
	assert_int_equal(f.error, -ENOENT);
	assert_string_equal(f.denied, gone);
}

/* The reason for all of this: a link of the user's must not show the user what is root's. */
static void a_link_to_what_is_roots_fails(void **state)
{
	cleanup_free char *link = NULL;
	cleanup_free char *copy = NULL;
	struct as_user_file f;
	int fd;

	(void)state;
	if (getuid())
		skip();
	link = below("disk.raw");
	copy = below("copy");
	assert_int_equal(symlink("/etc/shadow", link), 0);
	assert_int_equal(as_user_look(&user, link, false, &f), 0);
	assert_int_equal(f.error, -EACCES);
	assert_int_equal(as_user_open(&user, link, &fd), -EACCES);
	assert_int_equal(fd, -1);
	assert_int_equal(as_user_copy(&user, link, copy), -EACCES);
	assert_int_equal(access(copy, F_OK), -1);
}

static void a_pipe_does_not_block(void **state)
{
	cleanup_free char *path = below("pipe");
	struct as_user_file f;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(chown(path, user.uid, user.gid), 0);
	assert_int_equal(as_user_look(&user, path, false, &f), 0);
	assert_false(f.regular);
	assert_false(f.block);
}

static void an_opened_file_comes_back(void **state)
{
	cleanup_free char *path = below("a.profile");
	char text[16] = "";
	int fd = -1;

	(void)state;
	write_file(path, "[vm]\n", 0600);
	assert_int_equal(as_user_open(&user, path, &fd), 0);
	assert_int_equal(read(fd, text, sizeof(text)), 5);
	assert_string_equal(text, "[vm]\n");
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	(void)close(fd);
}

static void a_copy_is_made_once_and_is_the_users(void **state)
{
	cleanup_free char *from = below("VARS.fd");
	cleanup_free char *to = below("state/vm, one/VARS.fd");
	cleanup_free char *directory = below("state");
	char text[16] = "";
	struct stat st;
	int fd;

	(void)state;
	write_file(from, "template", 0644);
	assert_int_equal(as_user_copy(&user, from, to), 0);
	assert_int_equal(stat(to, &st), 0);
	assert_int_equal(st.st_uid, user.uid);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(directory, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	write_file(to, "guest's", 0600);
	assert_int_equal(as_user_copy(&user, from, to), 0); /* never over what a guest wrote */
	fd = open(to, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, text, sizeof(text)), 7);
	assert_string_equal(text, "guest's");
	(void)close(fd);
	assert_int_equal(as_user_copy(&user, "/nonexistent", to), -ENOENT);
}

static int who(const void *request, void *reply)
{
	uid_t ids[4] = { getuid(), geteuid(), getgid(),
			 (uid_t)prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) };

	(void)request;
	memcpy(reply, ids, sizeof(ids));
	if (!getuid() || setuid(0) != -1)
		ids[0] = 0;
	return -1;
}

static int die(const void *request, void *reply)
{
	(void)request;
	(void)reply;
	_exit(0);
}

static void the_child_is_the_user_for_good(void **state)
{
	uid_t ids[4] = { 0 };
	int nothing;

	(void)state;
	assert_int_equal(as_user_call(&user, who, NULL, ids, sizeof(ids), NULL), 0);
	assert_int_equal(ids[0], user.uid);
	assert_int_equal(ids[1], user.uid);
	assert_int_equal(ids[2], user.gid);
	assert_int_equal(ids[3], 1);
	assert_int_equal(as_user_call(&user, die, NULL, &nothing, sizeof(nothing), NULL), -EIO);
}

/* Each row is one environment: SUDO_USER SUDO_UID DOAS_USER PKEXEC_UID; NULL: not set. */
static const struct {
	const char *value[4];
	int rc;
	const char *name;     /* whom they name */
	const char *variable; /* or which is wrong */
} environments[] = {
	{ { NULL, NULL, NULL, NULL }, -ENOENT, NULL, NULL },
	{ { "", "", "", "" }, -ENOENT, NULL, NULL },
	{ { "nobody", NULL, NULL, NULL }, 0, "nobody", NULL },
	{ { "nobody", "65534", NULL, NULL }, 0, "nobody", NULL },
	{ { NULL, "65534", NULL, NULL }, 0, "nobody", NULL },
	{ { NULL, NULL, "nobody", NULL }, 0, "nobody", NULL },
	{ { "", NULL, "nobody", NULL }, 0, "nobody", NULL },
	{ { NULL, NULL, NULL, "65534" }, 0, "nobody", NULL },
	{ { "nobody", "65534", "nobody", "65534" }, 0, "nobody", NULL },
	/* root calls itself: no other user stands behind that */
	{ { "root", NULL, NULL, NULL }, -ENOENT, NULL, NULL },
	{ { "root", "0", "root", "0" }, -ENOENT, NULL, NULL },
	{ { "root", "0", NULL, "65534" }, 0, "nobody", NULL },
	{ { "nobody", "65534", "root", NULL }, 0, "nobody", NULL },
	/* doas with keepenv: the caller chose the variables of sudo */
	{ { "daemon", NULL, "nobody", NULL }, -ENOTUNIQ, NULL, "DOAS_USER" },
	{ { "nobody", "65534", "daemon", NULL }, -ENOTUNIQ, NULL, "DOAS_USER" },
	{ { NULL, NULL, "nobody", "1" }, -ENOTUNIQ, NULL, "PKEXEC_UID" },
	{ { "daemon", "1", NULL, "65534" }, -ENOTUNIQ, NULL, "PKEXEC_UID" },
	/* sudo's own two */
	{ { "nobody", "1", NULL, NULL }, -ENOTUNIQ, NULL, "SUDO_UID" },
	{ { "nobody", "0", NULL, NULL }, -ENOTUNIQ, NULL, "SUDO_UID" },
	{ { "root", "65534", NULL, NULL }, -ENOTUNIQ, NULL, "SUDO_UID" },
	/* one that is wrong is no reason to trust another */
	{ { "nobody", NULL, "no-such-user-here", NULL }, -ESRCH, NULL, "DOAS_USER" },
	{ { "no-such-user-here", NULL, "nobody", NULL }, -ESRCH, NULL, "SUDO_USER" },
	{ { "65534", NULL, NULL, NULL }, -ESRCH, NULL, "SUDO_USER" },
	{ { "nobody", "65534x", NULL, NULL }, -EINVAL, NULL, "SUDO_UID" },
	{ { "root", "", NULL, "65534x" }, -EINVAL, NULL, "PKEXEC_UID" },
	{ { NULL, NULL, NULL, "-1" }, -EINVAL, NULL, "PKEXEC_UID" },
	{ { NULL, NULL, NULL, "4294967295" }, -EINVAL, NULL, "PKEXEC_UID" },
	{ { NULL, NULL, NULL, " 1" }, -EINVAL, NULL, "PKEXEC_UID" },
	{ { NULL, NULL, NULL, "4294830" }, -ESRCH, NULL, "PKEXEC_UID" },
};

static void the_user_behind_sudo(void **state)
{
	static const char *const names[] = { "SUDO_USER", "SUDO_UID", "DOAS_USER", "PKEXEC_UID" };
	struct host_user_error error;
	struct host_user u;

	(void)state;
	assert_int_equal(host_user_named("root", &u), -EPERM);
	assert_int_equal(host_user_named("no-such-user-here", &u), -ESRCH);
	if (getuid())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(environments); i++) {
		int rc;

		for (size_t v = 0; v < ARRAY_SIZE(names); v++)
			if (environments[i].value[v])
				(void)setenv(names[v], environments[i].value[v], 1);
			else
				(void)unsetenv(names[v]);
		rc = host_user_invoking(&u, &error);
		if (rc != environments[i].rc)
			fail_msg("environment %zu: %d", i, rc);
		if (!rc)
			assert_string_equal(u.name, environments[i].name);
		if (environments[i].variable)
			assert_string_equal(error.variable, environments[i].variable);
		assert_true((rc == -ENOTUNIQ) == (error.other != NULL));
	}
	for (size_t v = 0; v < ARRAY_SIZE(names); v++)
		(void)unsetenv(names[v]);
}

static void versions(void **state)
{
	unsigned int v = 0;

	(void)state;
	assert_int_equal(
		host_qemu_parse_version("QEMU emulator version 7.2.22 (Debian 1:7.2)\n", &v), 0);
	assert_int_equal(v, 7 << 16 | 2 << 8 | 22);
	assert_int_equal(host_qemu_parse_version("QEMU emulator version 11.1\n", &v), 0);
	assert_int_equal(v, 11 << 16 | 1 << 8);
	assert_int_equal(host_qemu_parse_version("QEMU emulator version x", &v), -EPROTO);
	assert_int_equal(host_qemu_parse_version("qemu-img version 7.2", &v), -EPROTO);
	assert_int_equal(host_qemu_parse_version("", &v), -EPROTO);
	assert_int_equal(host_qemu_parse_version("QEMU emulator version 999.1.1", &v), -EPROTO);
}

static void script(const char *path, const char *text)
{
	write_file(path, text, 0755);
}

static void an_emulator_is_asked_as_the_user(void **state)
{
	cleanup_free char *path = below("emulator");
	unsigned int v = 0;

	(void)state;
	script(path,
	       "#!/bin/sh\necho \"QEMU emulator version 9.$(id -u | wc -c).3\"\n"
	       "test \"$1 $HOME$USER\" = '--version ' || exit 1\n");
	assert_int_equal(host_qemu_version(path, &user, &v), 0);
	assert_int_equal(v >> 16, 9);
	assert_true((v >> 8 & 255) > 2 || user.uid < 10); /* root would have printed one digit */
	script(path, "#!/bin/sh\nyes\n");		  /* more than is read */
	assert_int_equal(host_qemu_version(path, &user, &v), -EPROTO);
	assert_int_equal(host_qemu_version("/nonexistent", &user, &v), -ENOEXEC);
}

static void an_emulator_is_found_where_systems_have_it(void **state)
{
	cleanup_free char *here = below("sh");
	cleanup_free char *found = NULL;
	cleanup_free char *given = NULL;

	(void)state;
	script(here, "#!/bin/sh\n");
	assert_int_equal(setenv("PATH", scratch, 1), 0);
	assert_int_equal(host_qemu_find("env", &found), 0);
	assert_string_equal(found, "/usr/bin/env");
	assert_int_equal(host_qemu_find("emulator-that-is-not", &(char *){ NULL }), -ENOENT);
	assert_int_equal(host_qemu_find("../bin/env", &(char *){ NULL }), -EINVAL);
	assert_int_equal(host_qemu_find("", &(char *){ NULL }), -EINVAL);
	assert_int_equal(host_qemu_find(here, &given), 0);
	assert_string_equal(given, here);
	assert_true(host_path_is_system("/usr/bin/env"));
	assert_false(host_path_is_system(here));
	assert_false(host_path_is_system("/nonexistent"));
	(void)setenv("PATH", "/usr/bin:/bin", 1);
}

static void a_log_is_new_and_the_users(void **state)
{
	cleanup_free char *path = below("state/win10/qemu.log");
	cleanup_free char *old = below("state/win10/qemu.log.old");
	cleanup_free char *shadow = below("shadow");
	struct stat st;
	int fd = -1;

	(void)state;
	for (int round = 0; round < 3; round++) {
		assert_int_equal(as_user_log(&user, path, &fd), 0);
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_uid, user.uid);
		assert_int_equal(st.st_mode, S_IFREG | 0600);
		assert_int_equal(st.st_size, 0);
		assert_int_equal(fcntl(fd, F_GETFL) & O_APPEND, O_APPEND);
		assert_int_equal(write(fd, "words\n", 6), 6);
		assert_int_equal(stat(old, &st), round ? 0 : -1);
		(void)close(fd);
	}
	/* what stands in its place is not followed, waited for, or shared */
	assert_int_equal(unlink(path), 0);
	write_file(shadow, "", 0600);
	assert_int_equal(symlink(shadow, path), 0);
	assert_int_equal(as_user_log(&user, path, &fd), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0666), 0);
	assert_true(as_user_log(&user, path, &fd) < 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(link(shadow, path), 0);
	assert_int_equal(as_user_log(&user, path, &fd), -EINVAL);
	assert_int_equal(fd, -1);
}

/* In the image's place for a guest: as large, of whole sectors, and gone with its descriptor. */
static void a_temporary_disk_has_no_name(void **state)
{
	const struct temporary raw = { scratch, below("a.raw"), false };
	const struct temporary qcow2 = { scratch, raw.image, true };
	const struct temporary nowhere = { "/proc", raw.image, false };
	struct temporary_reply reply;
	uint8_t head[104], more[16];
	cleanup_close int fd = -1, other = -1;
	struct stat st;

	(void)state;
	write_file(raw.image, "", 0400);
	assert_int_equal(temporary_open(&user, &raw, &reply, &fd), 0);
	assert_int_equal(reply.error, -EFBIG);
	assert_true(reply.of_image);
	assert_int_equal(truncate(raw.image, 1000), 0);
	assert_int_equal(temporary_open(&user, &raw, &reply, &fd), 0);
	assert_int_equal(reply.error, 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(st.st_uid, user.uid);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	assert_int_equal(pread(fd, head, sizeof(head), 0), sizeof(head));
	assert_memory_equal(head, "QFI\xfb\0\0\0\3", 8);
	assert_memory_equal(head + 24, "\0\0\0\0\0\0\4\0", 8);
	assert_int_equal(pread(fd, more, sizeof(more), 0x20000), sizeof(more));
	assert_memory_equal(more, "\0\1\0\1\0\1\0\1\0\0", 10); /* as many clusters are used */
	assert_int_equal(st.st_size, 0x40000);
	assert_int_equal(temporary_open(&user, &qcow2, &reply, &other), 0);
	assert_int_equal(reply.error, -ENOEXEC);
	assert_int_equal(temporary_open(&user, &nowhere, &reply, &other), 0);
	assert_int_equal(reply.error, 0);
	free((char *)(uintptr_t)raw.image);
}

static void a_temporary_disk_has_tables_for_all(void **state)
{
	uint8_t out[3 << 16];

	(void)state;
	assert_int_equal(temporary_header(1, out, 100), 0);
	assert_int_equal(temporary_header(UINT64_MAX, out, sizeof(out)), 0);
	assert_int_equal(temporary_header(UINT64_C(512) << 20, out, sizeof(out)), 4 << 16);
	assert_memory_equal(out + 36, "\0\0\0\1", 4);
	/* one sector more needs one more entry; 8192 entries of 512 MiB are one cluster */
	assert_int_equal(temporary_header((UINT64_C(512) << 20) + 512, out, sizeof(out)), 4 << 16);
	assert_memory_equal(out + 36, "\0\0\0\2", 4);
	assert_int_equal(temporary_header((UINT64_C(4) << 40) + 512, out, sizeof(out)), 5 << 16);
}

static void a_log_where_a_further_group_leads(void **state)
{
	cleanup_free char *folder = NULL, *home = NULL, *path = NULL;
	int fd = -1;

	(void)state;
	if (getuid())
		skip(); /* jumps away: what is allocated before would stay */
	folder = below("team");
	home = below("team/home");
	path = below("team/home/qemu.log");
	assert_int_equal(mkdir(folder, 0750), 0);
	assert_int_equal(chown(folder, 0, FURTHER_GROUP), 0);
	assert_int_equal(mkdir(home, 0700), 0);
	assert_int_equal(chown(home, user.uid, user.gid), 0);
	assert_int_equal(as_user_log(&user, path, &fd), 0);
	(void)close(fd);
	assert_int_equal(chown(folder, 0, 0), 0);
	assert_int_equal(as_user_log(&user, path, &fd), -EACCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_is_described, setup, teardown),
		cmocka_unit_test_setup_teardown(the_denying_part_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_to_what_is_roots_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(a_pipe_does_not_block, setup, teardown),
		cmocka_unit_test_setup_teardown(an_opened_file_comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_copy_is_made_once_and_is_the_users, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_temporary_disk_has_no_name, setup, teardown),
		cmocka_unit_test(a_temporary_disk_has_tables_for_all),
		cmocka_unit_test_setup_teardown(a_log_where_a_further_group_leads, setup, teardown),
		cmocka_unit_test_setup_teardown(a_log_is_new_and_the_users, setup, teardown),
		cmocka_unit_test_setup_teardown(the_child_is_the_user_for_good, setup, teardown),
		cmocka_unit_test(the_user_behind_sudo),
		cmocka_unit_test(versions),
		cmocka_unit_test_setup_teardown(an_emulator_is_asked_as_the_user, setup, teardown),
		cmocka_unit_test_setup_teardown(an_emulator_is_found_where_systems_have_it, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("as-user", tests, NULL, NULL);
}
