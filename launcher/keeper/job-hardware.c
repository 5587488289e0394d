/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job-hardware.c - what the hardware reported about the devices while a guest had them */
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launcher/base/hardware.h"
#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/job.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/worker/kernel-log.h"

/* Since when, and what was counted then, by plan->device; of this keeper only, its standby says
 * nothing. */
static struct {
	uint64_t since_us;
	int log; /* the kernel's, behind what it had written by then; -1: it cannot be read */
	long long slept_s;
	struct hardware_errors errors[KEEPER_DEVICES_MAX];
	struct parent { /* of a virtual function: the physical one, and its driver; "": none */
		char name[PCI_ADDRESS_TEXT], driver[32];
	} parent[KEEPER_DEVICES_MAX];
} start;

/* Seconds since boot that the host was suspended: one clock goes on meanwhile. Source: clock_gettime(2) */
static long long slept_s(void)
{
	struct timespec all, awake;

	if (clock_gettime(CLOCK_BOOTTIME, &all) || clock_gettime(CLOCK_MONOTONIC, &awake))
		return 0;
	return (all.tv_sec - awake.tv_sec) + (all.tv_nsec - awake.tv_nsec) / 500000000;
}

/* It can be, in spite of `[host] inhibit`: by root, by a battery that is empty. */
static void say_sleep(void)
{
	long long slept = slept_s() - start.slept_s;

	if (slept > 0)
		log_warning("the host was suspended for %lld s while the guest ran: a device that the guest "
			    "then had no use of, or the host now has none of, may need a reboot", slept);
}

/* Only a virtual function has one. */
static void read_parent(const char *name, struct parent *out)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/physfn", name);
	if (sysfs_link_name(AT_FDCWD, path, out->name, sizeof(out->name)))
		return;
	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", out->name);
	(void)sysfs_link_name(AT_FDCWD, path, out->driver, sizeof(out->driver));
}

/* Behind what it holds by now: a machine that has been up for months has written a lot. */
static int open_kernel_log(void)
{
	int fd;

	caps_raise(CAP_SYSLOG);
	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	caps_rest();
	if (fd >= 0)
		(void)lseek(fd, 0, SEEK_END); /* otherwise it is read from its beginning */
	return fd;
}

/** job_hardware_begin() - from now on counts what is reported about the plan's devices */
void job_hardware_begin(const struct keeper *k)
{
	cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[PCI_ADDRESS_TEXT];

	start.since_us = kernel_log_now();
	start.log = open_kernel_log();
	start.slept_s = slept_s();
	for (uint32_t i = 0; i < k->plan->device_count; i++) {
		(void)pci_address_format(&k->plan->device[i].address, name);
		(void)hardware_errors_read(root, name, &start.errors[i]);
		read_parent(name, &start.parent[i]);
	}
}

static void say_counters(const struct keeper *k)
{
	cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[PCI_ADDRESS_TEXT], text[96];
	struct hardware_errors now;

	for (uint32_t i = 0; i < k->plan->device_count; i++) {
		(void)pci_address_format(&k->plan->device[i].address, name);
		if (hardware_errors_read(root, name, &now) &&
		    hardware_errors_differ(&start.errors[i], &now))
			log_warning(
				"%s: PCIe errors while the guest had it: %s", name,
				hardware_errors_text(&start.errors[i], &now, text, sizeof(text)));
	}
}

/* A virtual function without its physical one's driver may do nothing, or be gone. */
static void say_parents(const struct keeper *k)
{
	char path[SYSFS_PATH_MAX], now[CHANGE_TEXT_MAX], name[PCI_ADDRESS_TEXT];

	for (uint32_t i = 0; i < k->plan->device_count; i++) {
		const struct parent *p = &start.parent[i];

		(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", p->name);
		(void)sysfs_link_name(AT_FDCWD, path, now, sizeof(now));
		if (*p->driver && strcmp(p->driver, now) != 0)
			log_warning(
				"%s: its physical function %s was on %s, and is on %s: that has gone "
				"away while the guest had the virtual one",
				pci_address_format(&k->plan->device[i].address, name), p->name,
				p->driver, *now ? now : "no driver");
	}
}

static void say_lines(const struct keeper *k)
{
	static struct pci_address device[KEEPER_DEVICES_MAX];
	static struct hardware_lines lines;
	char quoted[HARDWARE_LINE_MAX * 4];

	if (start.log < 0)
		return;
	for (uint32_t i = 0; i < k->plan->device_count; i++)
		device[i] = k->plan->device[i].address;
	hardware_lines_read(start.log, device, k->plan->device_count, start.since_us, &lines);
	if (lines.count > HARDWARE_LINES)
		log_warning(
			"the kernel reported %zu times about these devices, see `dmesg`; the last lines:",
			lines.count);
	for (size_t i = 0; i < lines.count && i < HARDWARE_LINES; i++)
		log_warning("the kernel says: %s",
			    log_quote(lines.line[i], quoted, sizeof(quoted)));
}

/** job_hardware_say() - warn of what was reported about the devices since job_hardware_begin() */
void job_hardware_say(const struct keeper *k)
{
	if (!k->plan->device_count)
		return;
	say_sleep();
	say_counters(k);
	say_parents(k);
	say_lines(k);
}
