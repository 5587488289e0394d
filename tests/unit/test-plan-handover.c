// SPDX-License-Identifier: GPL-2.0-or-later
/* test-plan-handover.c - the plan as the keeper gets it: whole, sealed, never cut; and plans for
 * detach */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/host/host.h"
#include "launcher/plan/programs/filter-rows.h"
#include "launcher/plan/checks/checks.h"
#include "launcher/plan/programs/rows-memfd.h"
#include "launcher/plan/serialize.h"
#include "profiles/profile.h"
#include "tests/sysfs/tree.h"

static char root[64];
static struct host *host;

static void use(const char *tree)
{
	tree_make(tree, root);
	assert_int_equal(host_open(root, &host), 0);
}

static int finish(void **state)
{
	(void)state;
	host_close(host);
	host = NULL;
	tree_remove(root);
	return 0;
}

static size_t p_disks; /* of those below, in the next profile */
static const struct plan_disk_facts *disk_facts;
static struct plan_unit unit; /* without a name: there is none */

static struct plan *make(struct profile *p, char *const *extra)
{
	static char b[] = "/vms/b.qcow2", a[] = "/vms/a.raw";
	static struct profile_disk disk[] = { { .path = b }, { .path = a, .readonly = true } };
	static struct profile_device section;
	static char name[] = "lab";
	struct plan_host_facts facts = { .uid = 1000,
					 .gid = 100,
					 .user = "alice",
					 .home = "/home/alice",
					 .disk = disk_facts,
					 .unit = &unit,
					 .unit_count = unit.name ? 1 : 0,
					 .qemu = "/usr/bin/qemu-system-x86_64",
					 .extra_argument = extra };
	struct plan *plan = NULL;

	section = (struct profile_device){ .gpu = true,
					   .eject = true,
					   .group = PROFILE_GROUP_SLOT,
					   .device = { .address = { .bus = 1 } } };
	*p = (struct profile){ .name = name,
			       .memory_bytes = 1 << 30,
			       .cpus = 1,
			       .threads = 1,
			       .shutdown_timeout_s = 60,
			       .accel = PROFILE_ACCEL_KVM,
			       .device = &section,
			       .device_count = 1,
			       .disk = disk,
			       .disk_count = p_disks };
	assert_int_equal(plan_select(p, host, &facts, &plan), 0);
	assert_int_equal(plan_complete(plan, p, host, &facts), 0);
	return plan;
}

/* The user may be able to write to the host's node: QEMU's own is as in the profile. */
static void a_disk_that_is_read_is_not_written(void **state)
{
	static char node[] = "sdb";
	static struct plan_disk_facts facts[] = { { .block = false },
						  { .block = true, .node = node, .major = 8, .minor = 16 } };
	const struct keeper_plan *k;
	const struct keeper_node *disk = NULL;
	struct profile p;
	struct plan *plan;
	int fd = -1;

	(void)state;
	use("lab-dgpu");
	p_disks = 2;
	disk_facts = facts;
	plan = make(&p, NULL);
	p_disks = 0;
	disk_facts = NULL;
	assert_int_equal(plan_serialize(plan, KEEPER_RUN, 0, &fd), 0);
	k = mmap(NULL, sizeof(*k), PROT_READ, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(k, MAP_FAILED);
	for (uint32_t i = 0; i < k->node_count; i++)
		if (!strcmp(k->node[i].path, node))
			disk = &k->node[i];
	assert_non_null(disk);
	assert_int_equal(disk->readonly, 1);
	assert_int_equal(k->node[0].readonly, 0);
	(void)munmap((void *)(uintptr_t)k, sizeof(*k));
	(void)close(fd);
	plan_free(plan);
}

/* The card of the plan is 01:00.0. */
static void the_picture_is_wanted_where_it_was(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ "0000:01:00.0", "0000:01:00.0" },
		{ "0000:02:00.0 0000:01:00.0", "0000:01:00.0" },
		{ "0000:02:00.0 10000:01:00.0", "0000:02:00.0 10000:01:00.0" },
	};

	(void)state;
	use("lab-dgpu");
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		bool display = i % 2;
		const struct keeper_plan *k;
		struct profile p;
		struct plan *plan;
		int fd = -1;

		unit = (struct plan_unit){ .name = "lightdm.service", .running = true, .display = display };
		(void)strcpy(unit.drawn, rows[i / 2][0]);
		plan = make(&p, NULL);
		assert_int_equal(plan_serialize(plan, KEEPER_RUN, 0, &fd), 0);
		k = mmap(NULL, sizeof(*k), PROT_READ, MAP_PRIVATE, fd, 0);
		assert_ptr_not_equal(k, MAP_FAILED);
		assert_string_equal(k->picture, display ? rows[i / 2][1] : "");
		(void)munmap((void *)(uintptr_t)k, sizeof(*k));
		(void)close(fd);
		plan_free(plan);
	}
	unit.name = NULL;
}

static void the_keeper_gets_all_of_it(void **state)
{
	struct profile p;
	const struct keeper_plan *k;
	const char *string;
	struct plan *plan;
	struct stat st;
	int fd = -1;

	(void)state;
	use("lab-dgpu");
	p_disks = 2;
	plan = make(&p, NULL);
	p_disks = 0;
	assert_int_equal(plan_serialize(plan, KEEPER_RUN, KEEPER_VERBOSE, &fd), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	k = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(k, MAP_FAILED);
	assert_true(k->magic == KEEPER_MAGIC);
	assert_int_equal(k->version, KEEPER_VERSION);
	assert_int_equal(k->size, st.st_size);
	assert_int_equal(k->size, sizeof(*k) + k->strings_size);
	assert_int_equal(k->job, KEEPER_RUN);
	assert_int_equal(k->flags, KEEPER_VERBOSE | KEEPER_PRIVATE_NETWORK | KEEPER_FILTERED);
	assert_string_equal(k->name, "lab");
	assert_string_equal(k->user, "alice");
	assert_int_equal(k->uid, 1000);
	assert_int_equal(k->gid, 100);
	assert_int_equal(k->shutdown_timeout_s, 60);
	assert_true(k->memory_bytes == 1u << 30);
	assert_true(k->memlock_bytes == 2u << 30);
	assert_int_equal(k->device_count, 2);
	assert_int_equal(k->device[1].address.function, 1);
	assert_int_equal(k->device[0].vendor, 0x1234);
	assert_int_equal(k->device[0].group, 7);
	assert_int_equal(k->device[0].assigned, 1);
	assert_string_equal(k->device[0].title, "display controller [1234:1111]");
	assert_int_equal(k->group_count, 1);
	assert_int_equal(k->group[0], 7);
	assert_int_equal(k->change_count, plan->change_count);
	assert_int_equal(k->change[2].kind, CHANGE_D3COLD);
	assert_string_equal(k->change[2].target, "0000:01:00.0");
	assert_string_equal(k->change[2].from, "1");
	assert_string_equal(k->change[2].to, "0");
	assert_int_equal(k->node_count, 8);
	assert_string_equal(k->node[5].path, "kvm");
	assert_int_equal(k->node[5].major, 10);
	assert_int_equal(k->node[5].minor, 232);
	assert_string_equal(k->node[7].path, "vfio/7");
	assert_int_equal(k->node[7].major, 0);
	string = k->strings;
	assert_int_equal(k->program_count, 2);
	assert_string_equal(k->program[0].role, "qemu");
	for (uint32_t i = 0; i < k->program[0].arg_count; i++, string += strlen(string) + 1)
		assert_string_equal(string, plan->argv[i]);
	for (uint32_t i = 0; i < k->program[0].env_count; i++, string += strlen(string) + 1)
		assert_string_equal(string, plan->environ_[i]);
	assert_string_equal(k->program[1].role, "vfio-qmp");
	assert_int_equal(k->program[1].arg_count, 2);
	assert_string_equal(string, "vfio-qmp");
	string += strlen(string) + 1;
	assert_string_equal(string, "lab");
	string += strlen(string) + 1;
	assert_int_equal(k->program[1].env_count, 1);
	assert_string_equal(string, "LC_ALL=C.UTF-8");
	string += strlen(string) + 1;
	assert_int_equal(k->file_count, 2);
	assert_string_equal(string, "/vms/a.raw");
	assert_int_equal(k->file[0].flags, 0);
	string += strlen(string) + 1;
	assert_string_equal(string, "/vms/b.qcow2");
	assert_int_equal(k->file[1].flags, KEEPER_FILE_WRITABLE);
	string += strlen(string) + 1;
	assert_ptr_equal(string, k->strings + k->strings_size);
	assert_null(plan->argv[k->program[0].arg_count]);
	assert_null(plan->environ_[k->program[0].env_count]);
	(void)munmap((void *)(uintptr_t)k, (size_t)st.st_size);
	(void)close(fd);
	plan_free(plan);
}

static void the_ends_are_flags(void **state)
{
	static const struct {
		enum profile_on_panic panic;
		enum profile_on_hangup hangup;
		uint32_t flags;
	} cases[] = {
		{ PROFILE_PANIC_SHUTDOWN, PROFILE_HANGUP_KEEP, 0 },
		{ PROFILE_PANIC_PAUSE, PROFILE_HANGUP_STOP, KEEPER_STOP_ON_HANGUP },
		{ PROFILE_PANIC_RESET, PROFILE_HANGUP_KEEP, KEEPER_RESET_ON_PANIC },
		{ PROFILE_PANIC_FAIL, PROFILE_HANGUP_STOP,
		  KEEPER_FAIL_ON_PANIC | KEEPER_STOP_ON_HANGUP },
	};
	struct profile p;
	struct plan *plan;

	(void)state;
	use("lab-dgpu");
	plan = make(&p, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct keeper_plan head;
		int fd = -1;

		plan->on_panic = cases[i].panic == PROFILE_PANIC_RESET ? "reset" :
				 cases[i].panic == PROFILE_PANIC_FAIL  ? "fail" : "pause";
		plan->on_hangup = cases[i].hangup == PROFILE_HANGUP_STOP ? "stop" : "keep";
		assert_int_equal(plan_serialize(plan, KEEPER_RUN, 0, &fd), 0);
		assert_int_equal(read(fd, &head, sizeof(head)), sizeof(head));
		assert_int_equal(head.flags & (KEEPER_STOP_ON_HANGUP | KEEPER_RESET_ON_PANIC |
					       KEEPER_FAIL_ON_PANIC), cases[i].flags);
		(void)close(fd);
	}
	plan_free(plan);
}

static void nobody_can_change_it(void **state)
{
	struct profile p;
	struct plan *plan;
	int fd = -1;

	(void)state;
	use("lab-dgpu");
	plan = make(&p, NULL);
	assert_int_equal(plan_serialize(plan, KEEPER_RUN, 0, &fd), 0);
	assert_int_equal(fcntl(fd, F_GET_SEALS),
			 F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 1), -1);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	(void)close(fd);
	plan_free(plan);
}

static void too_much_is_refused_not_cut(void **state)
{
	static char *many[KEEPER_ARGS_MAX + 1];
	static char word[] = "x";
	static char *one[2];
	struct profile p;
	struct plan *plan;
	int fd = -1;

	(void)state;
	use("lab-dgpu");
	for (size_t i = 0; i < KEEPER_ARGS_MAX; i++)
		many[i] = word;
	plan = make(&p, many);
	assert_int_equal(plan_serialize(plan, KEEPER_RUN, 0, &fd), -E2BIG);
	plan_free(plan);
	one[0] = calloc(1, KEEPER_STRINGS_MAX + 1);
	memset(one[0], 'x', KEEPER_STRINGS_MAX);
	plan = make(&p, one);
	assert_int_equal(plan_serialize(plan, KEEPER_RUN, 0, &fd), -E2BIG);
	plan_free(plan);
	free(one[0]);
	plan = make(&p, NULL);
	plan->jail.node_count = KEEPER_NODES_MAX + 1; /* not looked at when it is too many */
	assert_int_equal(plan_serialize(plan, KEEPER_RUN, 0, &fd), -E2BIG);
	plan->jail.node_count = 0;
	plan->change_count = KEEPER_CHANGES_MAX + 1;
	assert_int_equal(plan_serialize(plan, KEEPER_RUN, 0, &fd), -E2BIG);
	plan->change_count = 0;
	plan_free(plan);
	assert_int_equal(fd, -1);
}

static void arguments_get_the_network_that_they_want(void **state)
{
	static char netdev[] = "-netdev", user[] = "user,id=n", gdb[] = "tcp::1234", vnc[] = "-vnc",
		    device[] = "-device", edu[] = "edu,id=port";
	char *wants[][3] = { { netdev, user, NULL }, { gdb, NULL }, { vnc, NULL } };
	char *does_not[] = { device, edu, NULL };
	struct profile p;
	struct plan *plan;

	(void)state;
	use("lab-dgpu");
	for (size_t i = 0; i < sizeof(wants) / sizeof(*wants); i++) {
		plan = make(&p, wants[i]);
		assert_false(plan->jail.private_network);
		assert_int_equal(plan->jail.needs, FILTER_NETWORK);
		plan_free(plan);
	}
	plan = make(&p, does_not);
	assert_true(plan->jail.private_network);
	assert_int_equal(plan->jail.needs, 0);
	plan_free(plan);
}

/* Return: how much is refused; without a refusal the plan is complete */
static size_t detach(const char *address, const char *more, struct plan **plan)
{
	struct checks_request request = { .scope = CHECKS_PLAN, .host = host };
	struct check_results results = { 0 };
	struct pci_address a[2];
	size_t count = more ? 2 : 1, refused = 0;

	assert_true(pci_address_parse(address, &a[0]));
	if (more)
		assert_true(pci_address_parse(more, &a[1]));
	assert_int_equal(plan_select_detach(host, a, count, plan), 0);
	request.plan = *plan;
	assert_int_equal(checks_run(&request, &results), 0);
	for (size_t i = 0; i < results.count; i++)
		refused += results.item[i].state == CHECK_FAILED;
	if (!refused)
		assert_int_equal(plan_complete(*plan, NULL, host, NULL), 0);
	check_results_fini(&results);
	return refused;
}

static void detach_takes_what_a_section_would(void **state)
{
	struct plan *plan;

	(void)state;
	use("x570-four-functions");
	assert_int_equal(detach("0a:00.0", NULL, &plan), 0); /* a display: its slot */
	assert_string_equal(plan->name, "detach-0000:0a:00.0");
	assert_int_equal(plan->device_count, 4);
	assert_null(plan->argv);
	plan_free(plan);
	for (int i = 0; i < 2; i++) { /* and a function of it, named too, before or behind */
		assert_int_equal(detach(i ? "0a:00.1" : "0a:00.0", i ? "0a:00.0" : "0a:00.1", &plan), 0);
		assert_int_equal(plan->device_count, 4);
		plan_free(plan);
	}
	assert_int_equal(detach("00:14.0", "00:14.0", &plan), 0); /* one thing named twice */
	assert_int_equal(plan->device_count, 1);
	plan_free(plan);
	assert_int_equal(detach("00:14.0", NULL, &plan), 0); /* another: alone */
	assert_int_equal(plan->device_count, 1);
	plan_free(plan);
	assert_int_equal(detach("0a:00.1", NULL, &plan), 3); /* its group has more */
	plan_free(plan);
	assert_int_equal(detach("77:00.0", "0a:00.1", &plan), 4); /* all refusals at once */
	plan_free(plan);
}

static void what_is_on_vfio_stays(void **state)
{
	struct plan *plan;

	(void)state;
	use("lab-kept");
	assert_int_equal(detach("01:00.0", NULL, &plan), 0);
	assert_int_equal(plan->device_count, 2);
	assert_int_equal(plan->change_count, 0);
	plan_free(plan);
}

static void a_stuck_device_is_refused(void **state)
{
	struct pci_address a;
	struct plan *plan;

	(void)state;
	use("lab-dgpu");
	assert_true(pci_address_parse("01:00.1", &a));
	host_mark_stuck(host, &a);
	assert_int_equal(detach("01:00.0", NULL, &plan), 1);
	plan_free(plan);
}

static void a_variant_driver_is_used(void **state)
{
	static char automatic[] = "auto", name[] = "v";
	static const char *const variants[] = { "mlx5-vfio-pci" };
	struct profile_device section = { .driver = automatic,
					  .eject = true,
					  .device = { .address = { .bus = 0x3b, .function = 1 } } };
	struct profile p = { .name = name,
			     .memory_bytes = 1 << 30,
			     .cpus = 1,
			     .threads = 1,
			     .device = &section,
			     .device_count = 1 };
	struct plan_host_facts facts = { .qemu = "/q", .variant = variants };
	struct plan *plan = NULL;

	(void)state;
	use("server-switches");
	assert_int_equal(plan_select(&p, host, &facts, &plan), 0);
	assert_int_equal(plan_complete(plan, &p, host, &facts), 0);
	assert_string_equal(plan->device[0].driver, "mlx5-vfio-pci");
	assert_int_equal(plan->change[0].kind, CHANGE_MODULE);
	assert_string_equal(plan->change[0].target, "mlx5_vfio_pci");
	assert_string_equal(plan->change[plan->change_count - 1].to, "mlx5-vfio-pci");
	plan_free(plan);
}

/* What vfio-qmp gets, byte by byte, in the order in which QEMU is told. */
static void rows_for_qemu(void **state)
{
	static char second[] = "{\"id\":\"vfio1\"}", first[] = "{\"id\":\"vfio0\"}";
	static const char wanted[] =
		"a\"execute\":\"qom-set\",\"arguments\":{\"path\":\"/objects/memory\","
		"\"property\":\"prealloc\",\"value\":true}\0"
		"a\"execute\":\"device_add\",\"arguments\":{\"id\":\"vfio1\"}\0"
		"a\"execute\":\"device_add\",\"arguments\":{\"id\":\"vfio0\"}\0"
		"a\"execute\":\"set-action\",\"arguments\":{\"reboot\":\"reset\"}\0"
		"r\"execute\":\"system_reset\"\0"
		"a\"execute\":\"set-action\",\"arguments\":{\"reboot\":\"shutdown\"}";
	char *plug[] = { second, first, NULL }, got[sizeof(wanted) + 1];
	struct plan plan = { .plug = plug, .populate = true, .no_reboot = true };
	int fd = -1;

	(void)state;
	assert_int_equal(plan_populate_rows(&plan), 1);
	assert_int_equal(plan_plug_rows(&plan), 5);
	assert_int_equal(plan_rows_open(&plan, &fd), 0);
	assert_int_equal(pread(fd, got, sizeof(got), 0), sizeof(wanted));
	assert_memory_equal(got, wanted, sizeof(wanted));
	assert_int_equal(pwrite(fd, "x", 1, 0), -1); /* nobody can change them */
	(void)close(fd);
	plan.no_reboot = false;
	assert_int_equal(plan_plug_rows(&plan), 3);
	plan = (struct plan){ .plug = NULL };
	assert_int_equal(plan_rows_open(&plan, &fd), 0);
	assert_int_equal(fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_for_qemu),
		cmocka_unit_test_teardown(the_keeper_gets_all_of_it, finish),
		cmocka_unit_test_teardown(the_picture_is_wanted_where_it_was, finish),
		cmocka_unit_test_teardown(a_disk_that_is_read_is_not_written, finish),
		cmocka_unit_test_teardown(the_ends_are_flags, finish),
		cmocka_unit_test_teardown(nobody_can_change_it, finish),
		cmocka_unit_test_teardown(too_much_is_refused_not_cut, finish),
		cmocka_unit_test_teardown(arguments_get_the_network_that_they_want, finish),
		cmocka_unit_test_teardown(detach_takes_what_a_section_would, finish),
		cmocka_unit_test_teardown(what_is_on_vfio_stays, finish),
		cmocka_unit_test_teardown(a_stuck_device_is_refused, finish),
		cmocka_unit_test_teardown(a_variant_driver_is_used, finish),
	};

	return cmocka_run_group_tests_name("plan-handover", tests, NULL, NULL);
}
