/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.c - reads one PCI function into a struct host_device
 *
 * One read of its uevent gives what six files do, so the live system is read by that and by
 * its resource file. A capture may lack them, and a hanging unbind may hold the uevent up
 * (kernels 6.10 to 6.12 take the device's lock for it): then libpci reads file by file.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/entries.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/device.h"
#include "launcher/host/host.h"
#include "launcher/host/pci.h"

#define CONFIG_HEADER_TYPE 0x0e /* pci_regs.h: PCI_HEADER_TYPE */

/* An attribute that is a small number; @none when it is not there. */
static int number(int dir, const char *name, int none)
{
	int64_t value;

	if (sysfs_read_number(dir, name, &value) || value < INT_MIN || value > INT_MAX)
		return none;
	return (int)value;
}

static int group_number(int dir)
{
	char name[16], *end;
	long value;

	if (sysfs_link_name(dir, "iommu_group", name, sizeof(name)) || !*name)
		return -1;
	value = strtol(name, &end, 10);
	return *end || value < 0 || value > INT_MAX ? -1 : (int)value;
}

static bool is_all_ones(const uint8_t *config, size_t size)
{
	while (size && config[size - 1] == 0xff)
		size--;
	return !size;
}

/*
 * The kernel's copy of the ids outlives a dead device; the configuration space does not. A
 * virtual function has no ids of its own there, so that a scan of the bus does not find it
 * (SR-IOV specification 9.3.4.1.1, 9.3.4.1.2): only a whole header of ones is a dead one.
 */
static void read_header(int dir, struct host_device *d)
{
	uint8_t config[64];
	cleanup_close int fd = openat(dir, "config", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, config, sizeof(config), 0);

	d->header_type = (d->class_id >> 8) == 0x0604 ? 1 : (d->class_id >> 8) == 0x0607 ? 2 : 0;
	if (n < (ssize_t)sizeof(config))
		return; /* a capture without it: the class must do */
	d->config_dead = is_all_ones(config, host_device_is_virtual(d) ? sizeof(config) : 4);
	if (!d->config_dead)
		d->header_type = config[CONFIG_HEADER_TYPE] & 0x7f;
}

/*
 * A root bus in the middle of a path belongs to the endpoint before it, whose driver makes it:
 * .../0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0. Without that driver all behind it is
 * gone. Source: drivers/pci/controller/vmd.c, vmd_enable_domain().
 */
static void read_controller(char *path, struct host_device *d)
{
	struct pci_address address;
	char *save = NULL, *before = NULL;

	for (char *part = strtok_r(path, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
		if (before && !strncmp(part, "pci", 3) && pci_address_parse(before, &address))
			(void)pci_address_format(&address, d->controller);
		before = part;
	}
}

/* The function's directory is in its bridge's: .../pci0000:00/0000:00:01.0/0000:01:00.0. */
static void read_bridge(int root, const char *path, struct host_device *d)
{
	char target[PATH_MAX], *slash;
	struct pci_address bridge;
	ssize_t n = readlinkat(root, path, target, sizeof(target) - 1);

	if (n < 0)
		return; /* a capture with plain directories: not known */
	target[n] = '\0';
	slash = strrchr(target, '/');
	if (!slash)
		return;
	*slash = '\0';
	slash = strrchr(target, '/');
	if (slash && pci_address_parse(slash + 1, &bridge))
		(void)pci_address_format(&bridge, d->bridge);
	read_controller(target, d);
}

static void read_physical_function(int dir, struct host_device *d)
{
	struct pci_address physical;
	char name[PCI_ADDRESS_TEXT];

	if (!sysfs_link_name(dir, "physfn", name, sizeof(name)) && pci_address_parse(name, &physical))
		(void)pci_address_format(&physical, d->physfn);
}

static void read_driver(int dir, struct host_device *d)
{
	(void)sysfs_link_name(dir, "driver", d->driver, sizeof(d->driver));
	if (*d->driver)
		(void)sysfs_link_name(dir, "driver/module", d->module, sizeof(d->module));
	d->vfio = !strcmp(d->driver, "vfio-pci") || (*d->driver && sysfs_exists(dir, "vfio-dev"));
}

/* Source: drivers/pci/pci-driver.c, pci_uevent(). */
static bool read_uevent(int dir, struct host_device *d)
{
	unsigned int class_id, vendor, device, subsystem_vendor, subsystem_device;
	char text[1024], *id, *class_, *subsystem, *modalias;

	if (sysfs_read(dir, "uevent", text, sizeof(text)) < 0)
		return false;
	class_ = strstr(text, "PCI_CLASS=");
	id = strstr(text, "PCI_ID=");
	subsystem = strstr(text, "PCI_SUBSYS_ID=");
	modalias = strstr(text, "MODALIAS=");
	if (!class_ || !id || !subsystem || !modalias ||
	    sscanf(class_, "PCI_CLASS=%x", &class_id) != 1 ||
	    sscanf(id, "PCI_ID=%4x:%4x", &vendor, &device) != 2 ||
	    sscanf(subsystem, "PCI_SUBSYS_ID=%4x:%4x", &subsystem_vendor, &subsystem_device) != 2)
		return false;
	d->class_id = class_id & 0xffffff;
	d->vendor = (uint16_t)vendor;
	d->device = (uint16_t)device;
	d->subsystem_vendor = (uint16_t)subsystem_vendor;
	d->subsystem_device = (uint16_t)subsystem_device;
	modalias += strlen("MODALIAS=");
	(void)snprintf(d->modalias, sizeof(d->modalias), "%.*s", (int)strcspn(modalias, "\n"),
		       modalias);
	return true;
}

/* A line for each BAR and for the ROM: first address, last address, flags. */
static bool read_resource(int dir, struct host_device *d)
{
	char text[4096], *line = text;

	if (sysfs_read(dir, "resource", text, sizeof(text)) < 0)
		return false;
	for (int i = 0; i < HOST_BARS && line; i++) {
		uint64_t start, end;

		if (sscanf(line, "%" SCNx64 " %" SCNx64, &start, &end) != 2)
			return false;
		d->bar_bytes[i] = end > start ? end - start + 1 : 0;
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return true;
}

static int read_identity(int dir, struct pci_access *pci, struct host_device *d)
{
	if (!d->stuck && read_uevent(dir, d) && (d->brief || read_resource(dir, d)))
		return 0;
	(void)sysfs_read(dir, "modalias", d->modalias, sizeof(d->modalias));
	return pci_read_identity(pci, d);
}

static int is_another_device(void *context, int dir, const char *name, unsigned int type)
{
	const struct host_device *d = context;
	struct pci_address address;

	(void)dir;
	(void)type;
	return pci_address_parse(name, &address) && strcmp(name, d->name) != 0;
}

/*
 * `bus` is listed for the first function of several, as the kernel asks before it has found the
 * others, and refused in a list that is written afterwards: the whole bus would be reset. Source:
 * drivers/pci/pci.c, pci_init_reset_methods(), pci_parent_bus_reset(), reset_method_store().
 */
static void read_resets(int dir, struct host_device *d)
{
	cleanup_close int bus = -1;

	(void)sysfs_read(dir, "reset_method", d->reset_methods, sizeof(d->reset_methods));
	memcpy(d->settable_resets, d->reset_methods, sizeof(d->settable_resets));
	if (!sysfs_has_word(d->reset_methods, "bus"))
		return;
	bus = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (bus < 0 || entries_each(bus, is_another_device, d))
		sysfs_drop_word(d->settable_resets, "bus");
}

static void read_power_and_place(int dir, struct host_device *d)
{
	read_resets(dir, d);
	(void)sysfs_read(dir, "power/control", d->power_control, sizeof(d->power_control));
	d->d3cold_allowed = number(dir, "d3cold_allowed", -1);
	d->numa_node = number(dir, "numa_node", -1);
	d->sriov_totalvfs = number(dir, "sriov_totalvfs", -1);
	if (d->sriov_totalvfs >= 0)
		d->sriov_autoprobe = number(dir, "sriov_drivers_autoprobe", -1);
}

static void read_attributes(int dir, struct host_device *d)
{
	d->d3cold_allowed = d->numa_node = d->sriov_totalvfs = d->sriov_autoprobe = -1;
	if (!d->brief)
		read_power_and_place(dir, d);
	if (host_device_is_display(d)) /* others have no such file */
		d->boot_vga = number(dir, "boot_vga", 0) == 1;
	d->iommu_group = group_number(dir);
}

/* These take the device's lock: they block as long as an unbind of it hangs. So they come last. */
static void read_locked(int dir, struct host_device *d)
{
	d->sriov_numvfs = number(dir, "sriov_numvfs", -1);
	(void)sysfs_read(dir, "driver_override", d->driver_override, sizeof(d->driver_override));
	if (!strcmp(d->driver_override, "(null)"))
		d->driver_override[0] = '\0';
}

/**
 * device_read() - everything that struct host_device holds of one function
 * @root:	directory that holds sys/
 * @stuck:	an unbind of it hangs: what could block is left out
 * @brief:	so is what only some need, see host_read_briefly()
 * @d:		overwritten
 *
 * Return: 0; -ENOENT: no such function; -ENODEV: it vanished meanwhile; other -errno
 */
int device_read(int root, struct pci_access *pci, const struct pci_address *address, bool stuck,
		bool brief, struct host_device *d)
{
	char path[64];
	cleanup_close int dir = -1;
	int r;

	*d = (struct host_device){
		.address = *address, .sriov_numvfs = -1, .stuck = stuck, .brief = brief
	};
	(void)pci_address_format(address, d->name);
	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", d->name);
	dir = sysfs_open_dir(root, path);
	if (dir < 0)
		return dir;
	r = read_identity(dir, pci, d);
	if (r)
		return r;
	read_physical_function(dir, d);
	read_header(dir, d);
	read_bridge(root, path, d);
	read_driver(dir, d);
	read_attributes(dir, d);
	if (!stuck)
		read_locked(dir, d);
	return 0;
}
