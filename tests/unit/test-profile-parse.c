/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-profile-parse.c - what a profile becomes in memory: values, defaults, positions, limits */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/profile.h"

#define MINIMAL "[vm]\nmemory = 4G\n[gpu]\ndevice = 01:00.0\n"

/* The text from memory of exactly its size: what is read behind it is found by the sanitizer. */
static int parse(const char *text, size_t size, const char *name, struct profile **p,
		 struct profile_errors *errors)
{
	char *copy = malloc(size ? size : 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, text, size);
	rc = profile_parse(copy, size, name, p, errors);
	free(copy);
	return rc;
}

static struct profile *good(const char *text)
{
	struct profile_errors errors = { 0 };
	struct profile *p = NULL;

	if (parse(text, strlen(text), "default", &p, &errors))
		print_error("%u:%u: %s\n", errors.item[0].pos.line, errors.item[0].pos.column,
			    errors.item[0].text);
	assert_int_equal(errors.count, 0);
	assert_non_null(p);
	profile_errors_fini(&errors);
	return p;
}

static void defaults_are_the_documented_ones(void **state)
{
	struct profile *p = good(MINIMAL "[pci]\ndevice = 02:00.0\n[disk]\npath = /a.raw\n[net]\n");
	const struct profile_device *d = p->device;

	(void)state;
	assert_string_equal(p->name, "default");
	assert_null(p->user);
	assert_int_equal(p->memory_bytes, (uint64_t)4 << 30);
	assert_int_equal(p->hugepage_bytes, 0);
	assert_int_equal(p->cpus, 2);
	assert_int_equal(p->threads, 1);
	assert_int_equal(p->pin.count + p->emulator_pin.count, 0);
	assert_null(p->cpu);
	assert_int_equal(p->accel, PROFILE_ACCEL_KVM);
	assert_string_equal(p->machine, "q35");
	assert_int_equal(p->firmware, PROFILE_FIRMWARE_UEFI);
	assert_null(p->nvram);
	assert_false(p->hyperv || p->hide_hypervisor);
	assert_int_equal(p->rtc, PROFILE_RTC_UTC);
	assert_string_equal(p->qemu, "qemu-system-x86_64");
	assert_int_equal(p->qemu_pos.line, 0);
	assert_int_equal(p->sandbox, PROFILE_SANDBOX_STRICT);
	assert_int_equal(p->shutdown_timeout_s, 60);
	assert_int_equal(p->on_panic, PROFILE_PANIC_SHUTDOWN);
	assert_int_equal(p->on_hangup, PROFILE_HANGUP_KEEP);
	assert_int_equal(p->device_count, 2);
	assert_true(d[0].gpu && !d[1].gpu);
	assert_int_equal(d[0].group, PROFILE_GROUP_SLOT);
	assert_int_equal(d[1].group, PROFILE_GROUP_FUNCTION);
	for (int i = 0; i < 2; i++) {
		assert_false(d[i].has_id || d[i].rom_off || d[i].primary || d[i].rom);
		assert_int_equal(d[i].rebar.size, PROFILE_REBAR_KEEP);
		assert_string_equal(d[i].reset, "auto");
		assert_string_equal(d[i].driver, "vfio-pci");
		assert_int_equal(d[i].holders, PROFILE_HOLDERS_REFUSE);
	}
	assert_false(p->disk[0].format_given || p->disk[0].readonly);
	assert_int_equal(p->disk[0].bus, PROFILE_BUS_VIRTIO);
	assert_int_equal(p->disk[0].cache, PROFILE_CACHE_AUTO);
	assert_int_equal(p->disk[0].discard, PROFILE_DISCARD_UNMAP);
	assert_null(p->disk[0].serial);
	assert_true(p->disk[0].iothread);
	assert_int_equal(p->disk[0].boot_index, 0);
	assert_int_equal(p->net[0].mode, PROFILE_NET_USER);
	assert_int_equal(p->net[0].model, PROFILE_NET_VIRTIO);
	assert_false(p->net[0].has_mac);
	assert_int_equal(p->display, PROFILE_DISPLAY_DEFAULT);
	assert_int_equal(p->release_console, PROFILE_AUTO);
	assert_int_equal(p->unload_modules, PROFILE_UNLOAD_AUTO);
	assert_int_equal(p->governor, PROFILE_GOVERNOR_KEEP);
	assert_int_equal(p->inhibit, PROFILE_INHIBIT_SLEEP);
	assert_int_equal(p->qemu_argument.count, 0);
	assert_false(p->has_audio || p->has_looking_glass || p->has_tpm);
	assert_int_equal(p->hook_prepare_pos.line, 0);
	profile_free(p);
}

static void the_machine_is_read(void **state)
{
	struct profile *p = good("[vm]\nmemory = 1G\nhyperv = yes\nhide-hypervisor = yes\nrtc = localtime\n"
				 "smbios = host\nsmbios-string = type=1,serial=7\nacpi-table = /a.aml\n"
				 "acpi-table = /b.aml\nguest-sleep = yes\n[display]\ntype = none\n");

	(void)state;
	assert_true(p->hyperv && p->hide_hypervisor && p->guest_sleep);
	assert_int_equal(p->rtc, PROFILE_RTC_LOCALTIME);
	assert_int_equal(p->smbios, PROFILE_SMBIOS_HOST);
	assert_int_equal(p->smbios_pos.line, 6);
	assert_int_equal(p->smbios_string.count, 1);
	assert_string_equal(p->smbios_string.item[0].text, "type=1,serial=7");
	assert_int_equal(p->acpi_table.count, 2);
	assert_string_equal(p->acpi_table.item[1].text, "/b.aml");
	assert_int_equal(p->acpi_table.item[1].pos.line, 9);
	profile_free(p);
}

static void vm_keys_are_read(void **state)
{
	struct profile *p = good("[vm]\nname = lab\nuser = alice\nmemory = 2048M\ncpus = 8\nthreads = 2\n"
				 "cpu = host,kvm=off\naccel = tcg\nmachine = pc-q35-7.2\nfirmware = uefi\n"
				 "nvram = /v/VARS.fd\nqemu = /opt/qemu\nshutdown-timeout = 5s\n"
				 "[display]\ntype = none\n[qemu]\nargument = -device\nargument = \"a  # b\"\n");

	(void)state;
	assert_string_equal(p->name, "lab");
	assert_string_equal(p->user, "alice");
	assert_int_equal(p->user_pos.line, 3);
	assert_int_equal(p->user_pos.column, 8);
	assert_int_equal(p->memory_bytes, (uint64_t)2 << 30);
	assert_int_equal(p->memory_pos.line, 4);
	assert_int_equal(p->cpus, 8);
	assert_int_equal(p->threads, 2);
	assert_string_equal(p->cpu, "host,kvm=off");
	assert_int_equal(p->accel, PROFILE_ACCEL_TCG);
	assert_string_equal(p->machine, "pc-q35-7.2");
	assert_string_equal(p->nvram, "/v/VARS.fd");
	assert_int_equal(p->nvram_pos.line, 11);
	assert_string_equal(p->qemu, "/opt/qemu");
	assert_int_equal(p->qemu_pos.line, 12);
	assert_int_equal(p->shutdown_timeout_s, 5);
	assert_int_equal(p->display, PROFILE_DISPLAY_NONE);
	assert_int_equal(p->qemu_argument.count, 2);
	assert_string_equal(p->qemu_argument.item[0].text, "-device");
	assert_string_equal(p->qemu_argument.item[1].text, "a  # b");
	assert_int_equal(p->qemu_argument.item[1].pos.line, 18);
	profile_free(p);
}

static void devices_are_read(void **state)
{
	struct profile *p = good("[vm]\nmemory = 4G\n"
				 "[gpu]\ndevice = 10000:e1:1f.7\nid = 10DE:2486\ngroup = hold\nrom = off\n"
				 "[pci]\ndevice = 8086:15b8\ngroup = all\n"
				 "[gpu]\ndevice = 02:00.0\nrom = /r.rom\ngroup = all\n"
				 "[pci]\ndevice = 0000:03:00.1\ngroup = slot\n");
	const struct profile_device *d = p->device;

	(void)state;
	assert_int_equal(p->device_count, 4);
	assert_true(d[0].gpu && !d[1].gpu && d[2].gpu && !d[3].gpu);
	assert_false(d[0].device.by_id);
	assert_int_equal(d[0].device.address.domain, 0x10000);
	assert_int_equal(d[0].device.address.bus, 0xe1);
	assert_int_equal(d[0].device.address.device, 0x1f);
	assert_int_equal(d[0].device.address.function, 7);
	assert_string_equal(d[0].device.text, "10000:e1:1f.7");
	assert_int_equal(d[0].pos.line, 3);
	assert_int_equal(d[0].device.pos.line, 4);
	assert_int_equal(d[0].device.pos.column, 10);
	assert_true(d[0].has_id && d[0].rom_off);
	assert_int_equal(d[0].id_vendor, 0x10de);
	assert_int_equal(d[0].id_device, 0x2486);
	assert_int_equal(d[0].id_pos.line, 5);
	assert_int_equal(d[0].group, PROFILE_GROUP_HOLD);
	assert_true(d[1].device.by_id);
	assert_int_equal(d[1].device.vendor, 0x8086);
	assert_int_equal(d[1].device.device, 0x15b8);
	assert_int_equal(d[1].group, PROFILE_GROUP_ALL);
	assert_string_equal(d[2].rom, "/r.rom");
	assert_int_equal(d[2].rom_pos.line, 13);
	assert_int_equal(d[2].device.address.domain, 0);
	assert_int_equal(d[3].group, PROFILE_GROUP_SLOT);
	profile_free(p);
}

static void disks_and_cards_are_read(void **state)
{
	static const uint8_t mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0xfe };
	struct profile *p = good(MINIMAL "[disk]\npath = /a.img\nformat = raw\ncache = unsafe\n"
				 "discard = ignore\nreadonly = yes\nserial = WD-1\niothread = no\nboot-index = 7\n"
				 "[disk]\npath = /dev/sdb\n[disk]\npath = \"/b c.qcow2\"\nformat = qcow2\n"
				 "[net]\nmode = none\nmodel = e1000e\n"
				 "[net]\nmac = 52:54:00:12:34:FE\nforward = tcp:2222:22\nforward = udp:53:5353\n");

	(void)state;
	assert_int_equal(p->disk_count, 3);
	assert_string_equal(p->disk[0].path, "/a.img");
	assert_int_equal(p->disk[0].pos.line, 5);
	assert_int_equal(p->disk[0].path_pos.line, 6);
	assert_true(p->disk[0].format_given && p->disk[0].readonly && !p->disk[0].iothread);
	assert_int_equal(p->disk[0].format, PROFILE_FORMAT_RAW);
	assert_int_equal(p->disk[0].cache, PROFILE_CACHE_UNSAFE);
	assert_int_equal(p->disk[0].discard, PROFILE_DISCARD_IGNORE);
	assert_string_equal(p->disk[0].serial, "WD-1");
	assert_int_equal(p->disk[0].boot_index, 7);
	assert_false(p->disk[1].format_given);
	assert_string_equal(p->disk[2].path, "/b c.qcow2");
	assert_true(p->disk[2].format_given);
	assert_int_equal(p->disk[2].format, PROFILE_FORMAT_QCOW2);
	assert_int_equal(p->net_count, 2);
	assert_int_equal(p->net[0].mode, PROFILE_NET_NONE);
	assert_int_equal(p->net[0].model, PROFILE_NET_E1000E);
	assert_true(p->net[1].has_mac);
	assert_memory_equal(p->net[1].mac, mac, 6);
	assert_int_equal(p->net[1].forward_count, 2);
	assert_false(p->net[1].forward[0].udp);
	assert_int_equal(p->net[1].forward[0].host_port, 2222);
	assert_int_equal(p->net[1].forward[0].guest_port, 22);
	assert_true(p->net[1].forward[1].udp);
	assert_int_equal(p->net[1].forward[1].guest_port, 5353);
	assert_int_equal(p->net[1].forward[1].pos.column, 11);
	profile_free(p);
}

static void quotes_and_comments_follow_the_grammar(void **state)
{
	struct profile *p = good("#!/usr/bin/env -S sudo vfio-run\n; comment\n  [ vm ]  # machine\n"
				 "\tmemory\t=\t\"4G\"\t;four\nname=\"a.b\"\n\n[gpu] ; card\ndevice = 01:00.0 # first\n"
				 "[disk]\npath = \"/a \\\"b\\\" \\\\ # ; .raw\"\n[disk]\npath = /a#b;c.raw\n"
				 "[qemu]\nargument = \"\"\nargument = {\"driver\":\"x\"}\nargument = a\\b");

	(void)state;
	assert_int_equal(p->memory_bytes, (uint64_t)4 << 30);
	assert_string_equal(p->name, "a.b");
	assert_string_equal(p->disk[0].path, "/a \"b\" \\ # ; .raw");
	assert_string_equal(p->disk[1].path, "/a#b;c.raw");
	assert_string_equal(p->qemu_argument.item[0].text, "");
	assert_string_equal(p->qemu_argument.item[1].text, "{\"driver\":\"x\"}");
	assert_string_equal(p->qemu_argument.item[2].text, "a\\b");
	profile_free(p);
}

static size_t error_count(const char *text, size_t size, const char *name, const char *first)
{
	struct profile_errors errors = { 0 };
	struct profile sentinel, *p = &sentinel;
	size_t count;
	int rc = parse(text, size, name, &p, &errors);

	count = errors.count;
	assert_int_equal(rc, count ? -EINVAL : 0);
	if (rc)
		assert_ptr_equal(p, &sentinel); /* untouched on error */
	else
		profile_free(p);
	if (first)
		assert_non_null(strstr(errors.item[0].text, first));
	profile_errors_fini(&errors);
	return count;
}

static void the_file_name_is_the_default_name(void **state)
{
	static const char named[] = "[vm]\nname = x\nmemory = 4G\n[gpu]\ndevice = 01:00.0\n";
	static const char long_name[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; /* 33 */
	static const char *const bad[] = { "",	  ".x",	 "-x",	    "a b",
					   "a/b", "a=b", long_name, "w\xc3\xb6rk" };

	(void)state;
	assert_int_equal(error_count(MINIMAL, strlen(MINIMAL), long_name + 1, NULL), 0);
	assert_int_equal(error_count(MINIMAL, strlen(MINIMAL), NULL, "the file's name"), 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(error_count(MINIMAL, strlen(MINIMAL), bad[i], "the file's name"), 1);
	assert_int_equal(error_count(named, strlen(named), "a b", NULL), 0);
}

static void the_size_is_limited(void **state)
{
	static char text[PROFILE_SIZE_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, MINIMAL "# ", strlen(MINIMAL "# "));
	assert_int_equal(error_count(text, PROFILE_SIZE_MAX, "x", NULL), 0);
	assert_int_equal(error_count(text, PROFILE_SIZE_MAX + 1, "x",
				     "262145 bytes, expected at most 262144"),
			 1);
	memset(text, '\n', sizeof(text));
	assert_int_equal(error_count(text, PROFILE_SIZE_MAX, "x", "there is no [vm]"), 1);
	assert_int_equal(error_count(text, 0, "x", "there is no [vm]"), 1);
}

static void a_large_file_is_read_quickly(void **state)
{
	static char text[PROFILE_SIZE_MAX];
	static const char *const lines[] = {
		"[pci]\n", "[disk]\npath=/a\n", "[net]\nforward=tcp:1:1\n", "[x]\n", "x\n",
		"[qemu]\nargument=-S\n", "argument=a\n",
	};

	(void)state; /* the run's time limit is the check: nothing may be quadratic in the file's size */
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		size_t length = strlen(lines[i]), size = 0;

		for (; size + length <= sizeof(text); size += length)
			memcpy(text + size, lines[i], length);
		assert_true(error_count(text, size, "x", NULL) > 0);
	}
}

static void errors_are_capped_and_in_order(void **state)
{
	char *text = NULL, *rendered;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct profile_errors errors = { 0 };
	struct profile *p = NULL;

	(void)state;
	assert_non_null(f);
	for (int i = 0; i < PROFILE_ERRORS_MAX + 20; i++)
		(void)fprintf(f, "[vm%d]\n", i);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(profile_parse(text, size, "x", &p, &errors), -EINVAL);
	assert_int_equal(errors.count, PROFILE_ERRORS_MAX);
	assert_int_equal(errors.dropped, 20);
	for (size_t i = 1; i < errors.count; i++)
		assert_true(errors.item[i - 1].pos.line <= errors.item[i].pos.line);
	rendered = profile_errors_render(&errors, "x", text, size, false);
	assert_non_null(strstr(rendered, "20 are not shown"));
	free(rendered);
	profile_errors_fini(&errors);
	assert_null(errors.item);
	free(text);
}

static void a_trial_has_devices_and_nothing_of_the_guests(void **state)
{
	struct profile *p = good(MINIMAL "[session]\nstop = gdm.service\n"
					 "[disk]\npath = /a.qcow2\n[cdrom]\npath = /a.iso\n"
					 "[net]\nmode = user\n[usb]\ndevice = 046d:c52b\n[audio]\n"
					 "[shm]\nname = a\nsize = 2M\n[tpm]\n[display]\ntype = spice\n"
					 "[share]\npath = /a\ntag = a\n[program]\nrun = /bin/true\n");

	(void)state;
	profile_for_trial(p, 60);
	assert_int_equal(p->trial_s, 60);
	assert_int_equal(p->device_count, 1);
	assert_int_equal(p->session_stop.count, 1);
	assert_int_equal(p->disk_count + p->cdrom_count + p->net_count + p->usb_count + p->shm_count +
				 p->share_count + p->program_count, 0);
	assert_false(p->has_audio || p->has_tpm);
	assert_int_equal(profile_display_type(p), PROFILE_DISPLAY_NONE);
	profile_free(p);
}

static void freeing_nothing_is_fine(void **state)
{
	struct profile_errors errors = { 0 };

	(void)state;
	profile_free(NULL);
	profile_errors_fini(&errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_the_documented_ones),
		cmocka_unit_test(the_machine_is_read),
		cmocka_unit_test(vm_keys_are_read),
		cmocka_unit_test(devices_are_read),
		cmocka_unit_test(disks_and_cards_are_read),
		cmocka_unit_test(quotes_and_comments_follow_the_grammar),
		cmocka_unit_test(the_file_name_is_the_default_name),
		cmocka_unit_test(the_size_is_limited),
		cmocka_unit_test(a_large_file_is_read_quickly),
		cmocka_unit_test(errors_are_capped_and_in_order),
		cmocka_unit_test(a_trial_has_devices_and_nothing_of_the_guests),
		cmocka_unit_test(freeing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
