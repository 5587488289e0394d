/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-profile-refused.c - QEMU arguments that leave the jail or take the monitor, and others */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "profiles/profile.h"

static void refused_in_every_spelling(void **state)
{
	static const char *const options[] = {
		"daemonize", "sandbox",	   "runas",	  "run-with",	"chroot",      "pidfile",
		"mon",	     "qmp",	   "qmp-pretty",  "monitor",	"S",	       "incoming",
		"add-fd",    "readconfig", "writeconfig", "preconfig",	"no-shutdown", "async-teardown",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		for (int form = 0; form < 4; form++) {
			char argument[64];

			(void)snprintf(argument, sizeof(argument), "%s%s%s", form & 1 ? "--" : "-", options[i],
				       form & 2 ? "=on" : "");
			if (!profile_refused_argument(argument))
				print_error("%s is not refused\n", argument);
			assert_non_null(profile_refused_argument(argument));
		}
}

static void values_that_reach_our_descriptors_are_refused(void **state)
{
	static const char *const values[] = {
		"socket,id=a,fd=3",
		"fd=3",
		"tap,id=n,fds=3:4",
		"tap,vhostfd=4,id=n",
		"tap,vhostfds=4",
		"stream,id=n,addr.type=fd,addr.str=3",
		"mon:stdio",
		"mon:unix:/tmp/x",
		"null,id=vfio-run-x",
		"chardev:vfio-run-qmp",
		"virtserialport,chardev=vfio-run-qmp",
		"chardev.vfio-run-qmp.path=/x",
		"mon.m.mode=control",
		"sandbox.x.enable=off",
		"panic=none,shutdown=pause",
		"{\"type\":\"tap\",\"fd\":\"3\"}",
		"{\"type\":\"tap\",\"fds\" : \"3:4\"}",
		"{\"type\":\"tap\",\"vhostfd\":\"3\"}",
		"{\"type\":\"tap\",\"vhostfds\":\"3\"}",
		"{\"driver\":\"virtserialport\",\"chardev\":\"vfio-run-qmp\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (!profile_refused_argument(values[i]))
			print_error("%s is not refused\n", values[i]);
		assert_non_null(profile_refused_argument(values[i]));
	}
}

static void others_pass(void **state)
{
	static const char *const passed[] = {
		"", "-", "--", "-s", "-device", "--device", "-smbios", "-monitors", "-smp", "-no-reboot",
		"-serial", "stdio", "socket,id=c0,path=/x", "virtio-balloon-pci", "-boot", "id=mine",
		"{\"driver\":\"x\",\"id\":\"y\"}", "-pid", "-sandboxed", "daemonize", "monitor", "S",
		"name=opt/fd,string=fd", "-set", "device.hostdev0.x-vga=on",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
		if (profile_refused_argument(passed[i]))
			print_error("%s is refused: %s\n", passed[i], profile_refused_argument(passed[i]));
		assert_null(profile_refused_argument(passed[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_in_every_spelling),
		cmocka_unit_test(values_that_reach_our_descriptors_are_refused),
		cmocka_unit_test(others_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
