// SPDX-License-Identifier: GPL-2.0-or-later
/* test-at-boot.c - `detach --at-boot` on each kind of system: the files, and nothing left of them
 */
/* links: launcher/setup/at-boot.c launcher/setup/plan.c launcher/setup/loaders.c
 * launcher/setup/packages.c launcher/setup/edit.c launcher/setup/hash.c launcher/host/small-file.c
 * launcher/base/sysfs.c launcher/base/pci-address.c */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/at-boot.h"
#include "launcher/setup/setup.h"

#define CARD "at-boot=0000:01:00.0=10de:2486"
#define SOUND "at-boot=0000:01:00.1=10de:228b"

static char top[] = "/tmp/test-at-boot.XXXXXX";

static int shell(const char *format, ...) printf_like(1, 2);

static int shell(const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return system(line); /* NOLINT(cert-env33-c): paths of the test's own */
}

/* A tree of that system, as far as setup looks at it, with the folders that every one of its kind
 * has. */
static int make_tree(const char *system_name)
{
	int root;

	assert_int_equal(
		shell("rm -rf %s/tree && tests/systems/make-system tests/systems/%s.txt %s/tree && "
		      "chmod -R go-w %s/tree",
		      top, system_name, top, top),
		0);
	if (strcmp(system_name, "alpine") != 0)
		assert_int_equal(shell("umask 022; mkdir -p %s/tree/etc/udev/rules.d", top), 0);
	if (!shell("test -e %s/tree/usr/bin/dracut", top))
		assert_int_equal(shell("umask 022; mkdir -p %s/tree/etc/dracut.conf.d", top), 0);
	if (!shell("test -e %s/tree/usr/bin/mkinitcpio", top))
		assert_int_equal(shell("umask 022; mkdir -p %s/tree/etc/mkinitcpio.conf.d; touch "
				       "%s/tree/etc/mkinitcpio.conf",
				       top, top),
				 0);
	root = openat(AT_FDCWD, top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	assert_int_equal(close(root), 0);
	assert_int_equal(
		shell("cd %s/tree && find . -printf '%%p %%M %%l\\n' | sort >../before", top), 0);
	return 0;
}

static void plan_of(const char *const *words, size_t count, struct setup_need *need,
		    struct setup_plan *plan)
{
	char path[64];
	int root;

	(void)snprintf(path, sizeof(path), "%s/tree", top);
	root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	for (size_t i = 0; i < count; i++)
		assert_true(setup_need_parse(words[i], &need[i]));
	assert_int_equal(setup_plan_make(root, need, count, plan), 0);
	(void)close(root);
}

/* As the command has it done. Return: the program's status */
static int apply(const char *const *words, size_t count)
{
	struct setup_need need[SETUP_NEEDS_MAX];
	char digest[HASH_TEXT], all[512] = "";
	struct setup_plan plan;

	plan_of(words, count, need, &plan);
	(void)setup_plan_digest(&plan, digest);
	setup_plan_fini(&plan);
	for (size_t i = 0; i < count; i++) {
		(void)strncat(all, " ", sizeof(all) - strlen(all) - 1);
		(void)strncat(all, words[i], sizeof(all) - strlen(all) - 1);
	}
	return shell("%s/libexec/vfio-run/setup --root %s/tree apply %s%s >%s/said 2>&1",
		     getenv("VFIO_RUN_BUILD") ? getenv("VFIO_RUN_BUILD") : "build", top, digest,
		     all, top);
}

static bool has(const char *file, const char *text)
{
	return !shell("grep -qF -- '%s' %s/tree/%s 2>/dev/null", text, top, file);
}

static bool as_before(void)
{
	return !shell(
		"cd %s/tree && find . ! -path './var/lib/vfio-run*' ! -name tools.log -printf '%%p %%M %%l\\n' "
		"| sort | diff ../before - >&2",
		top);
}

/* What a system needs beside the rules, and the command that makes its image again. */
static const struct {
	const char *name, *file, *line, *command;
} systems[] = {
	{ "debian-grub", NULL, NULL, "usr/sbin/update-initramfs -u -k all" },
	{ "fedora", "etc/dracut.conf.d/90-vfio-run.conf",
	  "install_items+=\" /etc/udev/rules.d/10-vfio-run.rules \"",
	  "usr/bin/dracut --force --regenerate-all" },
	{ "arch-grub", "etc/mkinitcpio.conf.d/vfio-run.conf",
	  "FILES+=(/etc/udev/rules.d/10-vfio-run.rules)", "usr/bin/mkinitcpio -P" },
	{ "silverblue", NULL, NULL,
	  "usr/bin/rpm-ostree initramfs-etc --force-sync --track=/etc/udev/rules.d/10-vfio-run.rules" },
};

static void each_system_and_back(void **state)
{
	static const char *const both[] = { CARD, SOUND }, *const none[] = { "no-at-boot=all" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(systems); i++) {
		print_message("%s\n", systems[i].name);
		make_tree(systems[i].name);
		assert_int_equal(apply(both, 2), 0);
		assert_true(has(AT_BOOT_RULES, "ATTR{[pci/0000:01:00.0]device}==\"0x2486\""));
		assert_true(has(AT_BOOT_RULES, "ATTR{[pci/0000:01:00.1]device}==\"0x228b\""));
		assert_true(!systems[i].file || has(systems[i].file, systems[i].line));
		assert_true(has("tools.log", systems[i].command));
		assert_int_equal(apply(none, 1), 0);
		assert_true(as_before());
		assert_int_equal(apply(both, 2), 0);
		assert_false(as_before());
		assert_int_equal(
			shell("%s/libexec/vfio-run/setup --root %s/tree undo >/dev/null 2>&1",
			      getenv("VFIO_RUN_BUILD") ? getenv("VFIO_RUN_BUILD") : "build", top),
			0);
		assert_true(as_before());
	}
}

/* Another card in its place gets the rules of its ids; one function can go, the other stays. */
static void rules_are_one_a_device(void **state)
{
	static const char *const both[] = { CARD, SOUND },
				 *const other[] = { "at-boot=0000:01:00.0=1002:731f" },
				 *const one[] = { "no-at-boot=0000:01:00.1" };

	(void)state;
	make_tree("debian-grub");
	assert_int_equal(apply(both, 2), 0);
	assert_int_equal(apply(other, 1), 0);
	assert_false(has(AT_BOOT_RULES, "0x2486"));
	assert_true(has(AT_BOOT_RULES, "0x731f"));
	assert_int_equal(apply(one, 1), 0);
	assert_false(has(AT_BOOT_RULES, "0000:01:00.1"));
	assert_true(has(AT_BOOT_RULES, "0x731f"));
	assert_int_equal(shell("test $(grep -c ^ACTION %s/tree/" AT_BOOT_RULES ") = 2", top), 0);
}

static void what_cannot_be_written_is_left(void **state)
{
	static const char *const names[] = { "nixos", "alpine" }, *const card[] = { CARD };
	struct setup_need need[1];
	struct setup_plan plan;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		make_tree(names[i]);
		plan_of(card, 1, need, &plan);
		assert_int_equal(plan.step_count, 0);
		assert_int_equal(plan.answer[0].state, SETUP_BY_HAND);
		assert_non_null(
			strstr(plan.answer[0].text, i ? "no udev" : "services.udev.extraRules"));
		setup_plan_fini(&plan);
	}
}

/* Neither is there anything to be done where no rules can be. */
static void nothing_to_take_away_is_nothing_to_do(void **state)
{
	static const char *const names[] = { "nixos", "alpine" }, *const none[] = {
		"no-at-boot=all"
	};
	struct setup_need need[1];
	struct setup_plan plan;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		make_tree(names[i]);
		plan_of(none, 1, need, &plan);
		assert_int_equal(plan.step_count, 0);
		assert_int_equal(plan.answer[0].state, SETUP_REBOOT);
		setup_plan_fini(&plan);
	}
}

#define TOOL "usr/sbin/update-initramfs"

/* The tool that makes the image fails or works; what it was told before is forgotten. */
static void let_tool(bool work)
{
	assert_int_equal(
		shell("cd %s/tree && rm -f tools.log && if [ %d = 1 ]; then mv -f ../tool " TOOL
		      "; else cp -p " TOOL " ../tool && printf '#!/bin/sh\\nexit 1\\n' >" TOOL
		      "; fi",
		      top, work),
		0);
}

/* The files are written by then: the same command has to get at the image nevertheless. */
static void a_failed_image_is_made_again(void **state)
{
	static const char *const card[] = { CARD }, *const none[] = { "no-at-boot=all" },
				 *const one[] = { "no-at-boot=0000:01:00.0" };
	const char *const *words[] = { card, none, card, one };

	(void)state;
	make_tree("debian-grub");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		let_tool(false);
		assert_int_not_equal(apply(words[i], 1), 0);
		assert_int_equal(shell("grep -q '%s --at-boot. tries again' %s/said",
				       i % 2 ? "attach" : "detach", top),
				 0);
		let_tool(true);
		assert_int_equal(apply(words[i], 1), 0);
		assert_true(has("tools.log", TOOL " -u -k all"));
		assert_int_equal(has(AT_BOOT_RULES, "0000:01:00.0"), !(i % 2));
	}
}

/* The image follows the file, whichever of the two commands was the last. */
static void tracked_while_there_are_rules(void **state)
{
	static const char *const both[] = { CARD, SOUND },
				 *const one[] = { "no-at-boot=0000:01:00.1" },
				 *const other[] = { "no-at-boot=0000:01:00.0" };

	(void)state;
	make_tree("silverblue");
	assert_int_equal(apply(both, 2), 0);
	assert_int_equal(shell("rm %s/tree/tools.log", top), 0);
	assert_int_equal(apply(one, 1), 0);
	assert_true(has("tools.log", "initramfs-etc --force-sync --track=/" AT_BOOT_RULES));
	assert_false(has("tools.log", "--untrack"));
	assert_int_equal(apply(other, 1), 0);
	assert_true(has("tools.log", "initramfs-etc --force-sync --untrack=/" AT_BOOT_RULES));
}

/* Others can have written into the file that makes the image take the rules along. */
static void what_others_have_written_stays(void **state)
{
	static const char *const card[] = { CARD }, *const none[] = { "no-at-boot=all" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(systems); i++) {
		const char *file = systems[i].file;

		if (!file)
			continue;
		make_tree(systems[i].name);
		assert_int_equal(shell("printf 'before=1' >%s/tree/%s", top, file), 0);
		assert_int_equal(apply(card, 1), 0);
		assert_int_equal(shell("grep -qxF 'before=1' %s/tree/%s", top, file), 0);
		assert_int_equal(shell("grep -qxF '%s' %s/tree/%s", systems[i].line, top, file), 0);
		assert_int_equal(shell("echo after=1 >>%s/tree/%s", top, file), 0);
		assert_int_equal(apply(none, 1), 0);
		assert_int_equal(
			shell("printf 'before=1\\nafter=1\\n' | cmp - %s/tree/%s", top, file), 0);
		make_tree(systems[i].name);
		assert_int_equal(apply(card, 1), 0);
		assert_int_equal(shell("echo after=1 >>%s/tree/%s", top, file), 0);
		assert_int_equal(apply(none, 1), 0);
		assert_int_equal(shell("echo after=1 | cmp - %s/tree/%s", top, file), 0);
	}
}

/* Rules that the image would not have are not written at all. */
static void a_link_is_left_to_its_owner(void **state)
{
	static const char *const card[] = { CARD };
	struct setup_need need[1];
	struct setup_plan plan;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(systems); i++) {
		if (!systems[i].file)
			continue;
		make_tree(systems[i].name);
		assert_int_equal(shell("ln -s /nowhere %s/tree/%s", top, systems[i].file), 0);
		plan_of(card, 1, need, &plan);
		assert_int_equal(plan.step_count, 0);
		assert_int_equal(plan.answer[0].state, SETUP_BY_HAND);
		assert_non_null(strstr(plan.answer[0].text, systems[i].file));
		setup_plan_fini(&plan);
	}
}

/* Behind VMD an address is that of another device with a digit more. */
static void an_address_is_no_other_ones_end(void **state)
{
	static const char *const behind[] = { "at-boot=10000:e1:00.0=8086:0a54" },
				 *const other[] = { "at-boot=0000:e1:00.0=10de:2486" },
				 *const none[] = { "no-at-boot=0000:e1:00.0" };

	(void)state;
	make_tree("debian-grub");
	assert_int_equal(apply(behind, 1), 0);
	assert_int_equal(apply(none, 1), 0);
	assert_true(has(AT_BOOT_RULES, "10000:e1:00.0"));
	assert_int_equal(apply(other, 1), 0);
	assert_true(has(AT_BOOT_RULES, "10000:e1:00.0"));
	assert_int_equal(apply(none, 1), 0);
	assert_true(has(AT_BOOT_RULES, "10000:e1:00.0"));
	assert_false(has(AT_BOOT_RULES, "/0000:e1:00.0"));
}

/* They cross into a program of root's: one form each, and no other. */
static void words_are_closed(void **state)
{
	static const char *const bad[] = {
		"at-boot=01:00.0=10de:2486",
		"at-boot=0000:01:00.0",
		"at-boot=0000:01:00.0=10DE:2486",
		"at-boot=0000:01:00.0=10de:2486 ",
		"at-boot=0000:01:00.0=10de:24861",
		"at-boot=0000:01:00.8=10de:2486",
		"at-boot=all",
		"no-at-boot=0000:01:00.0=10de:2486",
		"no-at-boot=01:00.0",
		"no-at-boot=",
		"at-boot=0000:01:00.0\"=10de:2486",
		"at-boot=0000:01:00.0=-0de:2486",
	};
	struct setup_need need;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(setup_need_parse(bad[i], &need));
	assert_true(setup_need_parse(CARD, &need));
	assert_true(setup_need_parse("no-at-boot=0000:01:00.0", &need));
}

static int begin(void **state)
{
	(void)state;
	return mkdtemp(top) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return shell("rm -rf %s", top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_closed),
		cmocka_unit_test(each_system_and_back),
		cmocka_unit_test(rules_are_one_a_device),
		cmocka_unit_test(what_cannot_be_written_is_left),
		cmocka_unit_test(nothing_to_take_away_is_nothing_to_do),
		cmocka_unit_test(a_failed_image_is_made_again),
		cmocka_unit_test(tracked_while_there_are_rules),
		cmocka_unit_test(what_others_have_written_stays),
		cmocka_unit_test(a_link_is_left_to_its_owner),
		cmocka_unit_test(an_address_is_no_other_ones_end),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
