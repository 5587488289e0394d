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

#include "launcher/host/qemu/firmware.h"

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
static void expect(enum firmware_want want, const char *code)
{
	struct firmware f;
	int r = firmware_find(root_fd, want, &f);

	if (!code) {
		assert_int_equal(r, -ENOENT);
		assert_null(f.code);
		firmware_fini(&f);
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
	expect(FIRMWARE_PLAIN, NULL);
	put("usr/share/qemu/firmware/60-b.json", PLAIN("B"));
	expect(FIRMWARE_PLAIN, "/fw/B");
	put("usr/share/qemu/firmware/50-a.json", PLAIN("A"));
	expect(FIRMWARE_PLAIN, "/fw/A");
	put("etc/qemu/firmware/55-c.json", PLAIN("C"));
	expect(FIRMWARE_PLAIN, "/fw/A");
	put("etc/qemu/firmware/50-a.json", PLAIN("C"));
	expect(FIRMWARE_PLAIN, "/fw/C");
	put("etc/qemu/firmware/50-a.json", ""); /* hides the one in /usr/share */
	put("etc/qemu/firmware/55-c.json", "");
	expect(FIRMWARE_PLAIN, "/fw/B");
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
		expect(FIRMWARE_PLAIN, "/fw/B");
	}
	run("mkfifo usr/share/qemu/firmware/05-pipe.json", "");
	expect(FIRMWARE_PLAIN, "/fw/B");
}

static void secure_boot_is_asked_for(void **state)
{
	(void)state;
	put("usr/share/qemu/firmware/10-a.json", PLAIN("A"));
	put("usr/share/qemu/firmware/20-b.json",
	    DESCRIPTOR("flash", "", "B", "\"secure-boot\",\"requires-smm\"", "pc-q35-*"));
	expect(FIRMWARE_SECURE, "/fw/B"); /* better than none, and it is said */
	put("usr/share/qemu/firmware/30-c.json",
	    DESCRIPTOR("flash", "", "C", "\"secure-boot\",\"requires-smm\",\"enrolled-keys\"",
		       "pc-q35-*"));
	expect(FIRMWARE_SECURE, "/fw/C");
	expect(FIRMWARE_PLAIN, "/fw/A");
}

/* The flag by which people are told that Secure Boot is off. */
static void keys_are_said_to_be_missing(void **state)
{
	struct firmware f;

	(void)state;
	put("usr/share/qemu/firmware/20-b.json",
	    DESCRIPTOR("flash", "", "B", "\"secure-boot\",\"requires-smm\"", "pc-q35-*"));
	assert_int_equal(firmware_find(root_fd, FIRMWARE_SECURE, &f), 0);
	assert_true(f.no_keys);
	firmware_fini(&f);
	put("usr/share/qemu/firmware/30-c.json",
	    DESCRIPTOR("flash", "", "C", "\"secure-boot\",\"requires-smm\",\"enrolled-keys\"",
		       "pc-q35-*"));
	assert_int_equal(firmware_find(root_fd, FIRMWARE_SECURE, &f), 0);
	assert_false(f.no_keys);
	assert_null(f.passed);
	firmware_fini(&f);
}

/* What is passed over is named, with the reason. */
static void passed_over_in_words(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "{\"interface-types\":[\"uefi\"],\"mapping\":{\"device\":\"memory\",\"filename\":\"/fw/A\","
		  "\"uefi-vars\":{\"template\":\"/fw/VARS.json\"}},\"targets\":[{\"architecture\":\"x86_64\","
		  "\"machines\":[\"pc-q35-*\"]}],\"features\":[]}", "uefi-vars" },
		{ DESCRIPTOR("memory", "", "A", "\"host-uefi-vars\"", "pc-q35-*"), "uefi-vars" },
		{ DESCRIPTOR("memory", "", "A", "", "pc-q35-*"), "not made for flash" },
		{ DESCRIPTOR("flash", "\"mode\":\"combined\",", "A", "", "pc-q35-*"), "in one file" },
		{ DESCRIPTOR("flash", "\"mode\":\"stateless\",", "A", "", "pc-q35-*"), "no variables" },
		{ DESCRIPTOR("flash", "", "missing", "", "pc-q35-*"), "not there" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct firmware f;

		put("usr/share/qemu/firmware/10-a.json", rows[i].text);
		put("usr/share/qemu/firmware/20-b.json", "");
		assert_int_equal(firmware_find(root_fd, FIRMWARE_PLAIN, &f), -ENOENT);
		assert_string_equal(f.passed, "/usr/share/qemu/firmware/10-a.json");
		assert_non_null(strstr(f.why, rows[i].why));
		firmware_fini(&f);
		put("usr/share/qemu/firmware/20-b.json", PLAIN("B"));
		assert_int_equal(firmware_find(root_fd, FIRMWARE_PLAIN, &f), 0);
		assert_string_equal(f.code, "/fw/B");
		assert_string_equal(f.passed, "/usr/share/qemu/firmware/10-a.json");
		firmware_fini(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_name_that_fits, setup, teardown),
		cmocka_unit_test_setup_teardown(what_does_not_fit_is_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(secure_boot_is_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_are_said_to_be_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(passed_over_in_words, setup, teardown),
	};

	return cmocka_run_group_tests_name("firmware", tests, NULL, NULL);
}
