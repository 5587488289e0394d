/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-profile-option.c - `-o SECTION.KEY=VALUE`: what it replaces, what it adds, what is wrong
 * with it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/profile.h"

static const char file[] = "[vm]\nmemory = 4G\nfirmware = bios\nsandbox = log\n"
			   "smbios-string = type=1,serial=1\n"
			   "[disk]\npath = /a.raw\n[disk]\npath = /b.raw\nreadonly = yes\n"
			   "[gpu]\ndevice = 01:00.0\nrom = off\n";

/* Return: the profile, or NULL with the errors as text in *@shown. */
static struct profile *with(const char *const *option, size_t count, char **shown)
{
	struct profile_errors errors = { 0 };
	struct profile *p = NULL;
	int rc = profile_read_with(file, strlen(file), "test", option, count, &p, &errors);

	*shown = profile_errors_render(&errors, "FILE", file, strlen(file), false);
	assert_non_null(*shown);
	assert_int_equal(rc != 0, errors.count != 0);
	profile_errors_fini(&errors);
	if (rc) {
		profile_free(p);
		return NULL;
	}
	return p;
}

static struct profile *good(const char *const *option, size_t count)
{
	char *shown;
	struct profile *p = with(option, count, &shown);

	if (!p)
		fail_msg("%s", shown);
	free(shown);
	return p;
}
#define GOOD(...)                             \
	good((const char *[]){ __VA_ARGS__ }, \
	     sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *))

static void a_key_is_replaced(void **state)
{
	struct profile *p = GOOD("vm.memory=8G", "vm.memory = 16G", "gpu.rom=/r.rom",
				 "vm.accel=tcg", "disk[2].readonly=no", "disk[1].serial=AB.c");

	(void)state;
	assert_int_equal(p->memory_bytes, (uint64_t)16 << 30);
	assert_string_equal(p->memory_pos.option, "vm.memory = 16G");
	assert_int_equal(p->memory_pos.column, 13);
	assert_false(p->device[0].rom_off);
	assert_string_equal(p->device[0].rom, "/r.rom");
	assert_int_equal(p->accel, PROFILE_ACCEL_TCG);
	assert_false(p->disk[1].readonly);
	assert_string_equal(p->disk[0].serial, "AB.c");
	assert_null(p->user_pos.option);
	assert_null(p->sandbox_pos.option);
	assert_int_equal(p->sandbox_pos.line, 4);
	profile_free(p);
}

static void what_can_be_repeated_is_added(void **state)
{
	struct profile *p = GOOD("vm.smbios-string=type=1,serial=2", "qemu.argument=-device",
				 "qemu.argument=", "display.type=none");

	(void)state;
	assert_int_equal(p->smbios_string.count, 2);
	assert_string_equal(p->smbios_string.item[1].text, "type=1,serial=2");
	assert_int_equal(p->qemu_argument.count, 2);
	assert_string_equal(p->qemu_argument.item[1].text, "");
	assert_int_equal(p->display, PROFILE_DISPLAY_NONE);
	profile_free(p);
}

/* What only root's profile may say is judged by where it stands: a hook of the file does not hide
 * one. */
static void where_it_stands_is_known(void **state)
{
	struct profile *p = GOOD("vm.sandbox=off", "vm.qemu=/x/qemu", "vm.user=alice");
	char place[64];

	(void)state;
	assert_string_equal(p->sandbox_pos.option, "vm.sandbox=off");
	assert_string_equal(p->qemu_pos.option, "vm.qemu=/x/qemu");
	assert_string_equal(profile_place("FILE", &p->user_pos, place, sizeof(place)),
			    "-o vm.user=alice");
	assert_string_equal(profile_place("FILE", &p->memory_pos, place, sizeof(place)),
			    "FILE:2:10");
	assert_string_equal(profile_place("FILE", &p->memory_pos, place, 5), "FILE");
	profile_free(p);
}

/* A hook that root's file has does not make one of the command line root's. */
static void a_hook_of_the_file_hides_none(void **state)
{
	static const char hooks[] = "[vm]\nmemory = 4G\n[hooks]\nprepare = /root/prepare\n";
	static const char *const option[] = { "hooks.started=/home/started" };
	struct profile_errors errors = { 0 };
	struct profile *p = NULL;

	(void)state;
	assert_true(profile_read_with(hooks, strlen(hooks), "test", option, 1, &p, &errors) <= 0);
	assert_non_null(p);
	assert_string_equal(p->hook_started_pos.option, option[0]);
	profile_errors_fini(&errors);
	profile_free(p);
}

static void wrong_ones_are_named(void **state)
{
	static const struct {
		const char *option, *shown;
	} rows[] = {
		{ "memory=8G",
		  "-o memory=8G: error: expected SECTION.KEY=VALUE\n  memory=8G\n  ^\n" },
		{ "vm.memory", "expected SECTION.KEY=VALUE" },
		{ "", "expected SECTION.KEY=VALUE" },
		{ ".=", "expected SECTION.KEY=VALUE" },
		{ "disk[x].readonly=yes", "expected SECTION.KEY=VALUE" },
		{ "disk[0].readonly=yes", "expected SECTION.KEY=VALUE" },
		{ "disk[2.readonly=yes", "expected SECTION.KEY=VALUE" },
		{ "vm.memory=\033[31m",
		  "-o vm.memory=\\x1b[31m: error: expected SECTION.KEY=VALUE" },
		{ "vm.memory=8",
		  "-o vm.memory=8: error: \"memory\": expected a size with K, M, G or T" },
		{ "vm.memory=8", "\n  vm.memory=8\n             ^\n" },
		{ "vm.memroy=8G", "unknown key \"memroy\" in [vm]" },
		{ "vm.memroy=8G", "did you mean \"memory\"?" },
		{ "dsik.path=/x.raw", "unknown section \"dsik\"" },
		{ "disk.readonly=yes", "which [disk]? The profile has 2" },
		{ "disk.readonly=yes", "disk[1].readonly to disk[2].readonly" },
		{ "disk[3].readonly=yes", "there is no [disk] number 3: the profile has 2" },
		{ "net[2].mode=user", "there is no [net] number 2: the profile has 0" },
		{ "vm.cpus=0", "-o vm.cpus=0: error: \"cpus\"" },
		{ "vm.threads=3", "-o vm.threads=3: error: \"threads\": expected a divisor" },
		{ "vm.user=root",
		  "-o vm.user=root: error: \"user\": expected an unprivileged user" },
		{ "vm.hyperv=yes", NULL },
		{ "qemu.argument=-monitor",
		  "-o qemu.argument=-monitor: error: \"argument\": \"-monitor\" is refused" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *option[] = { rows[i].option };
		char *shown;
		struct profile *p = with(option, 1, &shown);

		assert_int_equal(p != NULL, rows[i].shown == NULL);
		if (rows[i].shown && !strstr(shown, rows[i].shown))
			fail_msg("%s: %s", rows[i].option, shown);
		free(shown);
		profile_free(p);
	}
}

/* All that is wrong comes in one go, the file's first. */
static void errors_come_in_order(void **state)
{
	static const char *const option[] = { "vm.cpus=0", "vm.memory=8" };
	char *shown;

	(void)state;
	assert_null(with(option, 2, &shown));
	assert_true(strstr(shown, "-o vm.cpus=0") && strstr(shown, "-o vm.memory=8"));
	assert_true(strstr(shown, "-o vm.cpus=0") < strstr(shown, "-o vm.memory=8"));
	free(shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_replaced),
		cmocka_unit_test(what_can_be_repeated_is_added),
		cmocka_unit_test(where_it_stands_is_known),
		cmocka_unit_test(a_hook_of_the_file_hides_none),
		cmocka_unit_test(wrong_ones_are_named),
		cmocka_unit_test(errors_come_in_order),
	};

	return cmocka_run_group_tests_name("profile-option", tests, NULL, NULL);
}
