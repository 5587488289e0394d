// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-remedies.c - what a remedy takes for granted is true on the machine for which it is given
 *
 * Every machine of tests/sysfs, and of it every function as a [gpu] where it is a display
 * controller, and as a [pci], with each `group`; and the machine as a whole. Each remedy that comes
 * out must be of a rule below: a new one needs a rule. Where the advice is a change of the section, it
 * is followed, and what it was given for must be gone.
 */
#include <errno.h>
#include <glob.h>
#include <libgen.h>
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
#include "launcher/base/sysfs.h"
#include "launcher/host/devices/card.h"
#include "launcher/host/devices/critical.h"
#include "launcher/host/host.h"
#include "launcher/host/kernel/machine.h"
#include "launcher/plan/checks/checks.h"
#include "profiles/profile.h"
#include "tests/sysfs/tree.h"

#define TREES "tests/sysfs/*.txt"

static const char *const groups[] = { "function", "slot", "all", "hold" };

static char root[64];
static size_t remedies_seen;

/* One remedy, and what it was given for. */
struct advice {
	struct host *host;
	const struct host_device *d; /* of the section; NULL: of the host */
	bool gpu;
	const char *check, *detail, *text;
};

/* ---- asking ----------------------------------------------------------------------------- */

static void ask(struct host *host, const struct host_device *d, bool gpu, const char *group,
		struct check_results *results)
{
	struct checks_request request = { .scope = CHECKS_REPORT, .host = host };
	struct profile_errors errors = { 0 };
	struct profile *profile = NULL;
	struct plan *plan = NULL;
	char text[256];

	if (d) {
		(void)snprintf(text, sizeof(text),
			       "[vm]\nmemory = 1G\nfirmware = bios\n[%s]\ndevice = %s\ngroup = %s\n",
			       gpu ? "gpu" : "pci", d->name, group);
		if (profile_parse(text, strlen(text), "win10", &profile, &errors))
			fail_msg("%s", errors.count ? errors.item[0].text : "no profile");
		profile_errors_fini(&errors);
		assert_int_equal(plan_select(profile, host, NULL, &plan), 0);
	}
	request.plan = plan;
	request.profile = profile;
	assert_int_equal(checks_run(&request, results), 0);
	plan_free(plan);
	profile_free(profile);
}

/* Does this fail still, when the section is another one? */
static bool fails(const struct advice *a, const struct host_device *d, bool gpu, const char *group)
{
	struct check_results results = { 0 };
	bool found = false;

	ask(a->host, d, gpu, group, &results);
	for (size_t i = 0; i < results.count; i++)
		found |= results.item[i].state == CHECK_FAILED &&
			 !strcmp(results.item[i].check, a->check) &&
			 !strcmp(results.item[i].detail, a->detail);
	check_results_fini(&results);
	return found;
}

/* ---- what is true of the machine --------------------------------------------------------- */

static bool exists(const char *path)
{
	char full[512];

	(void)snprintf(full, sizeof(full), "%s/%s", root, path + (*path == '/'));
	return access(full, F_OK) == 0;
}

/* The device that a text names first, behind @word. */
static const struct host_device *named(const struct advice *a, const char *text, const char *word)
{
	const char *at = strstr(text, word);
	const struct host_device *d;
	char address[16];
	struct pci_address parsed;

	if (!at)
		return NULL;
	(void)snprintf(address, sizeof(address), "%.12s", at + strlen(word));
	return pci_address_parse(address, &parsed) && !host_device(a->host, &parsed, &d) ? d : NULL;
}

static bool any(const struct advice *a, bool (*is)(const struct advice *a, const struct host_device *d))
{
	struct host_devices all;
	bool found = false;

	assert_int_equal(host_all(a->host, &all), 0);
	for (size_t i = 0; i < all.count; i++)
		found |= is(a, all.item[i]);
	host_devices_fini(&all);
	return found;
}

static bool is_other(const struct advice *a, const struct host_device *d)
{
	return d != a->d && !host_device_is_bridge(d);
}

static bool is_other_card(const struct advice *a, const struct host_device *d)
{
	return d->class_id >> 8 == 0x0300 && !host_same_card(a->d, d);
}

static bool is_card(const struct advice *a, const struct host_device *d)
{
	(void)a;
	return host_device_is_display(d);
}

static bool is_behind(const struct advice *a, const struct host_device *d)
{
	return !strcmp(d->bridge, a->d->name);
}

static bool holds_always(const struct advice *a)
{
	(void)a;
	return true;
}

static bool holds_never(const struct advice *a)
{
	(void)a;
	return false;
}

static bool has_another(const struct advice *a)
{
	return any(a, is_other);
}

static bool has_another_card(const struct advice *a)
{
	return a->d && any(a, is_other_card);
}

static bool has_a_card(const struct advice *a)
{
	return any(a, is_card);
}

static bool has_something_behind(const struct advice *a)
{
	return a->d && any(a, is_behind);
}

/* What hangs on the root bus, or behind a processor's own port to itself, is soldered. */
static bool can_be_moved(const struct advice *a)
{
	return a->d && *a->d->bridge && !*a->d->controller;
}

static bool all_helps(const struct advice *a)
{
	const struct host_device *member = named(a, a->detail, "also holds ");

	return member && !host_critical(member) && !fails(a, a->d, a->gpu, "all");
}

static bool hold_helps(const struct advice *a)
{
	return !fails(a, a->d, a->gpu, "hold");
}

static bool device_helps(const struct advice *a)
{
	const struct host_device *d = named(a, a->text, "`device = ");

	return d && !fails(a, d, a->gpu, "slot");
}

static bool has_this_device(const struct advice *a)
{
	return named(a, a->text, "`device = ");
}

static bool pci_helps(const struct advice *a)
{
	return a->gpu && !fails(a, a->d, false, "function");
}

static bool is_of_a_desktop(const struct advice *a)
{
	const struct host_device *d = named(a, a->detail, "console: ");

	return d && host_device_is_display(d);
}

static bool is_the_only_card(const struct advice *a)
{
	return !any(a, is_other_card) || !host_device_is_display(a->d);
}

static bool is_behind_controller(const struct advice *a)
{
	return a->d && (*a->d->controller || a->d->address.domain >= 0x10000);
}

/* Nobody is told to take away what a guest has. */
static bool functions_can_go(const struct advice *a)
{
	const struct host_device *d = named(a, a->text, "/sys/bus/pci/devices/");
	struct host_devices all;
	bool free = d && d->sriov_numvfs > 0 && !d->vfio;

	if (!free || host_virtual_functions(a->host, d, &all))
		return false;
	for (size_t i = 0; i < all.count; i++)
		free &= !all.item[i]->vfio;
	host_devices_fini(&all);
	return free;
}

static bool has_functions(const struct advice *a)
{
	const struct host_device *d = named(a, a->detail, "");
	struct host_devices all;
	bool some;

	if (!d || host_virtual_functions(a->host, d, &all))
		return false;
	some = all.count;
	host_devices_fini(&all);
	return some;
}

static bool physical_is_on_vfio(const struct advice *a)
{
	const struct host_device *d = named(a, a->text, "give ");

	return d && d->vfio;
}

/* "`echo ADDRESS >/sys/bus/pci/drivers/NAME/unbind`" */
static bool is_on_that_driver(const struct advice *a)
{
	const struct host_device *d = named(a, a->text, "`echo ");
	const char *at = strstr(a->text, "/drivers/");

	return d && at && *d->driver && !strncmp(at + 9, d->driver, strlen(d->driver)) &&
	       at[9 + strlen(d->driver)] == '/';
}

static bool is_of(const struct advice *a, enum host_cpu cpu)
{
	struct host_machine m;

	/* of a machine that does not say, both are told, each with its maker's name */
	return host_machine(a->host, &m) || m.cpu == cpu ||
	       (m.cpu == HOST_CPU_OTHER && strstr(a->text, "(Intel)"));
}

static bool is_intel(const struct advice *a)
{
	return is_of(a, HOST_CPU_INTEL);
}

static bool is_amd(const struct advice *a)
{
	return is_of(a, HOST_CPU_AMD);
}

static bool is_removable(const struct advice *a)
{
	return a->d && host_is_removable(a->host, a->d);
}

static bool is_foreign(const struct advice *a)
{
	struct host_machine m;

	return !host_machine(a->host, &m) && m.foreign;
}

static bool has_no_iommu(const struct advice *a)
{
	return !host_has_iommu(a->host);
}

static bool has_no_resets(const struct advice *a)
{
	return a->d && !*a->d->reset_methods;
}

static bool is_of_no_class_vga(const struct advice *a)
{
	return a->d && a->d->class_id >> 8 == 0x0302;
}

static bool is_dead(const struct advice *a)
{
	return a->d && a->d->config_dead;
}

static bool is_denied_by_vfio(const struct advice *a)
{
	return a->d && a->d->vendor == 0x8086 && !a->d->vfio;
}

static bool is_booted_with_acs(const struct advice *a)
{
	(void)a;
	return exists("proc/cmdline");
}

/* Nothing was found to run it: what is to be installed is not there. */
static bool is_missing(const struct advice *a)
{
	(void)a;
	return !exists("usr/bin/qemu-system-x86_64");
}

static bool has_no_modules(const struct advice *a)
{
	return !host_module_loaded(a->host, "vfio_pci") || !host_module_loaded(a->host, "vfio_iommu_type1");
}

static bool has_no_kvm(const struct advice *a)
{
	(void)a;
	return !exists("dev/kvm");
}

static bool has_no_run(const struct advice *a)
{
	(void)a;
	return !exists("run");
}

/* clang-format off */
/* What stands in a remedy, and what must be true then; each remedy has one at least. */
static const struct {
	const char *words;
	bool (*holds)(const struct advice *a);
} rules[] = {
	{ "another slot",                        can_be_moved },
	{ "`group = all`",                       all_helps },
	{ "`group = hold`",                      hold_helps },
	{ "make another card the primary",       has_another_card },
	{ "name another device",                 has_another },
	{ "name the device behind it",           has_something_behind },
	{ "name a device of another group",      has_another },
	{ "write `device = ",                    device_helps },
	{ "name it in a [pci] section",          pci_helps },
	{ "end the desktop for it",              is_of_a_desktop },
	{ "end the desktop for it, which",       is_the_only_card },
	{ "take one of the two sections",        holds_never }, /* there is one section */
	{ "a [pci] section with `device = ",     has_this_device },
	{ "give all that is behind it",          has_this_device },
	{ "switch VMD off",                      is_behind_controller },
	{ "sriov_numvfs` as root",               functions_can_go },
	{ "one of the virtual functions",        has_functions },
	{ "give the virtual function",           has_functions },
	{ "back to its host driver",             physical_is_on_vfio },
	{ "/unbind` as root",                    is_on_that_driver },
	{ "intel_iommu=on",                      is_intel },
	{ "intel_iommu=on",                      has_no_iommu },
	{ "VT-d",                                is_intel },
	{ "VT-d",                                has_no_iommu },
	{ "AMD-Vi",                              is_amd },
	{ "IOMMU (AMD",                          is_amd },
	{ "AMD-Vi",                              has_no_iommu },
	{ "`vfio-run list gpu`",                 has_a_card },
	{ "suspend and wake the host",           has_no_resets },
	{ "Looking Glass",                       is_of_no_class_vga },
	{ "`systemctl suspend`",                 is_dead },
	{ "disable_denylist",                    is_denied_by_vfio },
	{ "may have a group of its own without", is_booted_with_acs },
	{ "switch off, in the firmware's setup", holds_always },
	{ "`modprobe vfio",                      has_no_modules },
	{ "CONFIG_VFIO",                         has_no_modules },
	{ "`modprobe kvm_amd`",                  is_amd },
	{ "`modprobe kvm_intel`",                is_intel },
	{ "`modprobe kvm_",                      has_no_kvm },
	{ "leave the cable in",                  is_removable },
	{ "run it on an x86-64 PC",              is_foreign },
	{ "KVM",                                 has_no_kvm },
	{ "/dev/kvm",                            has_no_kvm },
	{ "qemu",                                is_missing },
	{ "tmpfs",                               has_no_run },
	{ "`reboot`: an update",                 has_no_modules },
};
/* clang-format on */

static void show(const struct advice *a, const char *group, const char *what)
{
	print_error("%s, %s %s %s: %s: %s\n  -> %s\n", what, a->gpu ? "[gpu]" : "[pci]",
		    a->d ? a->d->name : "the host", group, a->check, a->detail, a->text);
}

/* Return: how many rules it breaks; one that has no rule is one, too */
static unsigned int follow(const struct advice *a, const char *group)
{
	unsigned int wrong = 0;
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (!strstr(a->text, rules[i].words))
			continue;
		known = true;
		if (rules[i].holds(a))
			continue;
		show(a, group, rules[i].words);
		wrong++;
	}
	if (!known)
		show(a, group, "a remedy without a rule");
	remedies_seen++;
	return wrong + !known;
}

static unsigned int try_one(struct host *host, const struct host_device *d, bool gpu, const char *group)
{
	struct check_results results = { 0 };
	unsigned int wrong = 0;

	ask(host, d, gpu, group, &results);
	for (size_t i = 0; i < results.count; i++) {
		const struct check_result *r = &results.item[i];
		struct advice a = { host, d, gpu, r->check, r->detail, r->remedy };

		/* a row of the table of quirks says itself on which machines it is given */
		if (r->remedy && strcmp(r->check, "known-issues") != 0)
			wrong += follow(&a, group);
	}
	check_results_fini(&results);
	return wrong;
}

static unsigned int try_tree(struct host *host)
{
	unsigned int wrong = try_one(host, NULL, false, "");
	struct host_devices all;

	assert_int_equal(host_all(host, &all), 0);
	for (size_t i = 0; i < all.count; i++)
		for (size_t g = 0; g < ARRAY_SIZE(groups); g++) {
			wrong += try_one(host, all.item[i], false, groups[g]);
			if (g)
				wrong += try_one(host, all.item[i], true, groups[g]);
		}
	host_devices_fini(&all);
	return wrong;
}

static void remedies_fit_their_machines(void **state)
{
	unsigned int wrong = 0;
	glob_t found;

	(void)state;
	assert_int_equal(glob(TREES, 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 10);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char name[64];
		struct host *host;

		(void)snprintf(name, sizeof(name), "%s", basename(found.gl_pathv[i]));
		name[strcspn(name, ".")] = '\0';
		tree_make(name, root);
		assert_int_equal(host_open(root, &host), 0);
		if (try_tree(host)) {
			print_error("tree: %s\n", name);
			wrong++;
		}
		host_close(host);
		tree_remove(root);
	}
	globfree(&found);
	assert_int_equal(wrong, 0);
	assert_true(remedies_seen > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(remedies_fit_their_machines) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
