/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device-facts.c - what can be read of a device without ever waiting for its driver
 *
 * Links and directories, and the attributes that take no lock of the device: anything
 * else goes through the worker.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/driver-nodes.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/keeper.h"

#define DEVICES "/sys/bus/pci/devices"

/** device_driver() - the driver that a device is bound to, "" for none */
void device_driver(const char *name, char buf[CHANGE_TEXT_MAX])
{
	char path[96];

	(void)snprintf(path, sizeof(path), DEVICES "/%s/driver", name);
	(void)sysfs_link_name(AT_FDCWD, path, buf, CHANGE_TEXT_MAX);
}

/** device_module() - the module that a driver is in, "" for none: built in, or not there */
void device_module(const char *driver, char buf[CHANGE_TEXT_MAX])
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/module", driver);
	buf[0] = '\0';
	if (*driver)
		(void)sysfs_link_name(AT_FDCWD, path, buf, CHANGE_TEXT_MAX);
}

/** device_exists() - is there a device at that address? When that cannot be read: yes. */
bool device_exists(const char *name)
{
	char path[96];

	(void)snprintf(path, sizeof(path), DEVICES "/%s", name);
	return access(path, F_OK) == 0 || errno != ENOENT;
}

/** device_is_gone() - was it unplugged or removed? What this keeper removed comes back. */
bool device_is_gone(const struct journal_device *d)
{
	return !d->removed && !device_exists(d->name);
}

/** device_has_card() - is there that card of a device: "0000:02:00.1/sound/card1"? */
bool device_has_card(const char *target)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), DEVICES "/%s/uevent", target);
	return !access(path, F_OK);
}

/** device_has_driver() - is a driver of that name there? */
bool device_has_driver(const char *driver)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s", driver);
	return access(path, F_OK) == 0;
}

/** device_has_group() - is there a node that the group can be opened through? */
bool device_has_group(int32_t group)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/dev/vfio/%d", group);
	return access(path, F_OK) == 0;
}

/** device_is_alone_on_its_bus() - is no other device, and no other function, on its bus? */
bool device_is_alone_on_its_bus(const char *name)
{
	cleanup_closedir DIR *dir = opendir(DEVICES);
	const struct dirent *e;
	size_t bus = strlen(name) - 4; /* "0000:01:" */

	if (!dir)
		return false;
	for (errno = 0; (e = readdir(dir)); errno = 0)
		if (!strncmp(e->d_name, name, bus) && strcmp(e->d_name, name))
			return false;
	return errno == 0;
}

/**
 * device_can_reset() - has it a reset of its own, that does nothing to any other device?
 *
 * A reset by the bus resets whatever else is on it; for a card of several functions the
 * kernel names that method nevertheless, and the reset fails after the drivers' reset hooks
 * have run.
 */
bool device_can_reset(const char *name)
{
	char path[96], methods[CHANGE_TEXT_MAX];

	(void)snprintf(path, sizeof(path), DEVICES "/%s/reset_method", name);
	if (sysfs_read(AT_FDCWD, path, methods, sizeof(methods)) <= 0)
		return false;
	return strncmp(methods, "bus", 3) != 0 || device_is_alone_on_its_bus(name);
}

static bool is_card(const char *name)
{
	return !strncmp(name, "card", 4) && !strchr(name, '-');
}

static bool is_connector(const char *name) /* "card0-HDMI-A-1" */
{
	return !strncmp(name, "card", 4) && strchr(name, '-');
}

static unsigned int count_entries(const char *path, bool (*counts)(const char *name))
{
	cleanup_closedir DIR *dir = opendir(path);
	const struct dirent *e;
	unsigned int n = 0;

	while (dir && (e = readdir(dir)))
		n += counts(e->d_name);
	return n;
}

static void find_driver_nodes(const char *name, struct device_displays *out)
{
	cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	unsigned int minor, cards;
	struct pci_address a;

	if (driver_nodes_nvidia(root, name, &minor))
		out->nvidia = minor + 1;
	out->kfd = pci_address_parse(name, &a) && driver_nodes_kfd(root, &a, &cards);
}

/* The kernel's last answer: reading it asks no monitor. Source: drivers/gpu/drm/drm_sysfs.c */
static bool is_connected(const char *card, const char *name)
{
	char path[128 + 2 * NAME_MAX], status[32];

	(void)snprintf(path, sizeof(path), "%s/%s/status", card, name);
	return sysfs_read(AT_FDCWD, path, status, sizeof(status)) > 0 &&
	       !strncmp(status, "connected", 9);
}

/** device_has_screen() - has any card of the host a monitor? What is with vfio-pci is none of its cards */
bool device_has_screen(void)
{
	cleanup_closedir DIR *dir = opendir("/sys/class/drm");
	const struct dirent *e;
	bool any = false;

	while (dir && !any && (e = readdir(dir)))
		any = is_connector(e->d_name) && is_connected("/sys/class/drm", e->d_name);
	return any;
}

static void look_at_card(const char *path, struct device_displays *found, device_connector_fn each,
			 void *context)
{
	cleanup_closedir DIR *dir = opendir(path);
	const struct dirent *e;
	bool connected;

	while (dir && (e = readdir(dir))) {
		if (!is_connector(e->d_name))
			continue;
		connected = is_connected(path, e->d_name);
		found->connectors++;
		found->connected += connected;
		if (each)
			each(context, strrchr(path, '/') + 1, e->d_name, connected);
	}
}

/**
 * device_displays() - its DRM cards, the connectors on them, those with a monitor, its driver's own nodes
 * @each:	called for each connector, with its card; NULL: for none
 */
struct device_displays device_displays(const char *name, device_connector_fn each, void *context)
{
	char path[96 + NAME_MAX];
	struct device_displays found = { .cards = 0 };
	cleanup_closedir DIR *dir = NULL;
	const struct dirent *e;

	find_driver_nodes(name, &found);

	(void)snprintf(path, sizeof(path), DEVICES "/%s/drm", name);
	found.cards = count_entries(path, is_card);
	dir = found.cards ? opendir(path) : NULL;
	while (dir && (e = readdir(dir)))
		if (is_card(e->d_name)) {
			(void)snprintf(path, sizeof(path), DEVICES "/%s/drm/%s", name, e->d_name);
			look_at_card(path, &found, each, context);
		}
	return found;
}
