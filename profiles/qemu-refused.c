/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-refused.c - arguments of QEMU that would leave the jail or take the monitor */
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/profile.h"

#define OWN_FD "QEMU inherits no descriptors but vfio-run's own"
#define BY_SECTION                                                                                 \
	"a host device is given by a section, so that it is taken and given back: write [gpu], or "    \
	"[pci], with `device = ADDRESS`"

/* Options, without their dashes. */
static const struct {
	const char *option, *reason;
} refused_options[] = {
	{ "add-fd", OWN_FD },
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
	{ "qtest", "a protocol for QEMU's own tests would drive the guest's memory and clock" },
	{ "qtest-log", "a protocol for QEMU's own tests would drive the guest's memory and clock" },
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
	{ "monitor-hmp", "the monitor is vfio-run's" }, /* -object, of QEMU 11 */
	{ "monitor-qmp", "the monitor is vfio-run's" },
	{ "sandbox.", "vfio-run sets the system call filters; see \"sandbox\" in [vm]" },
};

/* Parameters in a list with commas. */
static const struct {
	const char *start, *reason;
} refused_parameters[] = {
	{ "fd=", OWN_FD },
	{ "fds=", OWN_FD },
	{ "vhostfd=", OWN_FD },
	{ "vhostfds=", OWN_FD },
	{ "id=vfio-run", "ids that start with \"vfio-run\" are vfio-run's own" },
	{ "addr.type=fd", OWN_FD },
	{ "chardev=vfio-run", "the character device is vfio-run's" },
	{ "qom-type=monitor-", "the monitor is vfio-run's" },
	{ "shutdown=pause", "QEMU would not end when the guest powers down" },
};

/*
 * Devices of the host, as `-device` has them: by themselves in front, or behind "driver=", which -set
 * and JSON have too. One by vfio-user is none of the host's.
 */
static const char *const host_devices[] = {
	"vfio-pci",	   "vfio-pci-nohotplug", "vfio-pci-igd-lpc-bridge", "vfio-ap", "vfio-ccw",
	"vfio-platform",   "vfio-amd-xgbe",	 "vfio-calxeda-xgmac",
};

/* Properties by which a device of the host is named, of all of them at once. */
static const char *const host_properties[] = {
	"vfio-pci.host=", "vfio-pci.sysfsdev=", "vfio-pci.fd=", "driver=vfio-pci,property=host",
	"driver=vfio-pci,property=sysfsdev",
};

/* Anywhere in an argument that is JSON, once it is written plainly. */
static const struct {
	const char *text, *reason;
} refused_json[] = {
	{ "\"fd\"", OWN_FD },
	{ "\"fds\"", OWN_FD },
	{ "\"vhostfd\"", OWN_FD },
	{ "\"vhostfds\"", OWN_FD },
	{ "\"monitor-hmp\"", "the monitor is vfio-run's" },
	{ "\"monitor-qmp\"", "the monitor is vfio-run's" },
	{ "\"vfio-run", "names that start with \"vfio-run\" are vfio-run's own" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *refused_option(const char *option)
{
	size_t length;

	option += option[1] == '-' ? 2 : 1; /* QEMU takes both spellings */
	length = strcspn(option, "= ");
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

/* Is this a word of the list, up to where a parameter ends? */
static bool is_host_device(const char *text)
{
	size_t length = strcspn(text, ",\"");

	for (size_t i = 0; i < COUNT(host_devices); i++)
		if (strlen(host_devices[i]) == length && !strncmp(host_devices[i], text, length))
			return true;
	return false;
}

static bool names_host_device(const char *argument)
{
	static const char driver[] = "driver=";

	if (is_host_device(argument))
		return true;
	for (size_t i = 0; i < COUNT(host_properties); i++)
		if (!strncmp(argument, host_properties[i], strlen(host_properties[i])))
			return true;
	for (const char *at = argument; (at = strstr(at, driver)); at += sizeof(driver) - 1)
		if ((at == argument || at[-1] == ',' || at[-1] == '.') &&
		    is_host_device(at + sizeof(driver) - 1))
			return true;
	return false;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at;

	at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* "\u0066" is f. Return: the character, or -1 for none of ASCII */
static int escaped(const char *at)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(at[2 + i]);

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value && value < 0x80 ? value : -1;
}

/*
 * QEMU takes 'single' quotes as well as "double" ones, and any character by its number: what is
 * looked for here must not depend on how it is spelled. Source: QEMU, qobject/json-lexer.c
 */
static char *plain_json(const char *json)
{
	char *plain = malloc(strlen(json) + 1), *to = plain;

	for (const char *at = json; plain && *at; at++) {
		int c = at[0] == '\\' && at[1] == 'u' ? escaped(at) : -1;

		if (c >= 0)
			at += strlen("u0000");
		else if (at[0] == '\\' && at[1])
			*to++ = *at++; /* the next one is no quote, and no escape's beginning */
		*to++ = (char)(c >= 0 ? c : *at == '\'' ? '"' : *at);
	}
	if (plain)
		*to = '\0';
	return plain;
}

static const char *refused_in_json(const char *argument)
{
	char *json = plain_json(argument);
	const char *reason = json ? NULL : "there is no memory to look into it";

	for (size_t i = 0; json && !reason && i < COUNT(refused_json); i++)
		if (strstr(json, refused_json[i].text))
			reason = refused_json[i].reason;
	for (const char *at = json; at && !reason && (at = strchr(at, '"')); at++)
		if (is_host_device(at + 1))
			reason = BY_SECTION;
	free(json);
	return reason;
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

	if (argument[0] == '-') {
		size_t option = profile_option_length(argument);

		reason = refused_option(argument);
		/* It is no argument of QEMU's so far; what it is meant to say would be refused as two. */
		return reason || !option ? reason : profile_refused_argument(
			argument + option + 1 + strspn(argument + option + 1, " "));
	}
	if (argument[0] == '{')
		return refused_in_json(argument);
	if (names_host_device(argument))
		return BY_SECTION;
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

/**
 * profile_option_length() - is this an option of QEMU and its value in one argument?
 * @argument:	such as "-device virtio-rng-pci" or "-device=virtio-rng-pci"
 *
 * QEMU takes neither: an option and its value are two arguments.
 *
 * Return: the length of the option, up to the blank or "="; 0: it is not
 */
size_t profile_option_length(const char *argument)
{
	size_t dashes = strspn(argument, "-");
	size_t word = strspn(argument + dashes,
			     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
	char next = argument[dashes + word];

	return dashes && dashes < 3 && word && (next == ' ' || next == '=') ? dashes + word : 0;
}
