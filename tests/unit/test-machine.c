/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-machine.c - what a guest is shown of the host, and what it gets of the user's tables */
#include <errno.h>
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

#include "launcher/base/cleanup.h"
#include "launcher/host/host.h"
#include "launcher/host/kernel/smbios.h"
#include "launcher/host/qemu/hyperv.h"
#include "launcher/host/user/acpi-table.h"
#include "launcher/host/user/apple-smc.h"
#include "launcher/plan/programs/programs.h"
#include "launcher/plan/qemu/qemu.h"
#include "profiles/profile.h"

static char scratch[64];

static int make_scratch(void **state)
{
	(void)state;
	(void)snprintf(scratch, sizeof(scratch), "/tmp/machine-XXXXXX");
	return mkdtemp(scratch) && !chmod(scratch, 0755) ? 0 : -1;
}

static int remove_scratch(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", scratch);
	return system(command);
}

static void put(const char *name, const char *text, mode_t mode)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", scratch, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* ---- enlightenments ---------------------------------------------------------------------- */

static unsigned int mask_of(const char *name)
{
	for (size_t i = 0; i < hyperv_feature_count; i++)
		if (!strcmp(hyperv_features[i].name, name))
			return 1u << i;
	fail_msg("no %s", name);
	return 0;
}

#define ANSWER(props) \
	"{\"id\": \"kvm\", \"return\": {\"model\": {\"name\": \"base\", \"props\": {" props "}}}}\n"

/* An emulator of the user's own, which answers so. */
static unsigned int mask_from(const char *answer, int expected)
{
	struct host_user user = { .uid = 65534, .gid = 65534, .name = "nobody", .alone = true };
	char script[2048], path[128];
	unsigned int mask = 12345;

	(void)snprintf(script, sizeof(script),
		       "#!/bin/sh\ncat <<'END'\n{\"QMP\": {}}\n{\"return\": {}}\n%sEND\n", answer);
	put("qemu", script, 0755);
	(void)snprintf(path, sizeof(path), "%s/qemu", scratch);
	assert_int_equal(host_qemu_hyperv(path, &user, &mask), expected);
	return mask;
}

static void enlightenments_are_asked_for(void **state)
{
	(void)state;
	if (geteuid())
		skip(); /* only root can be another user */
	assert_int_equal(
		mask_from(ANSWER("\"hv-relaxed\": true, \"hv-time\": true, \"hv-spinlocks\": 4095, "
				 "\"hv-synic\": true, \"hv-evmcs\": false, \"hv-syndbg\": true"),
			  0),
		mask_of("hv-relaxed") | mask_of("hv-time") | mask_of("hv-spinlocks"));
	/* KVM that has none has no number of spins either, whatever QEMU's default is */
	assert_int_equal(
		mask_from(ANSWER("\"hv-relaxed\": false, \"hv-spinlocks\": 4294967295"), 0), 0);
	/* a CPU without KVM; other output */
	assert_int_equal(mask_from("{\"id\": \"kvm\", \"error\": {\"desc\": \"hv-relaxed\"}}\n", 1),
			 hyperv_of_every_kvm());
	assert_int_equal(mask_from("\"hv-relaxed\" {\n", 1), hyperv_of_every_kvm());
	assert_int_equal(mask_from("{\"return\": {\"model\": {\"props\": [\"hv-relaxed\"]}}}\n", 1),
			 hyperv_of_every_kvm());
}

/* ---- SMBIOS ------------------------------------------------------------------------------ */

static void the_makers_words_are_read_and_no_serial(void **state)
{
	struct host *h = NULL;
	struct host_smbios s;
	char dir[256];

	(void)state;
	(void)snprintf(dir, sizeof(dir), "mkdir -p %s/sys/class/dmi/id %s/sys/bus/pci/devices",
		       scratch, scratch);
	assert_int_equal(system(dir), 0);
	assert_int_equal(host_open(scratch, &h), 0);
	put("sys/class/dmi/id/product_serial", "SECRET\n", 0644);
	put("sys/class/dmi/id/product_uuid", "SECRET\n", 0644);
	assert_int_equal(host_smbios(h, &s), -ENOENT);
	put("sys/class/dmi/id/sys_vendor", "Maker, Inc.  \n", 0644);
	put("sys/class/dmi/id/board_name", "B\033[31m\xc3\xa4 1\n", 0644);
	assert_int_equal(host_smbios(h, &s), 0);
	for (size_t i = 0; i < HOST_SMBIOS_STRINGS; i++) {
		const char *file = host_smbios_rows[i].file;

		assert_string_equal(s.text[i], !strcmp(file, "sys_vendor")   ? "Maker, Inc."
					       : !strcmp(file, "board_name") ? "B[31m 1"
									     : "");
	}
	host_close(h);
}

/* ---- ACPI tables ------------------------------------------------------------------------- */

static uint32_t problem_of(uint8_t *bytes, size_t size, bool sum)
{
	struct acpi_table t;
	uint8_t all = 0;

	if (sum)
		bytes[9] = 0;
	for (size_t i = 0; sum && i < size; i++)
		all = (uint8_t)(all + bytes[i]);
	if (sum)
		bytes[9] = (uint8_t)(0x100 - all);
	acpi_table_judge(bytes, size, &t);
	assert_int_equal(t.bytes, size);
	return t.problem;
}

static void set_length(uint8_t *bytes, uint32_t length)
{
	for (int i = 0; i < 4; i++)
		bytes[4 + i] = (uint8_t)(length >> 8 * i);
}

static void tables_are_told_from_other_files(void **state)
{
	static uint8_t bytes[65536] = "SSDT";

	(void)state;
	set_length(bytes, 40);
	assert_int_equal(problem_of(bytes, 40, true), ACPI_TABLE_GOOD);
	assert_int_equal(problem_of(bytes, 41, true), ACPI_TABLE_LENGTH);
	assert_int_equal(problem_of(bytes, 39, true), ACPI_TABLE_LENGTH);
	bytes[20] ^= 1;
	assert_int_equal(problem_of(bytes, 40, false), ACPI_TABLE_CHECKSUM);
	assert_int_equal(problem_of(bytes, 35, false), ACPI_TABLE_SHORT);
	assert_int_equal(problem_of(bytes, 3, false), ACPI_TABLE_SHORT);
	assert_int_equal(problem_of(bytes, 0, false), ACPI_TABLE_SHORT);
	set_length(bytes, 65536);
	assert_int_equal(problem_of(bytes, 65536, true), ACPI_TABLE_LONG);
	set_length(bytes, 65535);
	assert_int_equal(problem_of(bytes, 65535, true), ACPI_TABLE_GOOD);
	memcpy(bytes, "Defi", 4); /* DefinitionBlock: the source */
	assert_int_equal(problem_of(bytes, 65535, true), ACPI_TABLE_SIGNATURE);
	assert_int_equal(problem_of(bytes, 10, false), ACPI_TABLE_SIGNATURE);
}

/* ---- arguments --------------------------------------------------------------------------- */

static struct profile base(void)
{
	static char vm[] = "unit";

	return (struct profile){ .name = vm,
				 .memory_bytes = 64 << 20,
				 .cpus = 2,
				 .threads = 1,
				 .accel = PROFILE_ACCEL_TCG,
				 .firmware = PROFILE_FIRMWARE_BIOS };
}

static void make(struct plan *plan, const struct profile *profile, struct plan_host_facts *facts)
{
	(void)snprintf(plan->name, sizeof(plan->name), "%s", profile->name);
	facts->qemu = "/usr/bin/qemu-system-x86_64";
	assert_int_equal(plan_qemu(plan, profile, facts), 0);
}

static void done(struct plan *plan)
{
	argv_free(plan->argv);
	argv_free(plan->environ_);
	*plan = (struct plan){ 0 };
}

/* The value of the first @option that holds @part. */
static const char *value_of(char *const *argv, const char *option, const char *part)
{
	for (size_t i = 0; argv[i] && argv[i + 1]; i++)
		if (!strcmp(argv[i], option) && strstr(argv[i + 1], part))
			return argv[i + 1];
	fail_msg("no %s with %s", option, part);
	return NULL;
}

static void expect_cpu(const struct profile *profile, unsigned int hyperv, const char *expected)
{
	struct plan_host_facts facts = { .hyperv = hyperv };
	struct plan plan = { 0 };

	make(&plan, profile, &facts);
	assert_string_equal(value_of(plan.argv, "-cpu", ""), expected);
	assert_int_equal(strstr(value_of(plan.argv, "-machine", ""), ",hpet=off") != NULL,
			 profile->hyperv);
	done(&plan);
}

/* The user's own flags come last, and win. */
static void enlightenments_are_those_that_are_there(void **state)
{
	static char cpu[] = "EPYC,hv-vapic=off";
	struct profile p = base();

	(void)state;
	p.accel = PROFILE_ACCEL_KVM;
	expect_cpu(&p, 0, "host");
	p.hyperv = true;
	expect_cpu(&p, 7, "host,hv-relaxed=on,hv-vapic=on,hv-spinlocks=0x1fff");
	p.hide_hypervisor = true;
	expect_cpu(&p, 1, "host,hv-relaxed=on,kvm=off,hv-vendor-id=vfio-run");
	p.cpu = cpu;
	expect_cpu(&p, 3, "EPYC,hv-relaxed=on,hv-vapic=on,kvm=off,hv-vendor-id=vfio-run,hv-vapic=off");
	p.hyperv = false;
	expect_cpu(&p, 0, "EPYC,kvm=off,hv-vendor-id=vfio-run,hv-vapic=off");
}

/* QEMU refuses to start with one whose need is off. */
static void an_enlightenment_goes_with_what_it_needs(void **state)
{
	unsigned int every = hyperv_of_every_kvm();

	(void)state;
	assert_int_equal(hyperv_with_needs(every), every);
	every &= ~mask_of("hv-vpindex");
	every = hyperv_with_needs(every);
	assert_int_equal(every & (mask_of("hv-synic") | mask_of("hv-stimer") | mask_of("hv-ipi") |
				  mask_of("hv-stimer-direct") | mask_of("hv-tlbflush")), 0);
	assert_int_not_equal(every & mask_of("hv-time"), 0);
	for (size_t i = 0; i < hyperv_feature_count; i++)
		assert_true(!hyperv_features[i].needs ||
			    mask_of(hyperv_features[i].needs) < 1u << i);
}

/* No comma of the host's or of a path becomes a field. */
static void the_guest_is_shown_a_maker_and_tables(void **state)
{
	static char own[] = "type=1,serial=7", table[] = "/t,file=/etc/shadow.aml";
	struct profile_text string = { .text = own }, path = { .text = table };
	struct host_smbios host = { .text = { "Maker, Inc.", "Box", "", "Fam", "", "Board", "" } };
	struct plan_host_facts facts = { .smbios = &host };
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	p.smbios_string = (struct profile_texts){ &string, 1 };
	p.acpi_table = (struct profile_texts){ &path, 1 };
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-smbios", "manufacturer"),
			    "type=1,manufacturer=Maker,, Inc.,product=Box,family=Fam");
	assert_string_equal(value_of(plan.argv, "-smbios", "type=2"), "type=2,product=Board");
	assert_string_equal(value_of(plan.argv, "-smbios", "serial"), own);
	assert_string_equal(value_of(plan.argv, "-acpitable", ""), "file=/t,,file=/etc/shadow.aml");
	done(&plan);
}

static void a_guest_sleeps_when_it_may(void **state)
{
	static char pc[] = "pc-i440fx-7.2", microvm[] = "microvm";
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-global", "s3"), "ICH9-LPC.disable_s3=1");
	done(&plan);
	p.guest_sleep = true;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-global", "s3"), "ICH9-LPC.disable_s3=0");
	done(&plan);
	p.machine = pc;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-global", "s3"), "PIIX4_PM.disable_s3=0");
	done(&plan);
	p.machine = microvm;
	make(&plan, &p, &facts);
	for (size_t i = 0; plan.argv[i]; i++)
		assert_null(strstr(plan.argv[i], "disable_s3"));
	done(&plan);
}

/* ---- Apple's SMC ------------------------------------------------------------------------- */

static void a_string_goes_to_qemu_unseen(void **state)
{
	static const char string[] = "0123456789abcdefghijklmnopqrstuvwxyz(c)ABCDEFGHIJKLMNOPQRSTUVWXY";
	struct host_user user = { .uid = 65534, .gid = 65534, .name = "nobody", .alone = true };
	struct plan_host_facts facts = { 0 };
	struct plan plan = { 0 };
	struct profile p = base();
	struct apple_smc smc;
	char text[256] = "", path[128];
	int fd = -1;

	(void)state;
	if (geteuid())
		skip();
	(void)snprintf(path, sizeof(path), "%s/osk", scratch);
	(void)snprintf(text, sizeof(text), "%s\r\n", string);
	put("osk", text, 0644);
	assert_int_equal(host_apple_smc(&user, path, &smc, &fd), 0);
	assert_true(smc.fits && fd >= 0);
	memset(text, 0, sizeof(text));
	assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
	assert_non_null(strstr(text, "osk = \"0123456789"));
	assert_int_equal(write(fd, "x", 1), -1); /* sealed */
	(void)close(fd);
	put("osk", "short\n", 0644);
	assert_int_equal(host_apple_smc(&user, path, &smc, &fd), 0);
	assert_true(!smc.fits && smc.length == 5);
	(void)snprintf(text, sizeof(text), "%.63s\"", string);
	put("osk", text, 0644);
	assert_int_equal(host_apple_smc(&user, path, &smc, &fd), 0);
	assert_false(smc.fits);
	put("osk", string, 0600);
	assert_int_equal(host_apple_smc(&user, path, &smc, &fd), 0);
	assert_int_equal(smc.error, -EACCES);

	p.apple_smc = path;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-readconfig", ""), "/proc/self/fd/5");
	for (size_t i = 0; plan.argv[i]; i++)
		assert_null(strstr(plan.argv[i], path));
	done(&plan);
}

static void qemu_gets_what_it_is_told_of(void **state)
{
	static char name[] = "q", *argv[] = { name, NULL };
	struct plan plan = { .argv = argv, .environ_ = argv };
	struct plan_programs all;

	(void)state;
	plan_programs(&plan, KEEPER_RUN, 0, &all);
	assert_int_equal(all.item[0].row.channel_count, 1);
	plan.settings = true;
	plan_programs(&plan, KEEPER_RUN, 0, &all);
	assert_int_equal(all.item[0].row.channel_count, 3);
	assert_int_equal(all.item[0].row.channel[1], KEEPER_CHANNEL_NONE);
	assert_int_equal(all.item[0].row.channel[2], KEEPER_CHANNEL_CONFIG);
	plan.guest_agent = true;
	plan_programs(&plan, KEEPER_RUN, 0, &all);
	assert_int_equal(all.item[0].row.channel[1], KEEPER_CHANNEL_AGENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(enlightenments_are_asked_for, make_scratch,
						remove_scratch),
		cmocka_unit_test_setup_teardown(the_makers_words_are_read_and_no_serial,
						make_scratch, remove_scratch),
		cmocka_unit_test(tables_are_told_from_other_files),
		cmocka_unit_test(enlightenments_are_those_that_are_there),
		cmocka_unit_test(an_enlightenment_goes_with_what_it_needs),
		cmocka_unit_test(the_guest_is_shown_a_maker_and_tables),
		cmocka_unit_test(a_guest_sleeps_when_it_may),
		cmocka_unit_test_setup_teardown(a_string_goes_to_qemu_unseen, make_scratch, remove_scratch),
		cmocka_unit_test(qemu_gets_what_it_is_told_of),
	};

	return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
