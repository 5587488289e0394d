// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-check-facts.c - the checks that are found while facts are gathered: the VM's user,
 * QEMU, firmware, files; and the chain of files behind a qcow2
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/cli.h"
#include "launcher/host/host.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/host/user/image.h"
#include "launcher/inspect/facts.h"
#include "launcher/setup/packages.h"
#include "profiles/profile.h"
#include "tests/sysfs/tree.h"

#define FURTHER_GROUP 54321

static char dir[64];
static struct host_user user;

static int make_dir(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s/facts-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
	if (!mkdtemp(dir) || chmod(dir, 0755))
		return -1;
	/* Root asks as "nobody", other users as themselves. */
	struct host_user_error error;

	return geteuid() ? host_user_invoking(&user, &error) : host_user_named("nobody", &user);
}

static int drop_dir(void **state)
{
	(void)state;
	tree_remove(dir);
	return 0;
}

static const char *in_dir(const char *name)
{
	static char path[4][160];
	static size_t next;

	next = (next + 1) % 4;
	(void)snprintf(path[next], sizeof(path[0]), "%s/%s", dir, name);
	return path[next];
}

/* In place of what has that name: its mode can keep a user from writing to it. */
static void put(const char *name, const void *bytes, size_t size, mode_t mode)
{
	int fd;

	(void)unlink(in_dir(name));
	fd = open(in_dir(name), O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
}

/* A qcow2 of version 3 whose header names a backing file; "" for none. */
static void put_qcow2(const char *name, const char *backing)
{
	uint8_t bytes[1200] = { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 3 };
	size_t length = strlen(backing);

	if (length) {
		bytes[15] = 104;
		bytes[18] = (uint8_t)(length >> 8);
		bytes[19] = (uint8_t)length;
		memcpy(bytes + 104, backing, length < 1000 ? length : 1000);
	}
	put(name, bytes, sizeof(bytes), 0666);
}

/* ---- facts ---------------------------------------------------------------------------- */

static int gather(const char *text, struct check_results *results)
{
	struct profile_errors errors = { 0 };
	struct opened_profile o = { .path = "vm.profile", .has_invoker = true, .invoker = user };
	struct cli cli = { .extra = (char *[]){ NULL } };
	struct host *host = NULL;
	struct facts facts;
	int code;

	if (profile_parse(text, strlen(text), "vm", &o.profile, &errors))
		fail_msg("%s", errors.count ? errors.item[0].text : "no profile");
	profile_errors_fini(&errors);
	assert_int_equal(host_open(NULL, &host), 0);
	code = facts_gather(&cli, &o, host, &facts, results);
	facts_fini(&facts);
	host_close(host);
	profile_free(o.profile);
	return code;
}

static char *stub_qemu(const char *version)
{
	static char key[256];
	char script[256];

	(void)snprintf(script, sizeof(script), "#!/bin/sh\necho '%s'\n", version);
	put("qemu", script, strlen(script), 0755);
	(void)snprintf(key, sizeof(key),
		       "[vm]\nmemory = 64M\nfirmware = bios\nqemu = %s\n[display]\ntype = none\n",
		       in_dir("qemu"));
	return key;
}

/* One that is asked for a display answers as QEMU's monitor does. Without a display of their own.
 */
static const char *emulator(const char *rest)
{
	char *text = stub_qemu("QEMU emulator version 7.2.0 {\"return\"}");

	if (!strncmp(rest, "[display]", 9))
		*strstr(text, "[display]") = '\0';
	return text;
}

static void fails(const char *rest, const char *check, const char *detail, const char *remedy)
{
	struct check_results results = { 0 };
	char text[2048];

	(void)snprintf(text, sizeof(text), "%s%s", emulator(rest), rest);
	assert_int_equal(gather(text, &results), EXIT_HOST);
	assert_true(results.count >= 1);
	assert_string_equal(results.item[0].check, check);
	assert_int_equal(results.item[0].state, CHECK_FAILED);
	assert_non_null(strstr(results.item[0].detail, detail));
	assert_non_null(results.item[0].remedy);
	if (!strstr(results.item[0].remedy, remedy))
		fail_msg("%s: %s", results.item[0].detail, results.item[0].remedy);
	check_results_fini(&results);
}

static void works(const char *rest)
{
	struct check_results results = { 0 };
	char text[2048];

	(void)snprintf(text, sizeof(text), "%s%s", emulator(rest), rest);
	if (gather(text, &results))
		fail_msg("%s", results.count ? results.item[0].detail : "no reason");
	check_results_fini(&results);
}

static const char *disk(const char *name, const char *more)
{
	static char text[256];

	(void)snprintf(text, sizeof(text), "[disk]\npath = %s\n%s", in_dir(name), more);
	return text;
}

static void user_must_exist(void **state)
{
	struct check_results results = { 0 };

	(void)state;
	assert_int_equal(
		gather("[vm]\nmemory = 64M\nuser = no-such-user-here\n[display]\ntype = none\n",
		       &results),
		EXIT_HOST);
	assert_string_equal(results.item[0].check, "user");
	assert_non_null(strstr(results.item[0].detail,
			       "vm.profile:3:8: user = no-such-user-here: there is no such user"));
	assert_non_null(strstr(results.item[0].remedy, "`useradd`"));
	check_results_fini(&results);
}

static void misnamed_qemu(const char *name, const char *detail, const char *remedy)
{
	struct check_results results = { 0 };
	char text[256];

	(void)snprintf(text, sizeof(text),
		       "[vm]\nmemory = 64M\nfirmware = bios\nqemu = %s\n[display]\ntype = none\n", name);
	assert_int_equal(gather(text, &results), EXIT_HOST);
	assert_string_equal(results.item[0].check, "qemu");
	assert_int_equal(results.item[0].state, CHECK_FAILED);
	assert_non_null(strstr(results.item[0].detail, "vm.profile:4:8: "));
	assert_non_null(strstr(results.item[0].detail, detail));
	assert_non_null(strstr(results.item[0].remedy, remedy));
	check_results_fini(&results);
}

/* Each distribution has its own word and its own name for it. */
static void packages_are_named_as_here(void **state)
{
	static const struct {
		const char *release, *name, *typed;
		bool parts;
	} cases[] = {
		{ "ID=debian\n", "firmware", "`apt install ovmf`", true },
		{ "ID=fedora\n", "firmware", "`dnf install edk2-ovmf`", false },
		{ "ID=arch\n", "tpm", "`pacman -S swtpm`", false },
		{ "ID=cachyos\nID_LIKE=arch\n", "qemu", "`pacman -S qemu-system-x86`", false },
		{ "ID=opensuse-tumbleweed\n", "firmware", "`zypper install qemu-ovmf-x86_64`", false },
		{ "ID=other\n", "qemu", "install qemu with", false },
	};
	char buf[SETUP_INSTALL_MAX];
	int root = open(dir, O_PATH | O_DIRECTORY);

	(void)state;
	(void)mkdir(in_dir("etc"), 0755);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		put("etc/os-release", cases[i].release, strlen(cases[i].release), 0644);
		assert_non_null(strstr(setup_install(root, cases[i].name, buf), cases[i].typed));
		assert_int_equal(strstr(setup_install_part(root, "qemu-system-gui", buf), "apt") != NULL,
				 cases[i].parts);
	}
	(void)close(root);
}

static void qemu_must_be_there_and_new(void **state)
{
	static const char missing[] =
		"[vm]\nmemory = 64M\nfirmware = bios\nqemu = /nonexistent/kvm\n[display]\ntype = none\n";
	struct check_results results = { 0 };
	char install[SETUP_INSTALL_MAX];

	(void)state;
	assert_int_equal(gather(missing, &results), EXIT_HOST);
	assert_string_equal(results.item[0].check, "qemu");
	assert_non_null(strstr(results.item[0].detail, "vm.profile:4:8: "));
	assert_non_null(strstr(results.item[0].remedy, "correct `qemu =`"));
	check_results_fini(&results);
	misnamed_qemu("qemu-system-x86", "not installed", "did you mean qemu-system-x86_64?");
	misnamed_qemu("/nonexistent/qemu-system-x86-64", "not installed", "did you mean qemu-system-x86_64?");
	misnamed_qemu("/nonexistent/qemu-system-x86_64", "not installed",
		      setup_install(SETUP_HERE, "qemu", install));
	misnamed_qemu("/etc", "is no program", "name an emulator");
	misnamed_qemu("/bin/ls", "does not say a version", "name an emulator");
	(void)stub_qemu("x");
	put("qemu", "#!/nonexistent/sh\n", 18, 0755);
	{
		char text[256];

		(void)snprintf(
			text, sizeof(text),
			"[vm]\nmemory = 64M\nfirmware = bios\nqemu = %s\n[display]\ntype = none\n",
			in_dir("qemu"));
		assert_int_equal(gather(text, &results), EXIT_HOST);
	}
	assert_string_equal(results.item[0].check, "qemu");
	assert_non_null(strstr(results.item[0].detail, "cannot be executed by user"));
	check_results_fini(&results);
	assert_int_equal(gather(stub_qemu("QEMU emulator version 6.2.0"), &results), EXIT_HOST);
	assert_string_equal(results.item[0].check, "qemu");
	assert_non_null(strstr(results.item[0].detail, "is QEMU 6.2; 7.2 or newer"));
	check_results_fini(&results);
}

/* Where no firmware is installed at all, which an empty directory stands in for. */
static void firmware_must_be_there(void **state)
{
	struct firmware found = { 0 };
	int root = open(dir, O_PATH | O_DIRECTORY);

	(void)state;
	assert_int_equal(firmware_find(root, FIRMWARE_PLAIN, &found), -ENOENT);
	(void)close(root);
	if (access("/usr/share/qemu/firmware", F_OK)) {
		struct check_results results = { 0 };

		assert_int_equal(gather("[vm]\nmemory = 64M\n[display]\ntype = none\n", &results),
				 EXIT_HOST);
		check_results_fini(&results);
	}
}

static void files_must_open(void **state)
{
	(void)state;
	put("secret.raw", "x", 1, 0000);
	put("readonly.raw", "x", 1, 0444);
	put("good.raw", "x", 1, 0666);
	(void)mkdir(in_dir("folder"), 0755);
	works(disk("good.raw", "format = raw\n"));
	fails(disk("missing.raw", "format = raw\n"), "files", "No such file", "correct the path");
	fails(disk("folder", "format = raw\n"), "files", "Is a directory", "name the file in it");
	fails(disk("secret.raw", "format = raw\n"), "files", "cannot be opened for writing by user",
	      "setfacl");
	fails(disk("readonly.raw", "format = raw\n"), "files", "Permission denied", "setfacl");
	works(disk("readonly.raw", "format = raw\nreadonly = yes\n"));
}

/* No command that would open what is the host's own, and none for a disk where there is none. */
static void what_is_the_hosts_is_not_opened(void **state)
{
	struct check_results results = { 0 };
	unsigned int major, minor;
	char text[2048];
	struct stat st;
	bool said = false;

	(void)state;
	if (geteuid())
		skip();
	fails("[disk]\nformat = raw\npath = /etc/shadow\n", "files", "Permission denied",
	      "the host's own");
	(void)unlink(in_dir("tty"));
	if (mknod(in_dir("tty"), S_IFCHR | 0600, makedev(5, 0)))
		skip();
	fails(disk("tty", "format = raw\n"), "files", "Permission denied", "neither a file nor a disk");

	assert_int_equal(stat("/", &st), 0);
	major = major(st.st_dev);
	minor = minor(st.st_dev);
	(void)snprintf(text, sizeof(text), "/sys/dev/block/%u:%u", major, minor);
	(void)unlink(in_dir("vda"));
	if (access(text, F_OK) || mknod(in_dir("vda"), S_IFBLK | 0600, makedev(major, minor)))
		skip();
	(void)snprintf(text, sizeof(text), "%s%s", emulator(""), disk("vda", "format = raw\n"));
	assert_int_equal(gather(text, &results), 0);
	for (size_t i = 0; i < results.count; i++) {
		assert_int_not_equal(results.item[i].state, CHECK_FAILED);
		said |= strstr(results.item[i].detail, "the host uses it") != NULL;
	}
	assert_true(said);
	check_results_fini(&results);
}

/* Each hook is reported at its own line, and told what it is. */
static void hooks_are_reported_where_they_stand(void **state)
{
	static const struct {
		const char *detail, *remedy;
	} expected[] = {
		{ "vm.profile:8:11: prepare = /etc: is a directory", "name a program" },
		{ "vm.profile:9:11: started = /nonexistent: No such file", "correct the path" },
		{ "vm.profile:10:11: stopped = /etc/passwd: is not executable", "chmod 755" },
	};
	struct check_results results = { 0 };
	char text[2048];
	size_t n = 0;

	(void)state;
	(void)snprintf(text, sizeof(text),
		       "%s[hooks]\nprepare = /etc\nstarted = /nonexistent\nstopped = /etc/passwd\n",
		       emulator(""));
	assert_int_equal(gather(text, &results), EXIT_HOST);
	for (size_t i = 0; i < results.count; i++)
		if (!strcmp(results.item[i].check, "hooks")) {
			assert_true(n < ARRAY_SIZE(expected));
			if (!strstr(results.item[i].detail, expected[n].detail))
				fail_msg("%s", results.item[i].detail);
			assert_non_null(strstr(results.item[i].remedy, expected[n].remedy));
			n++;
		}
	assert_int_equal(n, ARRAY_SIZE(expected));
	check_results_fini(&results);
}

/* In place of libc's: every user is in one more group. */
int initgroups(const char *name, gid_t gid)
{
	const gid_t groups[] = { gid, FURTHER_GROUP };

	(void)name;
	return setgroups(ARRAY_SIZE(groups), groups);
}

/* QEMU runs without the user's further groups, so they open nothing for the check either. */
static void no_further_group_helps(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	put("team.raw", "x", 1, 0660);
	assert_int_equal(chown(in_dir("team.raw"), 0, FURTHER_GROUP), 0);
	fails(disk("team.raw", "format = raw\n"), "files", "but through a further group",
	      "setfacl");
	(void)mkdir(in_dir("team"), 0750);
	assert_int_equal(chown(in_dir("team"), 0, FURTHER_GROUP), 0);
	put("team/inside.raw", "x", 1, 0666);
	fails(disk("team/inside.raw", "format = raw\n"), "files", "but through a further group",
	      ":x ");
	put_qcow2("top.qcow2", "behind.qcow2");
	put_qcow2("behind.qcow2", "");
	works(disk("top.qcow2", ""));
	assert_int_equal(chown(in_dir("behind.qcow2"), 0, FURTHER_GROUP), 0);
	assert_int_equal(chmod(in_dir("behind.qcow2"), 0640), 0);
	fails(disk("top.qcow2", ""), "files", "behind it cannot be read", "setfacl");
}

/* The keeper takes neither: the jail has its own /proc and /sys, and no link into this process. */
static void the_jail_must_have_a_place_for_it(void **state)
{
	char text[128];
	int fd;

	(void)state;
	fails("[disk]\nreadonly = yes\nformat = raw\npath = /proc/version\n", "files",
	      "the jail has its own", "somewhere else");
	fails("[disk]\nreadonly = yes\nformat = raw\npath = /usr/../proc/./version\n", "files",
	      "the jail has its own", "somewhere else");
	fails("[disk]\nreadonly = yes\nformat = raw\npath = /sys/kernel/notes\n", "files",
	      "the jail has its own", "somewhere else");
	put("good.raw", "x", 1, 0666);
	fd = open(in_dir("good.raw"), O_RDONLY);
	(void)snprintf(text, sizeof(text),
		       "[disk]\nreadonly = yes\nformat = raw\npath = /dev/fd/%d\n", fd);
	fails(text, "files", "cannot be read by user", "correct the path");
	(void)close(fd);
}

static void root_has_no_share_in_it(void **state)
{
	struct check_results results = { 0 };
	gid_t gid = user.gid;

	(void)state;
	user.gid = 0;
	assert_int_equal(gather(stub_qemu("QEMU emulator version 7.2.0"), &results), EXIT_HOST);
	user.gid = gid;
	assert_string_equal(results.item[0].check, "user");
	assert_non_null(strstr(results.item[0].detail, "primary group"));
	assert_non_null(strstr(results.item[0].remedy, "`usermod -g`"));
	check_results_fini(&results);
}

static void formats_must_fit(void **state)
{
	(void)state;
	put_qcow2("image.raw", "");
	put("text.qcow2", "hello", 5, 0666);
	fails(disk("image.raw", ""), "files", "starts like qcow2", "write `format = qcow2`");
	works(disk("image.raw", "format = raw\n"));
	fails(disk("text.qcow2", ""), "files", "is no qcow2 image", "`qemu-img info`");
	put("empty.qcow2", "", 0, 0666);
	fails(disk("empty.qcow2", ""), "files", "is empty", "`qemu-img create -f qcow2");
	put("vmware.qcow2", "KDMV\1\0\0\0", 8, 0666);
	fails(disk("vmware.qcow2", ""), "files", "is a VMDK image", "`qemu-img convert -O qcow2");
}

static void put_number(uint8_t *at, uint64_t value, int bytes)
{
	while (bytes-- > 0) {
		at[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

/* A qcow2 with clusters of 64 KiB: reference counts at 64 KiB, first table at 128 KiB, a second one
 * at 192 KiB. */
static void put_whole_qcow2(const char *name, off_t size)
{
	uint8_t bytes[0x20000 + 8] = { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 3 };

	put_number(bytes + 20, 16, 4);
	put_number(bytes + 36, 1, 4);
	put_number(bytes + 40, 0x20000, 8);
	put_number(bytes + 48, 0x10000, 8);
	put_number(bytes + 56, 1, 4);
	put_number(bytes + 0x20000, UINT64_C(1) << 63 | 0x30000, 8);
	put(name, bytes, sizeof(bytes), 0666);
	assert_int_equal(truncate(in_dir(name), size), 0);
}

static void a_cut_image_is_found(void **state)
{
	(void)state;
	put_whole_qcow2("whole.qcow2", 0x40000);
	works(disk("whole.qcow2", ""));
	put_whole_qcow2("whole.qcow2", 0x40000 - 1);
	fails(disk("whole.qcow2", ""), "files", "whole.qcow2: is cut off", "download it again");
	put_whole_qcow2("whole.qcow2", 0x20000);
	fails(disk("whole.qcow2", ""), "files", "whole.qcow2: is cut off", "download it again");
	put_whole_qcow2("whole.qcow2", 0x10000 + 1);
	fails(disk("whole.qcow2", ""), "files", "whole.qcow2: is cut off", "download it again");
	put_whole_qcow2("whole.qcow2", 60);
	fails(disk("whole.qcow2", ""), "files", "whole.qcow2: is cut off", "download it again");
	put_qcow2("on-top.qcow2", "whole.qcow2");
	fails(disk("on-top.qcow2", ""), "files", "whole.qcow2 behind it is cut off",
	      "download it again");
}

/* Bytes as QEMU locks them: 101 it writes, 201 it denies writing, 200 reading. */
static int lock_image(const char *name, off_t byte)
{
	struct flock lock = {
		.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1
	};
	int fd = open(in_dir(name), O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	return fd;
}

static bool takes_direct(const char *path)
{
	int fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);

	return fd >= 0 && close(fd) == 0;
}

static void an_image_in_use_is_found(void **state)
{
	int fd;

	(void)state;
	put("used.raw", "x", 1, 0666);
	fd = lock_image("used.raw", 101);
	fails(disk("used.raw", "format = raw\n"), "files",
	      "used.raw: is open for writing in another program: test-check-fact (pid ",
	      "end it first");
	fails(disk("used.raw", "format = raw\nreadonly = yes\n"), "files", "open for writing",
	      "end it first");
	put_qcow2("above.qcow2", "used.raw");
	fails(disk("above.qcow2", ""), "files", "open for writing", "end it first");
	(void)close(fd);
	works(disk("used.raw", "format = raw\n"));
	fd = lock_image("used.raw", 201);
	fails(disk("used.raw", "format = raw\n"), "files", "lets nobody else write to it",
	      "end it first");
	works(disk("used.raw", "format = raw\nreadonly = yes\n"));
	(void)close(fd);
}

/* A file system of 256 KiB that is full but for a page, as only root can make one. */
static void a_full_disk_is_found(void **state)
{
	char *full;

	(void)state;
	if (geteuid() || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		skip();
	full = strdup(in_dir("full"));
	assert_non_null(full);
	assert_int_equal(mkdir(full, 0755), 0);
	assert_int_equal(mount("tmpfs", full, "tmpfs", 0, "size=256k,mode=0755"), 0);
	put("full/whole.raw", "12345678", 8, 0666);
	put("full/sparse.raw", "12345678", 8, 0666);
	assert_int_equal(truncate(in_dir("full/sparse.raw"), 1 << 20), 0);
	put_qcow2("full/a.qcow2", "");
	works(disk("full/whole.raw", "format = raw\n"));
	fails(disk("full/sparse.raw", "format = raw\n"), "files", "its file system is full", "make room");
	fails(disk("full/a.qcow2", ""), "files", "its file system is full", "make room");
	works(disk("full/sparse.raw", "format = raw\nreadonly = yes\n"));
	assert_int_equal(mount(NULL, full, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	fails(disk("full/whole.raw", "format = raw\n"), "files", "Read-only file system",
	      "`readonly = yes`");
	assert_int_equal(umount(full), 0);
	free(full);
	put("empty.raw", "", 0, 0666);
	fails(disk("empty.raw", "format = raw\n"), "files", "is empty: a disk without a sector",
	      "`truncate -s");
}

static const char *cdrom(const char *name)
{
	static char text[256];

	(void)snprintf(text, sizeof(text), "[cdrom]\npath = %s\n", in_dir(name));
	return text;
}

static void a_cd_is_a_file(void **state)
{
	static char image[0x8000 + 2048];
	int fd;

	(void)state;
	put("cd.iso", "CD001", 5, 0444);
	works(cdrom("cd.iso"));
	put("empty.iso", "", 0, 0444);
	fails(cdrom("empty.iso"), "files", "empty.iso: is empty", "download it again");
	put("page.iso", "<!DOCTYPE html>", 15, 0444);
	fails(cdrom("page.iso"), "files", "page.iso: is a web page", "download the image itself");
	put("disk.iso", "QFI\xfb", 4, 0444);
	fails(cdrom("disk.iso"), "files", "disk.iso: is a disk image (qcow2)", "that is a [disk]");
	memcpy(image + 0x8000, "\1CD001", 6); /* the first sign of what an image begins with says nothing of a CD that has one */
	image[0] = '<';
	image[0x8000 + 82] = 1; /* 65536 blocks ... */
	image[0x8000 + 129] = 8; /* ... of 2048 bytes */
	put("cut.iso", image, sizeof(image), 0444);
	fails(cdrom("cut.iso"), "files", "cut.iso: is cut off (128 MiB by its own descriptor, and 34 KiB are there)", "download it again");
	image[0x8000 + 82] = 0;
	put("whole.iso", image, sizeof(image), 0444);
	works(cdrom("whole.iso"));
	put("secret.iso", "CD001", 5, 0000);
	if (!geteuid())
		fails(cdrom("secret.iso"), "files", "cannot be read by user", "setfacl");
	fails(cdrom("no.iso"), "files", "No such file", "correct the path");
	fails(cdrom("."), "files", "is no file", "name an image");
	fd = lock_image("cd.iso", 101);
	fails(cdrom("cd.iso"), "files", "open for writing in another program", "end it first");
	(void)close(fd);
}

/* What bypasses the page cache, and what only that can use: procfs and FUSE have no O_DIRECT. */
static void what_takes_o_direct_is_asked(void **state)
{
	(void)state;
	put("direct.raw", "x", 1, 0666);
	if (takes_direct(in_dir("direct.raw"))) {
		works(disk("direct.raw", "format = raw\ncache = directsync\naio = native\n"));
		return;
	}
	fails(disk("direct.raw", "format = raw\ncache = directsync\n"), "files",
	      "no O_DIRECT, which `cache = directsync`", "`cache = writethrough`");
	fails(disk("direct.raw", "format = raw\naio = native\n"), "files",
	      "no O_DIRECT, which `aio = native`", "`aio = threads`");
}

/* One image of a block of 512 bytes, of the device 10de:1b80; @kind 0 is a BIOS, 3 is EFI. */
static void put_rom(const char *name, size_t front, size_t size, uint8_t kind)
{
	uint8_t bytes[2048] = { 0 }, *rom = bytes + front;

	assert_true(size <= sizeof(bytes));
	memcpy(rom, "\x55\xaa", 2);
	rom[0x18] = 0x40;
	memcpy(rom + 0x40, "PCIR\xde\x10\x80\x1b", 8);
	rom[0x50] = 1;
	rom[0x54] = kind;
	rom[0x55] = 0x80;
	put(name, bytes, size, 0644);
}

/* An unknown device: the plan is not asked here. */
static const char *card(const char *rom)
{
	static char text[256];

	(void)snprintf(text, sizeof(text), "[gpu]\ndevice = 01:00.0\nrom = %s\n", in_dir(rom));
	return text;
}

static const char *guarded(const char *rom, const char *ids)
{
	static char text[320];

	(void)snprintf(text, sizeof(text), "%sid = %s\n", card(rom), ids);
	return text;
}

static void a_rom_must_be_one(void **state)
{
	(void)state;
	put("empty.rom", "", 0, 0644);
	put("text.rom", "hello", 5, 0644);
	put("short.rom", "\x55\xaa", 2, 0644);
	put_rom("good.rom", 0, 512, 0);
	put_rom("cut.rom", 0, 511, 0);
	put_rom("front.rom", 1024, 1536, 0);
	works(card("good.rom"));
	works(guarded("good.rom", "10de:1b81"));
	fails(guarded("good.rom", "1002:1b80"), "files",
	      "good.rom: is a ROM for 10de:1b80, and the device is 1002:1b80", "remove `rom`");
	fails(card("empty.rom"), "files", "empty.rom: is empty", "remove `rom`");
	fails(card("text.rom"), "files", "does not start with the bytes 55 AA", "remove `rom`");
	fails(card("short.rom"), "files", "not followed by the structure PCIR", "remove `rom`");
	fails(card("cut.rom"), "files", "is cut off: its images have 512 bytes, the file has 511",
	      "remove `rom`");
	fails(card("front.rom"), "files", "has 1024 bytes of a flashing tool's before the ROM",
	      "`tail -c +1025");
}

/* A VM with firmware of the user's own. */
static int with_firmware(const char *code, const char *vars, struct check_results *results)
{
	char text[1024];

	(void)stub_qemu("QEMU emulator version 7.2.0");
	(void)snprintf(text, sizeof(text),
		       "[vm]\nmemory = 64M\nqemu = %s\nfirmware-image = %s\nnvram = %s\n"
		       "[display]\ntype = none\n",
		       in_dir("qemu"), in_dir(code), in_dir(vars));
	return gather(text, results);
}

static void firmware_works(const char *code, const char *vars)
{
	struct check_results results = { 0 };

	if (with_firmware(code, vars, &results))
		print_error("%s\n", results.item[0].detail);
	assert_int_equal(results.count, 0);
	check_results_fini(&results);
}

static void firmware_fails(const char *code, const char *vars, const char *detail,
			   const char *remedy)
{
	struct check_results results = { 0 };

	assert_int_equal(with_firmware(code, vars, &results), EXIT_HOST);
	assert_string_equal(results.item[0].check, "files");
	if (!strstr(results.item[0].detail, detail) || !strstr(results.item[0].remedy, remedy))
		fail_msg("%s; %s", results.item[0].detail, results.item[0].remedy);
	check_results_fini(&results);
}

static void put_size(const char *name, off_t size, mode_t mode)
{
	put(name, "", 0, mode);
	assert_int_equal(truncate(in_dir(name), size), 0);
}

static void variables_must_fit_the_firmware(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	put_size("CODE.fd", 4 << 20, 0644);
	put_size("odd.fd", 4097, 0644);
	put_size("VARS.fd", 128 << 10, 0666);
	put_size("big.fd", 5 << 20, 0666);
	put_size("empty.fd", 0, 0666);
	put_size("readonly.fd", 128 << 10, 0444);
	put_qcow2("VARS.qcow2", "");
	put_qcow2("CODE.qcow2", "");
	put_qcow2("guest.fd", "");
	firmware_works("CODE.fd", "VARS.fd");
	firmware_works("CODE.fd", "VARS.qcow2");
	firmware_works("CODE.qcow2", "VARS.fd");
	firmware_fails("missing.fd", "VARS.fd", "missing.fd: cannot be read", "correct the path");
	firmware_fails("CODE.fd", "missing.fd", "missing.fd: cannot be opened for writing",
		       "correct the path");
	firmware_fails("odd.fd", "VARS.fd", "no multiple of 4096", "file with the code");
	firmware_fails("CODE.fd", "odd.fd", "cannot be opened for writing", "setfacl");
	firmware_fails("CODE.fd", "empty.fd", "no multiple of 4096", "a copy of the variables");
	firmware_fails("CODE.fd", "big.fd", "more than the 8 MiB", "of one firmware");
	firmware_fails("CODE.fd", "readonly.fd", "cannot be opened for writing", "setfacl");
	firmware_fails("CODE.fd", "guest.fd", "starts like qcow2: a guest may have written that",
		       "rename it");
	put_size("raw.qcow2", 128 << 10, 0666);
	firmware_fails("CODE.fd", "raw.qcow2", "is no qcow2 image", "rename it");
}

/* Those of another build, as after an update from 2 MiB to 4 MiB images. */
static void variables_of_another_firmware_are_refused(void **state)
{
	struct check_results results = { 0 };
	char text[1024];

	(void)state;
	if (geteuid() || access("/usr/share/qemu/firmware", F_OK))
		skip();
	(void)stub_qemu("QEMU emulator version 7.2.0");
	put_size("old.fd", 64 << 10, 0666);
	(void)snprintf(text, sizeof(text),
		       "[vm]\nmemory = 64M\nqemu = %s\nnvram = %s\n[display]\ntype = none\n",
		       in_dir("qemu"), in_dir("old.fd"));
	assert_int_equal(gather(text, &results), EXIT_HOST);
	assert_non_null(strstr(results.item[0].detail, "has 65536 bytes, and the variables of this"));
	assert_non_null(strstr(results.item[0].remedy, "old.fd.old`, and new ones are made"));
	check_results_fini(&results);
}

/* Bound as a server does; *port is what the kernel chose. */
static int listening(int family, int type, unsigned int *port)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
	socklen_t size = sizeof(address);
	int fd = socket(family, type, 0), one = 1;

	if (family == AF_INET)
		*v4 = (struct sockaddr_in){ .sin_family = AF_INET };
	else if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)))
		return -1; /* a host without IPv6 */
	assert_int_equal(bind(fd, (void *)&address, family == AF_INET ? sizeof(*v4) : size), 0);
	assert_int_equal(getsockname(fd, (void *)&address, &size), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	*port = ntohs(family == AF_INET ? v4->sin_port : address.sin6_port);
	return fd;
}

static const char *shown(const char *keys)
{
	static char text[512];

	(void)snprintf(text, sizeof(text), "[display]\ntype = vnc\n%s", keys);
	return text;
}

static const char *on_port(unsigned int port, const char *password)
{
	static char keys[320];

	(void)snprintf(keys, sizeof(keys), "listen = 127.0.0.1:%u\npassword-file = %s\n", port,
		       in_dir(password));
	return shown(keys);
}

/* What can be wrong with one is in test-shm-file.c. */
static void shared_memory_is_looked_at(void **state)
{
	char text[128], path[64];

	(void)state;
	(void)snprintf(path, sizeof(path), "/dev/shm/vfio-run-facts-%d", (int)getpid());
	(void)snprintf(text, sizeof(text), "[shm]\nname = %s\nsize = 1M\n", strrchr(path, '/') + 1);
	works(text);
	assert_int_equal(mkdir(path, 0700), 0);
	fails(text, "shared-memory", "is not an ordinary file", "`sudo rm -r /dev/shm/");
	assert_int_equal(rmdir(path), 0);
	fails("[looking-glass]\ndevice = /dev/kvmfr99\nresolution = 3840x2160\n", "shared-memory",
	      "there is no such device", "`modprobe kvmfr static_size_mb=128`");
}

/* The emulator answers like one that has only "none"; the VM's user is in no session here. */
static void sound_needs_a_backend_and_a_server(void **state)
{
	char *text = stub_qemu("QEMU emulator version 7.2.0\nnone\npa");
	struct check_results results = { 0 };
	char all[512], path[64];

	(void)state;
	(void)snprintf(all, sizeof(all), "%s[audio]\nbackend = pipewire\n", text);
	assert_int_equal(gather(all, &results), EXIT_HOST);
	assert_string_equal(results.item[0].check, "audio");
	assert_non_null(strstr(results.item[0].detail, "has no PipeWire, which came with QEMU 8.1"));
	assert_non_null(strstr(results.item[0].remedy, "install what QEMU has for it"));
	check_results_fini(&results);
	(void)snprintf(path, sizeof(path), "/run/user/%u", (unsigned int)user.uid);
	if (!access(path, F_OK))
		return; /* at somebody's desk */
	(void)snprintf(all, sizeof(all), "%s[audio]\nbackend = pulse\n", text);
	results = (struct check_results){ 0 };
	assert_int_equal(gather(all, &results), EXIT_HOST);
	assert_non_null(strstr(results.item[0].detail, "no PulseAudio of user"));
	assert_non_null(strstr(results.item[0].remedy, "`loginctl enable-linger"));
	check_results_fini(&results);
	(void)snprintf(all, sizeof(all), "%s[audio]\n", text);
	results = (struct check_results){ 0 };
	assert_int_equal(gather(all, &results), 0);
	assert_int_equal(results.item[0].state, CHECK_OK);
	assert_non_null(strstr(results.item[0].detail, "the guest is not heard"));
	check_results_fini(&results);
}

static void a_display_can_listen_and_has_a_password(void **state)
{
	unsigned int port;
	int fd = listening(AF_INET, SOCK_STREAM, &port);

	(void)state;
	put("good.password", "12345678", 8, 0644);
	put("line.password", "1234567\n", 8, 0644);
	put("long.password", "123456789", 9, 0644);
	put("empty.password", "", 0, 0644);
	fails(on_port(port, "good.password"), "display", "another program listens there",
	      "write another port, or end the program: `ss -ltnp");
	(void)close(fd);
	works(on_port(port, "good.password"));
	fails(on_port(port, "line.password"), "display", "ends in a newline",
	      "`printf %s PASSWORD");
	fails(on_port(port, "long.password"), "display", "longer than the 8 bytes", "`printf");
	fails(on_port(port, "empty.password"), "display", "is empty", "`printf");
	fails(on_port(port, "no.password"), "display", "cannot be read by the VM's user",
	      "`printf");
}

static const char *share(const char *path)
{
	static char text[320];

	(void)snprintf(text, sizeof(text), "[share]\ntag = s\npath = %s\n", path);
	return text;
}

/* Looked at as the user; what is the jail's own is no place for it. */
static void a_share_is_a_directory(void **state)
{
	(void)state;
	if (access("/usr/libexec/virtiofsd", X_OK) && access("/usr/lib/qemu/virtiofsd", X_OK))
		skip(); /* it is the first to be missed */
	put("plain.file", "x", 1, 0644);
	assert_int_equal(mkdir(in_dir("shared"), 0755), 0);
	assert_int_equal(mkdir(in_dir("shut"), 0700), 0);
	fails(share(in_dir("plain.file")), "beside", "it is no directory", "name a directory");
	fails(share(in_dir("no.dir")), "beside", "No such file or directory", "`mkdir ");
	fails(share("/etc/"), "beside", "a directory of the system's own", "name a directory");
	fails(share("/sys/kernel"), "beside", "a directory of the system's own", "name a directory");
	if (geteuid() == 0)
		fails(share(in_dir("shut")), "beside", "cannot be read by user", "let the user in");
	works(share(in_dir("shared")));
	(void)rmdir(in_dir("shared"));
	(void)rmdir(in_dir("shut"));
}

static const char *forward(const char *protocol, unsigned int port)
{
	static char text[128];

	(void)snprintf(text, sizeof(text), "[net]\nmode = user\nforward = %s:%u:22\n", protocol,
		       port);
	return text;
}

static void a_port_must_be_free(void **state)
{
	unsigned int port;
	int fd;

	(void)state;
	fd = listening(AF_INET, SOCK_STREAM, &port);
	fails(forward("tcp", port), "ports", "of TCP is taken by another program", "`ss -ltnp");
	works(forward("udp", port));
	(void)close(fd);
	works(forward("tcp", port));
	fd = listening(AF_INET, SOCK_DGRAM, &port);
	fails(forward("udp", port), "ports", "of UDP is taken by another program", "`ss -lunp");
	(void)close(fd);
	fd = listening(AF_INET6, SOCK_STREAM, &port);
	if (fd >= 0)
		fails(forward("tcp", port), "ports", "over IPv6, where localhost leads first",
		      "another port");
	(void)close(fd);
	fd = open("/proc/sys/net/ipv4/ip_unprivileged_port_start", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		char text[16] = "";

		(void)read(fd, text, sizeof(text) - 1);
		(void)close(fd);
		if (atoi(text) > 79)
			fails(forward("tcp", 79), "ports", "port 79 of TCP is for root only",
			      "from 1024 on");
	}
}

/* An emulator with one machine type, which has 288 processors at most. */
static int machine(const char *lines, struct check_results *results)
{
	static const char script[] =
		"#!/bin/sh\ncase $1 in --version) echo 'QEMU emulator version 7.2.0' ;;\n"
		"-machine) echo '{\"QMP\": {}}'; echo '{\"return\": {}}'; echo '{\"return\": [{\"name\": "
		"\"none\", \"cpu-max\": 1}, {\"name\": \"pc-q35-7.2\", \"alias\": \"q35\", \"cpu-max\": "
		"288}]}' ;; esac\n";
	char text[512];

	put("qemu", script, strlen(script), 0755);
	(void)snprintf(text, sizeof(text),
		       "[vm]\nmemory = 64M\nfirmware = bios\nqemu = %s\n%s[display]\ntype = none\n",
		       in_dir("qemu"), lines);
	return gather(text, results);
}

static void the_machine_type_must_be_there(void **state)
{
	struct check_results results = { 0 };

	(void)state;
	assert_int_equal(machine("cpus = 288\n", &results), 0);
	assert_int_equal(machine("machine = pc-q35-7.2\n", &results), 0);
	assert_int_equal(machine("cpus = 289\n", &results), EXIT_HOST);
	assert_string_equal(results.item[results.count - 1].check, "qemu");
	assert_non_null(strstr(results.item[results.count - 1].detail, "has 288 at most"));
	assert_int_equal(machine("machine = pc-q35-99.9\n", &results), EXIT_HOST);
	assert_non_null(
		strstr(results.item[results.count - 1].detail, "has no machine type pc-q35-99.9"));
	check_results_fini(&results);
}

static void whole_chain_is_followed(void **state)
{
	char name[32], next[32];

	(void)state;
	put("base.raw", "x", 1, 0444);
	put_qcow2("middle.qcow2", "base.raw");
	put_qcow2("top.qcow2", in_dir("middle.qcow2"));
	works(disk("top.qcow2", ""));
	put("base.raw", "x", 1, 0000);
	fails(disk("top.qcow2", ""), "files", "base.raw behind it cannot be read",
	      "`qemu-img rebase");
	(void)unlink(in_dir("base.raw"));
	fails(disk("top.qcow2", ""), "files", "base.raw behind it cannot be read",
	      "`qemu-img rebase");
	put_qcow2("middle.qcow2", "top.qcow2");
	fails(disk("top.qcow2", ""), "files", "is a loop", "--backing-chain");
	put_qcow2("json.qcow2", "json:{\"driver\":\"nbd\"}");
	works(disk("json.qcow2", ""));
	for (int i = 0; i < IMAGE_CHAIN_MAX + 1; i++) {
		(void)snprintf(name, sizeof(name), "l%d.qcow2", i);
		(void)snprintf(next, sizeof(next), "l%d.qcow2", i + 1);
		put_qcow2(name, i == IMAGE_CHAIN_MAX ? "" : next);
	}
	fails(disk("l0.qcow2", ""), "files", "33rd file", "qemu-img commit");
	works(disk("l1.qcow2", ""));
}

/* A guest that owns QEMU can write any name into its disk, and would read that file at the next
 * start. */
static void only_what_is_beside_is_behind(void **state)
{
	(void)state;
	(void)mkdir(in_dir("vm"), 0755);
	put("secret", "x", 1, 0600);
	assert_int_equal(chown(in_dir("secret"), user.uid, user.gid), 0);
	put_qcow2("vm/top.qcow2", in_dir("secret"));
	fails(disk("vm/top.qcow2", ""), "files", "secret behind it is in another folder",
	      "symbolic link");
	put_qcow2("vm/top.qcow2", "../secret");
	fails(disk("vm/top.qcow2", ""), "files", "is in another folder", "qemu-img rebase");
	put("vm/kept", "x", 1, 0600);
	assert_int_equal(chown(in_dir("vm/kept"), user.uid, user.gid), 0);
	put_qcow2("vm/top.qcow2", "kept");
	works(disk("vm/top.qcow2", ""));
	put_qcow2("vm/top.qcow2", "./kept");
	works(disk("vm/top.qcow2", ""));
	/* a home has more in it than images */
	(void)mkdir(in_dir("vm/.ssh"), 0755);
	assert_int_equal(rename(in_dir("vm/kept"), in_dir("vm/.ssh/kept")), 0);
	put_qcow2("vm/top.qcow2", ".ssh/kept");
	fails(disk("vm/top.qcow2", ""), "files", "is in another folder", "qemu-img rebase");
	assert_int_equal(rename(in_dir("vm/.ssh/kept"), in_dir("vm/.kept")), 0);
	put_qcow2("vm/top.qcow2", ".kept");
	fails(disk("vm/top.qcow2", ""), "files", "is in another folder", "qemu-img rebase");
	(void)rmdir(in_dir("vm/.ssh"));
	assert_int_equal(rename(in_dir("vm/.kept"), in_dir("vm/kept")), 0);
	/* its owner's word, which no guest can give */
	assert_int_equal(symlink("../secret", in_dir("vm/link")), 0);
	put_qcow2("vm/top.qcow2", "link");
	works(disk("vm/top.qcow2", ""));
	(void)unlink(in_dir("vm/link"));
	put_qcow2("vm/top.qcow2", "/proc/version"); /* root's, for everybody */
	works(disk("vm/top.qcow2", ""));
	(void)unlink(in_dir("vm/top.qcow2"));
	(void)unlink(in_dir("vm/kept"));
	(void)rmdir(in_dir("vm"));
}

static void external_data_is_refused(void **state)
{
	uint8_t bytes[104] = { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 3, [79] = 4 };

	(void)state;
	put("data.qcow2", bytes, sizeof(bytes), 0666);
	fails(disk("data.qcow2", ""), "files", "keeps its data in another file",
	      "qemu-img convert");
	bytes[79] = 3; /* dirty, corrupt: QEMU's to judge */
	put("data.qcow2", bytes, sizeof(bytes), 0666);
	works(disk("data.qcow2", ""));
}

static void header_is_not_believed(void **state)
{
	uint8_t bytes[24] = {
		'Q', 'F', 'I', 0xfb, 0, 0, 0, 3, [15] = 104, [18] = 0xff, [19] = 0xff
	};
	uint64_t offset;
	uint32_t length;

	(void)state;
	assert_int_equal(image_backing_name(bytes, sizeof(bytes), &offset, &length), -EINVAL);
	bytes[18] = 0;
	assert_int_equal(image_backing_name(bytes, sizeof(bytes), &offset, &length), 0);
	assert_int_equal(length, 255);
	assert_int_equal(image_backing_name(bytes, 10, &offset, &length), -EINVAL);
	assert_int_equal(image_backing_name(bytes, 3, &offset, &length), -ENOEXEC);
	bytes[7] = 9;
	assert_int_equal(image_backing_name(bytes, sizeof(bytes), &offset, &length), -EINVAL);
	bytes[7] = 3;
	put("cut.qcow2", bytes, sizeof(bytes), 0666); /* the name would stand behind the end */
	fails(disk("cut.qcow2", ""), "files", "its header makes no sense", "--backing-chain");
}

static void qemu_is_asked_for_its_devices(void **state)
{
	(void)state;
	(void)stub_qemu("name \"vfio-pci\", bus PCI");
	assert_int_equal(host_qemu_has_device(in_dir("qemu"), user.name, "vfio-pci"), 1);
	assert_int_equal(host_qemu_has_device(in_dir("qemu"), user.name, "e1000e"), 0);
	(void)stub_qemu("what?");
	assert_int_equal(host_qemu_has_device(in_dir("qemu"), user.name, "vfio-pci"), -EPROTO);
}

/* A bus that this QEMU was built without, and Linux AIO. */
static void what_qemu_lacks_is_found(void **state)
{
	static const char *const lists[] = { "name \"ide-hd\"", "name \"virtio-scsi-pci\"" };
	struct check_results results = { 0 };
	char text[512];

	(void)state;
	put("a.raw", "x", 1, 0666);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		(void)snprintf(text, sizeof(text), "QEMU emulator version 7.2.0\n%s", lists[i]);
		(void)snprintf(text, sizeof(text), "%s[disk]\npath = %s\nbus = scsi\n",
			       stub_qemu(strdupa(text)), in_dir("a.raw"));
		assert_int_equal(gather(text, &results), EXIT_HOST);
		assert_string_equal(results.item[0].check, "qemu");
		assert_non_null(strstr(results.item[0].detail, ":8:8: "));
		assert_non_null(strstr(results.item[0].detail, " has no scsi-hd"));
		assert_string_equal(results.item[0].remedy, "write another `bus`");
		check_results_fini(&results);
		results = (struct check_results){ 0 };
	}
	(void)stub_qemu("QEMU emulator version 7.2.0: aio=native was specified, but is not supported in this build.");
	assert_int_equal(host_qemu_has_native_aio(in_dir("qemu"), &user), 0);
	(void)stub_qemu("aio=native was specified, but it requires cache.direct=on");
	assert_int_equal(host_qemu_has_native_aio(in_dir("qemu"), &user), 1);
	(void)stub_qemu("what?");
	assert_int_equal(host_qemu_has_native_aio(in_dir("qemu"), &user), -EPROTO);
}

/* The row, on this machine: an emulator without the device fails it. */
static void qemu_devices_row_fails(void **state)
{
	struct plan_host_facts facts = { .user = user.name };
	struct checks_request request = { .scope = CHECKS_REPORT, .facts = &facts };
	struct check_results results = { 0 };
	bool failed = false;

	(void)state;
	(void)stub_qemu("name \"e1000e\", bus PCI");
	facts.qemu = in_dir("qemu");
	assert_int_equal(host_open(NULL, &request.host), 0);
	assert_int_equal(checks_run(&request, &results), 0);
	for (size_t i = 0; i < results.count; i++)
		if (!strcmp(results.item[i].check, "qemu-devices"))
			failed = results.item[i].state == CHECK_FAILED &&
				 strstr(results.item[i].remedy, "name another one with `qemu =`");
	assert_true(failed);
	check_results_fini(&results);
	host_close(request.host);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(user_must_exist),
		cmocka_unit_test(packages_are_named_as_here),
		cmocka_unit_test(qemu_must_be_there_and_new),
		cmocka_unit_test(firmware_must_be_there),
		cmocka_unit_test(files_must_open),
		cmocka_unit_test(what_is_the_hosts_is_not_opened),
		cmocka_unit_test(hooks_are_reported_where_they_stand),
		cmocka_unit_test(no_further_group_helps),
		cmocka_unit_test(the_jail_must_have_a_place_for_it),
		cmocka_unit_test(root_has_no_share_in_it),
		cmocka_unit_test(formats_must_fit),
		cmocka_unit_test(a_cut_image_is_found),
		cmocka_unit_test(an_image_in_use_is_found),
		cmocka_unit_test(a_full_disk_is_found),
		cmocka_unit_test(a_cd_is_a_file),
		cmocka_unit_test(what_takes_o_direct_is_asked),
		cmocka_unit_test(a_rom_must_be_one),
		cmocka_unit_test(variables_must_fit_the_firmware),
		cmocka_unit_test(variables_of_another_firmware_are_refused),
		cmocka_unit_test(a_display_can_listen_and_has_a_password),
		cmocka_unit_test(shared_memory_is_looked_at),
		cmocka_unit_test(sound_needs_a_backend_and_a_server),
		cmocka_unit_test(a_share_is_a_directory),
		cmocka_unit_test(a_port_must_be_free),
		cmocka_unit_test(the_machine_type_must_be_there),
		cmocka_unit_test(whole_chain_is_followed),
		cmocka_unit_test(only_what_is_beside_is_behind),
		cmocka_unit_test(external_data_is_refused),
		cmocka_unit_test(header_is_not_believed),
		cmocka_unit_test(qemu_is_asked_for_its_devices),
		cmocka_unit_test(what_qemu_lacks_is_found),
		cmocka_unit_test(qemu_devices_row_fails),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
