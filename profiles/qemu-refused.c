/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-refused.c - arguments of QEMU that would leave the jail or take the monitor */
#include <stddef.h>
#include <string.h>

#include "profiles/profile.h"

/* Options, without their dashes. */
static const struct {
	const char *option, *reason;
} refused_options[] = {
	{ "add-fd", "QEMU inherits no descriptors but vfio-run's own" },
	{ "async-teardown", "a second process would hold the devices after QEMU's end" },
	{ "chroot", "vfio-run builds QEMU's file system" },
	{ "daemonize", "vfio-run must remain QEMU's parent to see its end" },
	{ "incoming", "QEMU would wait for a migration instead of starting the guest" },
	{ "mon", "the monitor is vfio-run's" },
	{ "monitor", "the monitor is vfio-run's" },
	{ "no-shutdown", "QEMU would not end when the guest powers down" },
	{ "pidfile", "vfio-run keeps track of QEMU's process itself" },
	{ "preconfig", "QEMU would wait for a monitor command that never comes" },
	{ "qmp", "the monitor is vfio-run's" },
	{ "qmp-pretty", "the monitor is vfio-run's" },
	{ "readconfig", "a file could hold any of the options that are refused here" },
	{ "run-with", "the user and the root directory of QEMU are chosen by vfio-run" },
	{ "runas", "QEMU runs as the VM's user from its start; see \"user\" in [vm]" },
	{ "sandbox", "vfio-run sets the system call filters; see \"sandbox\" in [vm]" },
	{ "S", "vfio-run starts the guest when everything is in place" },
	{ "writeconfig", "it writes a file outside of the guest's disks" },
};

/* Beginnings of what follows an option. */
static const struct {
	const char *start, *reason;
} refused_values[] = {
	{ "chardev.vfio-run", "the character device is vfio-run's" },
	{ "chardev:vfio-run", "the character device is vfio-run's" },
	{ "mon:", "the monitor is vfio-run's" },
	{ "mon.", "the monitor is vfio-run's" },
	{ "sandbox.", "vfio-run sets the system call filters; see \"sandbox\" in [vm]" },
};

/* Parameters in a list with commas. */
static const struct {
	const char *start, *reason;
} refused_parameters[] = {
	{ "fd=", "QEMU inherits no descriptors but vfio-run's own" },
	{ "fds=", "QEMU inherits no descriptors but vfio-run's own" },
	{ "vhostfd=", "QEMU inherits no descriptors but vfio-run's own" },
	{ "vhostfds=", "QEMU inherits no descriptors but vfio-run's own" },
	{ "id=vfio-run", "ids that start with \"vfio-run\" are vfio-run's own" },
	{ "addr.type=fd", "QEMU inherits no descriptors but vfio-run's own" },
	{ "chardev=vfio-run", "the character device is vfio-run's" },
	{ "shutdown=pause", "QEMU would not end when the guest powers down" },
};

/* Anywhere in an argument that is JSON. */
static const struct {
	const char *text, *reason;
} refused_json[] = {
	{ "\"fd\"", "QEMU inherits no descriptors but vfio-run's own" },
	{ "\"fds\"", "QEMU inherits no descriptors but vfio-run's own" },
	{ "\"vhostfd\"", "QEMU inherits no descriptors but vfio-run's own" },
	{ "\"vhostfds\"", "QEMU inherits no descriptors but vfio-run's own" },
	{ "\"vfio-run", "names that start with \"vfio-run\" are vfio-run's own" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *refused_option(const char *option)
{
	size_t length;

	option += option[1] == '-' ? 2 : 1; /* QEMU takes both spellings */
	length = strcspn(option, "=");
	for (size_t i = 0; i < COUNT(refused_options); i++)
		if (strlen(refused_options[i].option) == length &&
		    !strncmp(refused_options[i].option, option, length))
			return refused_options[i].reason;
	return NULL;
}

static const char *refused_parameter(const char *parameter)
{
	for (size_t i = 0; i < COUNT(refused_parameters); i++) {
		const char *start = refused_parameters[i].start;

		if (!strncmp(parameter, start, strlen(start)))
			return refused_parameters[i].reason;
	}
	return NULL;
}

static const char *refused_in_json(const char *argument)
{
	for (size_t i = 0; i < COUNT(refused_json); i++)
		if (strstr(argument, refused_json[i].text))
			return refused_json[i].reason;
	return NULL;
}

/**
 * profile_refused_argument() - why QEMU may not get this argument from a user
 * @argument:	one element of the argument vector: an option, or what follows one
 *
 * Return: the reason, one sentence without a full stop, not to be freed; NULL: it may
 */
const char *profile_refused_argument(const char *argument)
{
	const char *reason = NULL;

	if (argument[0] == '-')
		return refused_option(argument);
	if (argument[0] == '{')
		return refused_in_json(argument);
	for (size_t i = 0; i < COUNT(refused_values); i++)
		if (!strncmp(argument, refused_values[i].start, strlen(refused_values[i].start)))
			return refused_values[i].reason;
	while (argument && !reason) {
		reason = refused_parameter(argument);
		argument = strchr(argument, ',');
		if (argument)
			argument++;
	}
	return reason;
}
