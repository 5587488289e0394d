// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-said.c - what must be said of machines of others, and what must not
 *
 * tests/sysfs/README has a sentence for each, written before its tree was read by anything here.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/host.h"
#include "launcher/plan/checks/checks.h"
#include "launcher/plan/plan.h"
#include "profiles/profile.h"
#include "tests/sysfs/tree.h"

#define VM "[vm]\nmemory = 1G\nfirmware = bios\n[display]\ntype = none\n"
#define GPU(address) VM "[gpu]\ndevice = " address "\n"
#define PCI(address) VM "[pci]\ndevice = " address "\n"

struct machine {
	const char *tree, *profile;
	const char *devices;  /* what the guest gets: "0000:01:00.0 0000:01:00.1"; NULL: it is refused */
	const char *said;     /* a part of a sentence or a remedy; NULL: nothing in particular */
	const char *not_said; /* likewise, in no result; NULL */
};

static const struct machine machines[] = {
	{ "threadripper", GPU("0000:41:00.0"), "0000:41:00.0 0000:41:00.1", NULL, "group 30 also holds" },
	{ "threadripper", GPU("0000:21:00.0"), NULL, "make another card the primary one", NULL },
	{ "laptop-apu", GPU("0000:04:00.0"), NULL, "group 5 also holds 0000:04:00.2", "another slot" },
	{ "laptop-apu", GPU("0000:04:00.0"), NULL, "it is the only display of this host", "another card" },
	{ "laptop-3d", GPU("0000:01:00.0"), "0000:01:00.0 0000:01:00.1", "Looking Glass", NULL },
	{ "desktop-x3d", GPU("0000:11:00.0"), "0000:11:00.0 0000:11:00.1", NULL, "0000:11:00.6" },
	{ "gb10", GPU("000f:01:00.0"), NULL, "ARM", "IOMMU" },
	{ "server-hgx", GPU("0000:9a:00.0"), "0000:9a:00.0", "has no outputs of its own", "make another card" },
	{ "server-hgx", PCI("0000:05:00.0"), NULL, "group 114 also holds 0000:06:00.0", "unbind" },
	{ "server-hgx", PCI("0000:05:00.0") "group = all\n",
	  "0000:05:00.0 0000:06:00.0 0000:07:00.0 0000:08:00.0", NULL, NULL },
	{ "thunderbolt", GPU("0000:30:00.0"), "0000:30:00.0 0000:30:00.1", "leave the cable in", NULL },
};

static bool has(const struct check_results *results, const char *text)
{
	for (size_t i = 0; i < results->count; i++)
		if (strstr(results->item[i].detail, text) ||
		    (results->item[i].remedy && strstr(results->item[i].remedy, text)))
			return true;
	return false;
}

/* Only what a plan needs: a captured tree has no processes and no /run. */
static void refused_or_given(const struct machine *m, struct checks_request request)
{
	struct check_results results = { 0 };
	char devices[256] = "";

	request.scope = CHECKS_PLAN;
	assert_int_equal(checks_run(&request, &results), 0);
	for (size_t i = 0; i < request.plan->device_count; i++)
		if (request.plan->device[i].assigned)
			(void)snprintf(devices + strlen(devices), sizeof(devices) - strlen(devices),
				       "%s%s", *devices ? " " : "",
				       request.plan->device[i].host->name);
	if (m->devices)
		assert_string_equal(devices, m->devices);
	if (m->devices && checks_failed(&results))
		fail_msg("%s: it is refused", m->tree);
	check_results_fini(&results);
}

static void what_must_be_said(void **state)
{
	const struct machine *m = *state;
	struct checks_request request = { .scope = CHECKS_REPORT };
	struct profile_errors errors = { 0 };
	struct check_results results = { 0 };
	struct profile *profile = NULL;
	struct plan *plan = NULL;
	char root[64];

	tree_make(m->tree, root);
	assert_int_equal(profile_parse(m->profile, strlen(m->profile), "win10", &profile, &errors), 0);
	assert_int_equal(host_open(root, &request.host), 0);
	assert_int_equal(plan_select(profile, request.host, NULL, &plan), 0);
	request.plan = plan;
	request.profile = profile;
	refused_or_given(m, request);
	assert_int_equal(checks_run(&request, &results), 0);
	for (size_t i = 0; i < results.count; i++)
		if (results.item[i].state != CHECK_SKIPPED)
			print_message("%s: %s [%s]\n", results.item[i].check, results.item[i].detail,
				      results.item[i].remedy ? results.item[i].remedy : "");
	if (!m->devices)
		assert_true(checks_failed(&results));
	if (m->said && !has(&results, m->said))
		fail_msg("%s: it is not said: %s", m->tree, m->said);
	if (m->not_said && has(&results, m->not_said))
		fail_msg("%s: it is said: %s", m->tree, m->not_said);
	check_results_fini(&results);
	profile_errors_fini(&errors);
	plan_free(plan);
	host_close(request.host);
	profile_free(profile);
	tree_remove(root);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(machines)];
	char name[ARRAY_SIZE(machines)][64];

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		(void)snprintf(name[i], sizeof(name[i]), "%zu: %s", i, machines[i].tree);
		tests[i] = (struct CMUnitTest){ .name = name[i],
						.test_func = what_must_be_said,
						.initial_state = (void *)(uintptr_t)&machines[i] };
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
