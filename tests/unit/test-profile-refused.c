/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-profile-refused.c - QEMU arguments that leave the jail or take the monitor, and others */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/profile.h"

static void refused_in_every_spelling(void **state)
{
	static const char *const options[] = {
		"daemonize", "sandbox",	   "runas",	  "run-with",	"chroot",      "pidfile",
		"mon",	     "qmp",	   "qmp-pretty",  "monitor",	"S",	       "incoming",
		"add-fd",    "readconfig", "writeconfig", "preconfig",	"no-shutdown", "async-teardown",
		"qtest",
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
		"monitor-qmp,id=m,chardev=c",
		"monitor-hmp,id=m,chardev=c",
		"id=m,qom-type=monitor-qmp,chardev=c",
		"{\"qom-type\":\"monitor-qmp\",\"id\":\"m\",\"chardev\":\"c\"}",
		"{\"qom-type\" : \"monitor-hmp\",\"id\":\"m\",\"chardev\":\"c\"}",
		"{\"qom-type\":\"\\u006donitor-qmp\",\"id\":\"m\",\"chardev\":\"c\"}",
		"sandbox.x.enable=off",
		"panic=none,shutdown=pause",
		"{\"type\":\"tap\",\"fd\":\"3\"}",
		"{\"type\":\"tap\",\"fds\" : \"3:4\"}",
		"{\"type\":\"tap\",\"vhostfd\":\"3\"}",
		"{\"type\":\"tap\",\"vhostfds\":\"3\"}",
		"{\"driver\":\"virtserialport\",\"chardev\":\"vfio-run-qmp\"}",
		"{'type':'tap','fd':'3'}",
		"{\"type\":\"tap\",\"\\u0066d\":\"3\"}",
		"{\"type\":\"tap\",\"f\\u0064\":\"3\"}",
		"{'type':'stream','addr':{'type':'\\u0066\\u0064','str':'3'}}",
		"{'driver':'virtserialport','chardev':'vfio\\u002Drun-qmp'}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (!profile_refused_argument(values[i]))
			print_error("%s is not refused\n", values[i]);
		assert_non_null(profile_refused_argument(values[i]));
	}
}

/* What -device takes, in each of the ways that QEMU has for saying it. */
static void a_device_of_the_host_is_given_by_a_section(void **state)
{
	static const char *const values[] = {
		"vfio-pci",
		"vfio-pci,host=01:00.0",
		"vfio-pci-nohotplug,host=01:00.0,ramfb=on",
		"driver=vfio-pci,host=01:00.0",
		"host=01:00.0,driver=vfio-pci",
		"e1000,driver=vfio-pci,host=01:00.0",
		"vfio-pci,sysfsdev=/sys/bus/mdev/devices/x",
		"vfio-ap,sysfsdev=/sys/x",
		"device.card.driver=vfio-pci",
		"vfio-pci.host=01:00.0",
		"vfio-pci.sysfsdev=/sys/x",
		"driver=vfio-pci,property=host,value=01:00.0",
		"{\"driver\":\"vfio-pci\",\"host\":\"01:00.0\"}",
		"{ \"host\" : \"01:00.0\" , \"driver\" : \"vfio-pci\" }",
		"{'driver':'vfio-pci','host':'01:00.0'}",
		"{\"driver\":\"vfio\\u002dpci\",\"host\":\"01:00.0\"}",
		"{\"driver\":\"vfio-pci-nohotplug\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const char *reason = profile_refused_argument(values[i]);

		if (!reason)
			print_error("%s is not refused\n", values[i]);
		assert_non_null(reason);
		assert_non_null(strstr(reason, "[gpu]"));
		assert_non_null(strstr(reason, "[pci]"));
	}
}

static void others_pass(void **state)
{
	static const char *const passed[] = {
		"", "-", "--", "-s", "-device", "--device", "-smbios", "-monitors", "-smp", "-no-reboot",
		"-serial", "stdio", "socket,id=c0,path=/x", "virtio-balloon-pci", "-boot", "id=mine",
		"{\"driver\":\"x\",\"id\":\"y\"}", "-pid", "-sandboxed", "daemonize", "monitor", "S",
		"vfio-user-pci,socket=/x", "vfio-pci.ids=10de:2486 quiet", "vfio-pci.x-no-mmap=on",
		"{'driver':'vfio-user-pci','id':'a\\u00e4\\\\u0066d'}", "{\"a\":\"\\", "{\"a\":\"\\u00",
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
		cmocka_unit_test(a_device_of_the_host_is_given_by_a_section),
		cmocka_unit_test(others_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
