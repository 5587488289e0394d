/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unexplained.c - devices on vfio-pci without a known reason
 *
 * A journal of vfio-run names what it has there, kept devices too; `detach --at-boot`, libvirt,
 * driverctl and `ids=` have files that name theirs. What is left over was put there by hand, by a script, or by
 * a vfio-run in a container whose journal went with it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/devices/claims.h"
#include "launcher/host/devices/unexplained.h"
#include "launcher/host/small-file.h"

#define STATE "run/vfio-run/state"

static bool is_on_vfio(const struct host_device *d)
{
	return !d->stuck && (d->vfio || !strncmp(d->driver_override, "vfio", 4));
}

/* Adds one file's text; one that was taken away meanwhile has none. */
static int append_file(struct host *h, const char *name, char **text, size_t *used)
{
	cleanup_free char *more = NULL;
	char path[320], *bigger;
	size_t length;

	(void)snprintf(path, sizeof(path), STATE "/%s", name);
	if (!strstr(name, ".journal") || host_text(host_root_fd(h), path, &more))
		return 0;
	length = strlen(more);
	bigger = realloc(*text, *used + length + 1);
	if (!bigger)
		return -ENOMEM;
	*text = bigger;
	memcpy(bigger + *used, more, length + 1);
	*used += length;
	return 0;
}

/* All journals as one text; "" when there are none. Return: 0, -EACCES takes root, -errno */
static int read_journals(struct host *h, char **out)
{
	size_t count, used = 0;
	char **name;
	int r = host_list(host_root_fd(h), STATE, &name, &count);

	*out = calloc(1, 1);
	if (r || !*out) /* of another machine that only means that root has not captured it */
		return r == -ENOENT && host_is_live(h) && *out ? 0 : r ? r : -ENOMEM;
	for (size_t i = 0; i < count && !r; i++)
		r = append_file(h, name[i], out, &used);
	host_list_free(name, count);
	return r;
}

static bool is_in_journal(const char *journals, const struct host_device *d)
{
	char line[PCI_ADDRESS_TEXT + 16];

	(void)snprintf(line, sizeof(line), "\ndevice\t%s\t", d->name);
	return strstr(journals, line);
}

static bool has_id(const struct host_vfio_id *id, size_t count, const struct host_device *d)
{
	for (size_t i = 0; i < count; i++)
		if (id[i].vendor == d->vendor && id[i].device == d->device)
			return true;
	return false;
}

static bool is_claimed(struct host *h, const struct host_device *d)
{
	char text[128];

	return host_at_boot(h, d->name) ||
	       host_libvirt_domain(h, d, text, sizeof(text)) == 1 ||
	       host_driverctl_override(h, d, text, sizeof(text)) == 1;
}

/**
 * host_unexplained() - all devices on a vfio driver, or meant for one, that nothing explains
 * @out:	end with host_devices_fini()
 *
 * Return: 0; -EACCES when the journals take root; other -errno
 */
int host_unexplained(struct host *h, struct host_devices *out)
{
	cleanup_free char *journals = NULL;
	struct host_vfio_id *id = NULL;
	size_t ids = 0, kept = 0;
	int r = read_journals(h, &journals);

	*out = (struct host_devices){ .count = 0 };
	if (!r)
		r = host_vfio_ids(h, &id, &ids);
	if (!r)
		r = host_all(h, out);
	for (size_t i = 0; i < out->count; i++) {
		const struct host_device *d = out->item[i];

		if (is_on_vfio(d) && !is_in_journal(journals, d) && !has_id(id, ids, d) &&
		    !is_claimed(h, d))
			out->item[kept++] = d;
	}
	out->count = kept;
	free(id);
	return r;
}

/** host_undo_override() - the line for a shell that gives a device to its own driver again */
const char *host_undo_override(const struct host_device *d, char buf[HOST_UNDO_MAX])
{
	static const char sysfs[] = "/sys/bus/pci";
	int used = snprintf(buf, HOST_UNDO_MAX, "sudo sh -c 'echo >%s/devices/%s/driver_override; ",
			    sysfs, d->name);

	if (*d->driver)
		used += snprintf(buf + used, HOST_UNDO_MAX - (size_t)used,
				 "echo %s >%s/drivers/%s/unbind; ", d->name, sysfs, d->driver);
	(void)snprintf(buf + used, HOST_UNDO_MAX - (size_t)used, "echo %s >%s/drivers_probe'",
		       d->name, sysfs);
	return buf;
}
