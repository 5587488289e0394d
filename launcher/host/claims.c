/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claims.c - other tools that lay hands on PCI devices: libvirt, driverctl, vfio-pci ids= */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/claims.h"
#include "launcher/host/small-file.h"

/*
 * A host device's address starts with its domain; the guest's, which also stands there,
 * starts with a type. Source: libvirt, virDomainHostdevDefFormatSubsysPCI().
 */
static bool names_device(const char *xml, const struct host_device *d)
{
	static const char start[] = "<address domain='";

	while ((xml = strstr(xml, start))) {
		unsigned int domain, bus, slot, function;

		xml += sizeof(start) - 1;
		if (sscanf(xml, "%x' bus='%x' slot='%x' function='%x'", &domain, &bus, &slot,
			   &function) == 4 &&
		    domain == d->address.domain && bus == d->address.bus &&
		    slot == d->address.device && function == d->address.function)
			return true;
	}
	return false;
}

/**
 * host_libvirt_domain() - the running libvirt domain that has this device
 * @domain:	receives its name
 *
 * Return: 1 there is one, 0 none, -EACCES when its files take root, other -errno
 */
int host_libvirt_domain(struct host *h, const struct host_device *d, char *domain, size_t size)
{
	char **name, path[320];
	size_t count;
	int r = host_list(host_root_fd(h), "run/libvirt/qemu", &name, &count), found = 0;

	if (r)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < count && !r && !found; i++) {
		cleanup_free char *xml = NULL;
		char *dot = strrchr(name[i], '.');

		if (!dot || strcmp(dot, ".xml"))
			continue;
		(void)snprintf(path, sizeof(path), "run/libvirt/qemu/%s", name[i]);
		r = host_text(host_root_fd(h), path, &xml);
		found = !r && names_device(xml, d);
		if (found)
			(void)snprintf(domain, size, "%.*s", (int)(dot - name[i]), name[i]);
	}
	host_list_free(name, count);
	return r ? r : found;
}

/**
 * host_driverctl_override() - the driver that driverctl gives this device at every boot
 *
 * Return: 1 with the driver in @driver, 0 none, or -errno
 */
int host_driverctl_override(struct host *h, const struct host_device *d, char *driver, size_t size)
{
	char path[64];
	int r;

	(void)snprintf(path, sizeof(path), "etc/driverctl.d/%s", d->name);
	r = sysfs_read(host_root_fd(h), path, driver, size);
	return r == -ENOENT ? 0 : r < 0 ? r : r > 0;
}

static int add_ids(const char *ids, const char *from, struct host_vfio_id **out, size_t *count)
{
	unsigned int vendor, device;
	int end;

	/* "10de:2486,10de:228b"; what may follow an id narrows it and is left out of account */
	while (sscanf(ids, "%4x:%4x%n", &vendor, &device, &end) == 2) {
		struct host_vfio_id *bigger = reallocarray(*out, *count + 1, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		*out = bigger;
		bigger += (*count)++;
		*bigger = (struct host_vfio_id){ .vendor = (uint16_t)vendor,
						 .device = (uint16_t)device };
		(void)snprintf(bigger->from, sizeof(bigger->from), "%s", from);
		ids += end;
		ids += strcspn(ids, ", \t\n\"");
		if (*ids != ',')
			break;
		ids++;
	}
	return 0;
}

static bool is_vfio_pci(const char *word, size_t length)
{
	return length == 8 && !strncmp(word, "vfio", 4) && (word[4] == '-' || word[4] == '_') &&
	       !strncmp(word + 5, "pci", 3);
}

static int from_cmdline(struct host *h, struct host_vfio_id **out, size_t *count)
{
	cleanup_free char *text = NULL;
	char *save = NULL;
	int r = host_text(host_root_fd(h), "proc/cmdline", &text);

	if (r)
		return 0;
	for (char *w = strtok_r(text, " \n", &save); w && !r; w = strtok_r(NULL, " \n", &save))
		if (strlen(w) > 13 && is_vfio_pci(w, 8) && !strncmp(w + 8, ".ids=", 5))
			r = add_ids(w + 13, "the kernel's command line", out, count);
	return r;
}

/* "options vfio-pci disable_vga=1 ids=10de:2486" */
static int from_line(const char *line, const char *path, struct host_vfio_id **out, size_t *count)
{
	const char *ids;

	line += strspn(line, " \t");
	if (strncmp(line, "options", 7) || !isspace((unsigned char)line[7]))
		return 0;
	line += 7 + strspn(line + 7, " \t");
	if (!is_vfio_pci(line, strcspn(line, " \t")))
		return 0;
	ids = strstr(line, "ids=");
	return ids ? add_ids(ids + 4, path, out, count) : 0;
}

static int from_directory(struct host *h, const char *directory, struct host_vfio_id **out,
			  size_t *count)
{
	char **name, path[320];
	size_t names;
	int r = host_list(host_root_fd(h), directory, &name, &names);

	if (r)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < names && !r; i++) {
		cleanup_free char *text = NULL;
		char *rest, *line;

		(void)snprintf(path, sizeof(path), "%s/%s", directory, name[i]);
		if (strlen(name[i]) < 6 || strcmp(name[i] + strlen(name[i]) - 5, ".conf") ||
		    host_text(host_root_fd(h), path, &text))
			continue;
		(void)snprintf(path, sizeof(path), "/%s/%s", directory, name[i]);
		rest = text;
		while (!r && (line = host_next_line(&rest)))
			r = from_line(line, path, out, count);
	}
	host_list_free(name, names);
	return r;
}

/* Where /lib is /usr/lib, one folder has two names. */
static bool is_one_folder(int root, const char *a, const char *b)
{
	struct stat x, y;

	return !fstatat(root, a, &x, 0) && !fstatat(root, b, &y, 0) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/**
 * host_vfio_ids() - every `ids=` that vfio-pci is loaded with
 * @out:	freed by the caller with free()
 *
 * The kernel does not show the parameter; it is read where it is written. Source:
 * modprobe.d(5).
 *
 * Return: 0 (also for none) or -ENOMEM
 */
int host_vfio_ids(struct host *h, struct host_vfio_id **out, size_t *count)
{
	static const char usr_lib[] = "usr/lib/modprobe.d", lib[] = "lib/modprobe.d";
	static const char *const directories[] = { "etc/modprobe.d", "run/modprobe.d",
						   "usr/local/lib/modprobe.d", usr_lib, lib };
	size_t directory_count = ARRAY_SIZE(directories);
	int r;

	*out = NULL;
	*count = 0;
	if (is_one_folder(host_root_fd(h), usr_lib, lib))
		directory_count--;
	r = from_cmdline(h, out, count);
	for (size_t i = 0; i < directory_count && !r; i++)
		r = from_directory(h, directories[i], out, count);
	if (r) {
		free(*out);
		*out = NULL;
	}
	return r;
}
