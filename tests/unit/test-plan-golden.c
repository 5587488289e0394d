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
#include "launcher/plan/checks/checks.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/print/print.h"
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

static char *render_refusals(const struct check_results *results)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	(void)fputs("Refused:\n", f);
	for (size_t i = 0; i < results->count; i++)
		if (results->item[i].state == CHECK_FAILED)
			(void)fprintf(f, "  %s\n    -> %s\n", results->item[i].detail,
				      results->item[i].remedy);
	(void)fclose(f);
	return text;
}

static bool is_said(const struct check_results *results, const struct check_result *what)
{
	for (size_t i = 0; i < results->count; i++) {
		const struct check_result *r = &results->item[i];

		if (r->state == what->state && !strcmp(r->check, what->check) &&
		    !strcmp(r->detail, what->detail) && !strcmp(r->remedy, what->remedy))
			return true;
	}
	return false;
}

/* What --dry-run refuses, a run and `check` refuse in the same words. */
static void all_say_the_same(struct checks_request request, const struct check_results *shown)
{
	static const enum checks_scope scopes[] = { CHECKS_START, CHECKS_REPORT };

	for (size_t i = 0; i < ARRAY_SIZE(scopes); i++) {
		struct check_results results = { 0 };

		request.scope = scopes[i];
		assert_int_equal(checks_run(&request, &results), 0);
		for (size_t k = 0; k < shown->count; k++)
			if (shown->item[k].state == CHECK_FAILED)
				assert_true(is_said(&results, &shown->item[k]));
		check_results_fini(&results);
	}
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
	struct checks_request request = {
		.scope = CHECKS_PLAN, .host = host, .profile = profile, .facts = &facts
	};
	struct check_results results = { 0 };
	cleanup_free char *text = NULL;
	cleanup_free char *json = NULL;
	struct plan *plan = NULL;

	if (profile->firmware != PROFILE_FIRMWARE_BIOS) {
		facts.firmware_code = "/usr/share/OVMF/OVMF_CODE_4M.fd";
		facts.firmware_format = "raw";
		facts.nvram_template = "/usr/share/OVMF/OVMF_VARS_4M.fd";
		facts.nvram = "/home/alice/.local/state/vfio-run/vm/VARS.fd";
	}
	if (profile->has_tpm) {
		facts.swtpm = "/usr/bin/swtpm";
		facts.tpm_device = "tpm-crb";
	}
	facts.vendor_reset = strstr(name, "vendor-reset");
	if (profile->share_count)
		facts.virtiofsd = "/usr/libexec/virtiofsd";
	assert_int_equal(plan_select(profile, host, &facts, &plan), 0);
	request.plan = plan;
	assert_int_equal(checks_run(&request, &results), 0);
	all_say_the_same(request, &results);
	if (checks_failed(&results)) {
		text = render_refusals(&results);
	} else {
		assert_int_equal(plan_complete(plan, profile, host, &facts), 0);
		assert_int_equal(plan_text(plan, host, &text), 0);
		assert_int_equal(plan_json(plan, "vm.profile", &json), 0);
	}
	compare(name, "txt", text);
	compare(name, "json", json ? json : "");
	plan_free(plan);
	check_results_fini(&results);
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
