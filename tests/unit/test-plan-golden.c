// SPDX-License-Identifier: GPL-2.0-or-later
/* test-plan-golden.c - machine and profile to the words and the JSON of --dry-run, or to the
 * refusals */
/*
 * tests/golden/plan/NAME.profile names its machine in the first line ("# tree: lab-dgpu"),
 * NAME.txt and NAME.json are what must come out. UPDATE_GOLDEN=1 writes them anew.
 */
#include <dirent.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/host.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/print.h"
#include "profiles/profile.h"
#include "tests/sysfs/tree.h"

#define GOLDEN "tests/golden/plan"

static char *read_file(const char *path)
{
	cleanup_fclose FILE *f = fopen(path, "re");
	char *text = calloc(1, 65536);

	assert_non_null(text);
	if (f)
		assert_true(fread(text, 1, 65535, f) < 65535);
	return text;
}

static void write_file(const char *path, const char *text)
{
	cleanup_fclose FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
}

static void compare(const char *name, const char *ending, const char *text)
{
	cleanup_free char *expected = NULL;
	char path[256];

	(void)snprintf(path, sizeof(path), GOLDEN "/%s.%s", name, ending);
	if (getenv("UPDATE_GOLDEN")) {
		if (*text)
			write_file(path, text);
		else
			(void)unlink(path);
		return;
	}
	expected = read_file(path);
	assert_string_equal(text, expected);
}

static char *render_refusals(const struct plan_refusals *refusals)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	(void)fputs("Refused:\n", f);
	for (size_t i = 0; i < refusals->count; i++)
		(void)fprintf(f, "  %s\n    -> %s\n", refusals->item[i].text,
			      refusals->item[i].remedy);
	(void)fclose(f);
	return text;
}

static struct profile *parse(const char *name, const char *text)
{
	struct profile_errors errors = { 0 };
	struct profile *profile = NULL;

	if (profile_parse(text, strlen(text), name, &profile, &errors))
		fail_msg("%s: %s", name, errors.count ? errors.item[0].text : "no profile");
	profile_errors_fini(&errors);
	return profile;
}

static void check(const char *name, const struct profile *profile, struct host *host)
{
	struct plan_host_facts facts = {
		.uid = 1000,
		.gid = 1000,
		.user = "alice",
		.home = "/home/alice",
		.qemu = "/usr/bin/qemu-system-x86_64",
	};
	struct plan_refusals refusals = { 0 };
	cleanup_free char *text = NULL;
	cleanup_free char *json = NULL;
	struct plan *plan = NULL;
	int r;

	if (profile->firmware != PROFILE_FIRMWARE_BIOS) {
		facts.firmware_code = "/usr/share/OVMF/OVMF_CODE_4M.fd";
		facts.firmware_format = "raw";
		facts.nvram_template = "/usr/share/OVMF/OVMF_VARS_4M.fd";
		facts.nvram = "/home/alice/.local/state/vfio-run/vm/VARS.fd";
	}
	r = plan_make(profile, host, &facts, &plan, &refusals);
	assert_int_equal(r, refusals.count ? -EINVAL : 0);
	if (r) {
		text = render_refusals(&refusals);
	} else {
		assert_int_equal(plan_text(plan, host, &text), 0);
		assert_int_equal(plan_json(plan, "vm.profile", &json), 0);
	}
	compare(name, "txt", text);
	compare(name, "json", json ? json : "");
	plan_free(plan);
	plan_refusals_fini(&refusals);
}

/* The machine of the last test, which the next one often has too. */
static char tree[64], root[64];

static int drop_tree(void **state)
{
	(void)state;
	if (*tree)
		tree_remove(root);
	*tree = '\0';
	return 0;
}

static void use_tree(const char *name)
{
	if (!strcmp(tree, name))
		return;
	(void)drop_tree(NULL);
	tree_make(name, root);
	(void)snprintf(tree, sizeof(tree), "%s", name);
}

static void golden(void **state)
{
	const char *name = *state;
	cleanup_free char *text = NULL;
	struct profile *profile;
	char path[256], machine[64];
	struct host *host;

	(void)snprintf(path, sizeof(path), GOLDEN "/%s.profile", name);
	text = read_file(path);
	assert_int_equal(sscanf(text, "# tree: %63s", machine), 1);
	use_tree(machine);
	assert_int_equal(host_open(root, &host), 0);
	profile = parse("vm", text);
	check(name, profile, host);
	profile_free(profile);
	host_close(host);
}

int main(void)
{
	struct CMUnitTest tests[64] = { 0 };
	struct dirent **files;
	int n = scandir(GOLDEN, &files, NULL, alphasort), count = 0, r;

	for (int i = 0; i < n; i++) {
		char *dot = strrchr(files[i]->d_name, '.');

		if (fnmatch("*.profile", files[i]->d_name, 0) || count == 64)
			continue;
		*dot = '\0';
		tests[count++] = (struct CMUnitTest){ .name = files[i]->d_name,
						      .test_func = golden,
						      .initial_state = files[i]->d_name };
	}
	if (count < 10)
		return 1; /* run from elsewhere: nothing would be tested */
	r = _cmocka_run_group_tests("plan-golden", tests, (size_t)count, NULL, drop_tree);
	for (int i = 0; i < n; i++)
		free(files[i]);
	free(files);
	return r;
}
