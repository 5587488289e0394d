// SPDX-License-Identifier: GPL-2.0-or-later
/* test-firmware.c - the right one of QEMU's firmware descriptors is chosen, whatever stands in the
 * others */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/host/firmware.h"

#define DESCRIPTOR(device, mode, code, features, machine)                                         \
	"{\"description\":\"d\",\"interface-types\":[\"uefi\"],\"mapping\":{\"device\":\"" device \
	"\"," mode "\"executable\":{\"filename\":\"/fw/" code "\",\"format\":\"raw\"},"           \
	"\"nvram-template\":{\"filename\":\"/fw/VARS\",\"format\":\"raw\"}},"                     \
	"\"targets\":[{\"architecture\":\"x86_64\",\"machines\":[\"" machine "\"]}],"             \
	"\"features\":[" features "],\"tags\":[]}\n"
#define PLAIN(code) DESCRIPTOR("flash", "", code, "\"acpi-s3\"", "pc-q35-*")

static char root[64];
static int root_fd;

static void run(const char *format, const char *argument)
{
	char command[256];

	(void)snprintf(command, sizeof(command), "cd %s && ", root);
	(void)snprintf(command + strlen(command), sizeof(command) - strlen(command), "%s%s", format,
		       argument);
	assert_int_equal(system(command), 0);
}

static int setup(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof(root), "/tmp/firmware-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	run("mkdir -p etc/qemu/firmware usr/share/qemu/firmware fw && cd fw && touch A B C VARS",
	    "");
	root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root_fd < 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)close(root_fd);
	run("rm -rf ", root);
	return 0;
}

static void put(const char *path, const char *text)
{
	int fd = openat(root_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

/* The code that is found, or "none". */
static void expect(bool secure, const char *code)
{
	struct firmware f;
	int r = firmware_find(root_fd, secure, &f);

	if (!code) {
		assert_int_equal(r, -ENOENT);
		assert_null(f.code);
		return;
	}
	assert_int_equal(r, 0);
	assert_string_equal(f.code, code);
	assert_string_equal(f.code_format, "raw");
	assert_string_equal(f.nvram_template, "/fw/VARS");
	firmware_fini(&f);
}

static void the_first_name_that_fits(void **state)
{
	(void)state;
	expect(false, NULL);
	put("usr/share/qemu/firmware/60-b.json", PLAIN("B"));
	expect(false, "/fw/B");
	put("usr/share/qemu/firmware/50-a.json", PLAIN("A"));
	expect(false, "/fw/A");
	put("etc/qemu/firmware/55-c.json", PLAIN("C"));
	expect(false, "/fw/A");
	put("etc/qemu/firmware/50-a.json", PLAIN("C"));
	expect(false, "/fw/C");
	put("etc/qemu/firmware/50-a.json", ""); /* hides the one in /usr/share */
	put("etc/qemu/firmware/55-c.json", "");
	expect(false, "/fw/B");
}

static void what_does_not_fit_is_passed_over(void **state)
{
	static const char *const others[] = {
		DESCRIPTOR("memory", "", "A", "", "pc-q35-*"),
		DESCRIPTOR("flash", "\"mode\":\"combined\",", "A", "", "pc-q35-*"),
		DESCRIPTOR("flash", "", "A", "", "pc-i440fx-*"),
		DESCRIPTOR("flash", "", "A", "\"secure-boot\"", "pc-q35-*"),
		DESCRIPTOR("flash", "", "A", "\"requires-smm\"", "pc-q35-*"),
		DESCRIPTOR("flash", "", "missing-file", "", "pc-q35-*"),
		"",
		"null",
		"[]",
		"{",
		"{\"interface-types\":\"uefi\"}",
		"{\"interface-types\":[1]}",
		"{\"interface-types\":[\"uefi\"],\"targets\":[5],\"mapping\":7}",
		"{\"interface-types\":[\"bios\"]}",
		PLAIN("A") "trailing",
	};

	(void)state;
	put("usr/share/qemu/firmware/60-b.json",
	    DESCRIPTOR("flash", "\"mode\":\"split\",", "B", "", "pc-q35-*"));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		put("usr/share/qemu/firmware/10-other.json", others[i]);
		expect(false, "/fw/B");
	}
	run("mkfifo usr/share/qemu/firmware/05-pipe.json", "");
	expect(false, "/fw/B");
}

static void secure_boot_is_asked_for(void **state)
{
	(void)state;
	put("usr/share/qemu/firmware/10-a.json", PLAIN("A"));
	put("usr/share/qemu/firmware/20-b.json",
	    DESCRIPTOR("flash", "", "B", "\"secure-boot\",\"requires-smm\"", "pc-q35-*"));
	expect(true, NULL);
	put("usr/share/qemu/firmware/30-c.json",
	    DESCRIPTOR("flash", "", "C", "\"secure-boot\",\"requires-smm\",\"enrolled-keys\"",
		       "pc-q35-*"));
	expect(true, "/fw/C");
	expect(false, "/fw/A");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_name_that_fits, setup, teardown),
		cmocka_unit_test_setup_teardown(what_does_not_fit_is_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(secure_boot_is_asked_for, setup, teardown),
	};

	return cmocka_run_group_tests_name("firmware", tests, NULL, NULL);
}
