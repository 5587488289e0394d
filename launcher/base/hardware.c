/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hardware.c - what the hardware and the kernel have reported about devices
 *
 * Asked when somebody wants to know, and when a VM has ended: nothing wakes up for it while the VM
 * runs. Sources: Documentation/ABI/testing/sysfs-bus-pci-devices-aer_stats and dev-kmsg.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launcher/base/hardware.h"
#include "launcher/base/sysfs.h"

#define RECORD_MAX 8192          /* a longer record is refused by the kernel, and left out */
#define RECORDS_MAX 200000       /* more than the largest log holds: an end even if it grows */
#define EARLIER_US (2 * 1000000) /* the log has a clock of its own */

/*
 * Parts of lines that tell of trouble. Sources: drivers/pci/pcie/aer.c, dpc.c; drivers/pci/pci.c
 * (resets), drivers/iommu/intel/dmar.c, drivers/iommu/amd/iommu.c, drivers/vfio/pci.
 */
static const char *const trouble[] = {
	"AER:",
	"PCIe Bus Error",
	"DPC:",
	"error received",
	"DMAR:",
	"DMA Read",
	"DMA Write",
	"AMD-Vi:",
	"IO_PAGE_FAULT",
	"Event logged",
	"not ready ",
	"reset failed",
	"failed to reset",
	"timed out",
	"D3cold",
	"Invalid PCI ROM",
	"can't reserve",
	"can't reset",
	"vfio_bar_restore",
	"link down",
};

/* ---- counters ---------------------------------------------------------------------------- */

static bool read_total(int root, const char *device, const char *kind, const char *total,
		       uint64_t *out)
{
	char path[80], text[1024];
	const char *at;

	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/aer_dev_%s", device, kind);
	if (sysfs_read(root, path, text, sizeof(text)) < 0)
		return false;
	at = strstr(text, total);
	return at && sscanf(at + strlen(total), "%" SCNu64, out) == 1;
}

/**
 * hardware_errors_read() - a device's error counters
 * @root:	directory that holds sys/
 * @device:	its address
 *
 * Return: false when it counts none: no AER, or the kernel has not the say over it
 */
bool hardware_errors_read(int root, const char *device, struct hardware_errors *out)
{
	*out = (struct hardware_errors){ 0 };
	return read_total(root, device, "correctable", "TOTAL_ERR_COR ", &out->corrected) &&
	       read_total(root, device, "nonfatal", "TOTAL_ERR_NONFATAL ", &out->nonfatal) &&
	       read_total(root, device, "fatal", "TOTAL_ERR_FATAL ", &out->fatal);
}

/** hardware_errors_differ() - has anything been counted between the two? */
bool hardware_errors_differ(const struct hardware_errors *a, const struct hardware_errors *b)
{
	return a->corrected != b->corrected || a->nonfatal != b->nonfatal || a->fatal != b->fatal;
}

/** hardware_errors_text() - "3 corrected, 0 nonfatal, 1 fatal": what was counted between the two */
const char *hardware_errors_text(const struct hardware_errors *before,
				 const struct hardware_errors *now, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%" PRIu64 " corrected, %" PRIu64 " nonfatal, %" PRIu64 " fatal",
		       now->corrected - before->corrected, now->nonfatal - before->nonfatal,
		       now->fatal - before->fatal);
	return buf;
}

/* ---- the kernel's lines ------------------------------------------------------------------- */

static bool is_part_of_word(char c)
{
	return isxdigit((unsigned char)c) || c == ':' || c == '.';
}

/* Intel's IOMMU prints "[01:00.0]", without the domain; "01:00.0" is no part of "101:00.0". */
static bool names(const char *text, const struct pci_address *device)
{
	char full[PCI_ADDRESS_TEXT];
	const char *brief = pci_address_format(device, full);

	if (!device->domain)
		brief = strchr(full, ':') + 1;
	for (const char *at = text; (at = strstr(at, brief)); at++) {
		const char *start = at - text >= 5 && !strncmp(at - 5, "0000:", 5) ? at - 5 : at;

		if ((start == text || !is_part_of_word(start[-1])) &&
		    !isxdigit((unsigned char)at[strlen(brief)]))
			return true;
	}
	return false;
}

/**
 * hardware_is_trouble() - does this line of the kernel's tell of trouble with one of these devices?
 */
bool hardware_is_trouble(const char *text, const struct pci_address *device, size_t count)
{
	bool bad = false, ours = false;

	for (size_t i = 0; i < ARRAY_SIZE(trouble) && !bad; i++)
		bad = strstr(text, trouble[i]) != NULL;
	for (size_t i = 0; i < count && bad && !ours; i++)
		ours = names(text, &device[i]);
	return bad && ours;
}

static void keep_line(struct hardware_lines *out, const char *text)
{
	if (out->count >= HARDWARE_LINES)
		memmove(out->line[0], out->line[1], sizeof(out->line[0]) * (HARDWARE_LINES - 1));
	(void)snprintf(out->line[out->count < HARDWARE_LINES ? out->count : HARDWARE_LINES - 1],
		       sizeof(out->line[0]), "%s", text);
	out->count++;
}

/** hardware_now() - microseconds since boot, as the kernel's log counts them, but for a moment */
uint64_t hardware_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Is a line one of those that are asked for? */
struct question {
	const struct pci_address *device;
	size_t count;
	const char *who; /* of a denial; NULL: trouble with a device is asked for */
};

static bool is_wanted(const char *text, const struct question *q)
{
	if (q->who)
		return strstr(text, "apparmor=\"DENIED\"") && strstr(text, q->who);
	return hardware_is_trouble(text, q->device, q->count);
}

/* "4,1234,5678901,-;text\n KEY=value\n" */
static void take_record(char *record, const struct question *q, uint64_t since_us,
			struct hardware_lines *out)
{
	char *text = strchr(record, ';');
	uint64_t when;

	if (!text || sscanf(record, "%*u,%*u,%" SCNu64, &when) != 1 || when + EARLIER_US < since_us)
		return;
	text++;
	text[strcspn(text, "\n")] = '\0';
	if (is_wanted(text, q))
		keep_line(out, text);
}

static void read_records(int fd, const struct question *q, uint64_t since_us,
			 struct hardware_lines *out)
{
	static char record[RECORD_MAX + 1];

	out->count = 0;
	for (int i = 0; i < RECORDS_MAX; i++) {
		ssize_t n = read(fd, record, RECORD_MAX);

		/* EPIPE: the oldest were overwritten meanwhile; EINVAL: too long a record */
		if (n < 0 && (errno == EINTR || errno == EPIPE || errno == EINVAL))
			continue;
		if (n <= 0)
			return;
		record[n] = '\0';
		take_record(record, q, since_us, out);
	}
}

/**
 * hardware_lines_read() - the kernel's last lines of trouble with these devices
 * @fd:		/dev/kmsg, open for reading without waiting: a record a read
 * @since_us:	CLOCK_MONOTONIC in microseconds: what was said before does not count
 * @out:	overwritten
 */
void hardware_lines_read(int fd, const struct pci_address *device, size_t count, uint64_t since_us,
			 struct hardware_lines *out)
{
	read_records(fd, &(struct question){ .device = device, .count = count }, since_us, out);
}

/* What is between the quotes behind a name. Return: false: none, or not in quotes for what is in it
 */
static bool field(const char *line, const char *name, char *buf, size_t size)
{
	const char *at = strstr(line, name);

	if (!at)
		return false;
	at += strlen(name);
	(void)snprintf(buf, size, "%.*s", (int)strcspn(at, "\""), at);
	return *buf;
}

/**
 * hardware_denial_read() - the last thing that AppArmor has denied a program, and what helps
 * @fd:		as above
 * @who:	as the kernel writes it: "pid=123 ", or "comm=\"NAME\""
 * @buf:	filled with a sentence's part; escape it before printing
 *
 * Source: security/apparmor/audit.c, kernel/audit.c
 *
 * Return: false: nothing, or auditd takes these lines
 */
bool hardware_denial_read(int fd, const char *who, uint64_t since_us, char *buf, size_t size)
{
	static struct hardware_lines lines;
	char profile[64] = "", name[128] = "", operation[32] = "";
	const char *line;

	read_records(fd, &(struct question){ .who = who }, since_us, &lines);
	if (!lines.count)
		return false;
	line = lines.line[lines.count < HARDWARE_LINES ? lines.count - 1 : HARDWARE_LINES - 1];
	(void)field(line, " profile=\"", profile, sizeof(profile));
	(void)field(line, " operation=\"", operation, sizeof(operation));
	if (!field(line, " name=\"", name, sizeof(name)))
		(void)field(line, " capname=\"", name, sizeof(name));
	(void)snprintf(
		buf, size,
		"AppArmor's profile %s denies it: %s %s; allow that in /etc/apparmor.d/local, and "
		"load the profile again (`apparmor_parser -r`)",
		profile, operation, name);
	return true;
}
