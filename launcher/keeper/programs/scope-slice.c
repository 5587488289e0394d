/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope-slice.c - a slice with CPUs of its own, for the VM's scope
 *
 *	slice NAME CPUS		start vfiorun_NAME.slice with AllowedCPUs=CPUS
 *	unslice NAME		stop it, and what is in it
 *
 * A slice, and at the top: a cgroup that is made by hand below the root loses its cpuset at the
 *next daemon-reload without a word, and the partition has to be a child of the root. A dash in the
 *name of a slice would put it below another one: so it has none. Tried on systemd 252, 257.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/keeper/programs/scope-request.h"

/** slice_unit() - as systemd-escape(1) has it; the same stands in keeper/process/slice.c */
void slice_unit(const char *name, char buf[SCOPE_UNIT_MAX])
{
	size_t used = (size_t)snprintf(buf, SCOPE_UNIT_MAX, "vfiorun_");

	for (; *name && used < SCOPE_UNIT_MAX - 16; name++)
		used += (size_t)snprintf(
			buf + used, SCOPE_UNIT_MAX - used,
			isalnum((unsigned char)*name) || *name == '_' || *name == '.' ? "%c"
										      : "\\x%02x",
			(unsigned char)*name);
	(void)snprintf(buf + used, SCOPE_UNIT_MAX - used, ".slice");
}

/* AllowedCPUs is a mask, a byte for eight CPUs, without zeros at its end. */
static int append_cpus(sd_bus_message *m, const struct cpus *cpus)
{
	size_t size = sizeof(cpus->bit);
	int rc = sd_bus_message_open_container(m, 'r', "sv");

	while (size && !cpus->bit[size - 1])
		size--;
	if (rc >= 0)
		rc = sd_bus_message_append(m, "s", "AllowedCPUs");
	if (rc >= 0)
		rc = sd_bus_message_open_container(m, 'v', "ay");
	if (rc >= 0)
		rc = sd_bus_message_append_array(m, 'y', cpus->bit, size);
	for (int i = 0; rc >= 0 && i < 2; i++)
		rc = sd_bus_message_close_container(m);
	return rc;
}

static int make_start(sd_bus *bus, const char *name, const struct cpus *cpus, sd_bus_message **out)
{
	char unit[SCOPE_UNIT_MAX], text[64];
	int rc = scope_call(bus, "StartTransientUnit", out);

	slice_unit(name, unit);
	(void)snprintf(text, sizeof(text), "CPUs of the virtual machine %s", name);
	if (rc >= 0)
		rc = sd_bus_message_append(*out, "ss", unit, "fail");
	if (rc >= 0)
		rc = sd_bus_message_open_container(*out, 'a', "(sv)");
	if (rc >= 0)
		rc = sd_bus_message_append(*out, "(sv)", "Description", "s", text);
	if (rc >= 0)
		rc = append_cpus(*out, cpus);
	if (rc >= 0)
		rc = sd_bus_message_close_container(*out);
	return rc < 0 ? rc : sd_bus_message_append(*out, "a(sa(sv))", 0);
}

static int make_stop(sd_bus *bus, const char *name, sd_bus_message **out)
{
	char unit[SCOPE_UNIT_MAX];
	int rc = scope_call(bus, "StopUnit", out);

	slice_unit(name, unit);
	return rc < 0 ? rc : sd_bus_message_append(*out, "ss", unit, "replace");
}

/** slice_main() - with the arguments of main(); 0 or -errno */
int slice_main(sd_bus *bus, int argc, char **argv)
{
	sd_bus_message *call = NULL;
	struct cpus cpus;
	int rc = -EINVAL;

	if (argc == 4 && !strcmp(argv[1], "slice") && !cpus_parse(argv[3], &cpus))
		rc = make_start(bus, argv[2], &cpus, &call);
	else if (argc == 3 && !strcmp(argv[1], "unslice"))
		rc = make_stop(bus, argv[2], &call);
	if (rc >= 0)
		rc = scope_do(bus, call, SCOPE_DEADLINE_S);
	sd_bus_message_unref(call);
	return rc;
}
