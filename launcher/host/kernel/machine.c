/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine.c - the processor, the memory and the kernel's command line */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/kernel/machine.h"
#include "launcher/host/small-file.h"

/* @line:	is taken apart */
static void read_flags(char *line, struct host_machine *out)
{
	const char *virtualization = out->cpu == HOST_CPU_INTEL ? "vmx" : "svm";
	char *save = NULL;

	for (char *w = strtok_r(line, " \t\n", &save); w; w = strtok_r(NULL, " \t\n", &save)) {
		out->virtualization |= !strcmp(w, virtualization);
		out->topoext |= out->cpu == HOST_CPU_AMD && !strcmp(w, "topoext");
	}
}

static enum host_cpu cpu_of(const char *vendor)
{
	if (strstr(vendor, "GenuineIntel"))
		return HOST_CPU_INTEL;
	if (strstr(vendor, "AuthenticAMD") || strstr(vendor, "HygonGenuine"))
		return HOST_CPU_AMD;
	return HOST_CPU_OTHER;
}

/* How the lines begin that other processors have, and no x86. Sources: arch/ARCH/kernel/ */
static const struct {
	const char *line, *name;
} foreign[] = {
	{ "CPU implementer", "ARM" },	   { "CPU architecture", "ARM" },
	{ "cpu\t\t: POWER", "POWER" },	   { "isa\t", "RISC-V" },
	{ "vendor_id       : IBM", "s390" }, { "CPU Family\t\t: Loongson", "LoongArch" },
};

static void note_foreign(const char *line, struct host_machine *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(foreign) && !out->foreign; i++)
		if (!strncmp(line, foreign[i].line, strlen(foreign[i].line))) {
			out->foreign = foreign[i].name;
			out->foreign_line = foreign[i].line;
		}
}

/**
 * host_machine() - the processor's vendor, and whether it offers virtualization
 *
 * A flag that the firmware has switched off is not among the flags. Source:
 * arch/x86/kernel/cpu/feat_ctl.c (VT-x since Linux 5.6).
 *
 * Return: 0 or -errno of /proc/cpuinfo
 */
int host_machine(struct host *h, struct host_machine *out)
{
	cleanup_free char *text = NULL;
	int r = host_text(host_root_fd(h), "proc/cpuinfo", &text);
	char *rest = text, *line;

	*out = (struct host_machine){ .cpu = HOST_CPU_OTHER };
	while (!r && (line = host_next_line(&rest))) {
		note_foreign(line, out);
		if (!strncmp(line, "vendor_id", 9))
			out->cpu = cpu_of(line);
		if (strncmp(line, "flags", 5))
			continue;
		read_flags(line, out);
		break; /* the other processors are like the first */
	}
	return r;
}

/**
 * host_memory_available() - what can be had without swapping: MemAvailable
 *
 * Return: 0, -ENODATA when the kernel does not report it, other -errno
 */
int host_memory_available(struct host *h, uint64_t *bytes)
{
	cleanup_free char *text = NULL;
	int r = host_text(host_root_fd(h), "proc/meminfo", &text);
	char *rest = text, *line;
	uint64_t kib;

	while (!r && (line = host_next_line(&rest)))
		if (sscanf(line, "MemAvailable: %" SCNu64 " kB", &kib) == 1) {
			*bytes = kib * 1024;
			return 0;
		}
	return r ? r : -ENODATA;
}

static int default_page_kib(struct host *h, uint32_t *kib)
{
	cleanup_free char *text = NULL;
	int r = host_text(host_root_fd(h), "proc/meminfo", &text);
	char *rest = text, *line;

	while (!r && (line = host_next_line(&rest)))
		if (sscanf(line, "Hugepagesize: %" SCNu32 " kB", kib) == 1)
			return 0;
	return r ? r : -ENODATA;
}

static int read_pages(struct host *h, uint32_t page_kib, int node, const char *file, uint64_t *out)
{
	char path[SYSFS_PATH_MAX], text[32], where[64] = "sys/kernel/mm";
	int r;

	if (node >= 0)
		(void)snprintf(where, sizeof(where), "sys/devices/system/node/node%d", node);
	(void)snprintf(path, sizeof(path), "%s/hugepages/hugepages-%" PRIu32 "kB/%s", where, page_kib,
		       file);
	r = sysfs_read(host_root_fd(h), path, text, sizeof(text));
	if (r < 0)
		return r;
	return sscanf(text, "%" SCNu64, out) == 1 ? 0 : -ENODATA;
}

/**
 * host_hugepages() - what there is of huge pages of a size
 * @page_bytes:	of one page; 1: whatever is this host's default
 * @node:	those of this node alone; -1: of all
 *
 * Return: 0; -ENOENT this kernel has none of that size; -ENODATA it has no default; other -errno.
 * Source: Documentation/admin-guide/mm/hugetlbpage.rst
 */
int host_hugepages(struct host *h, uint64_t page_bytes, int node, struct host_hugepages *out)
{
	uint64_t promised = 0;
	int r = 0;

	*out = (struct host_hugepages){ .page_kib = (uint32_t)(page_bytes / 1024) };
	if (page_bytes == 1)
		r = default_page_kib(h, &out->page_kib);
	if (!r)
		r = read_pages(h, out->page_kib, node, "free_hugepages", &out->unused);
	if (!r) /* of which node they will be is not known before they are touched */
		r = read_pages(h, out->page_kib, -1, "resv_hugepages", &promised);
	out->unused -= promised < out->unused ? promised : out->unused;
	return r;
}

/** host_parameter_is_on() - does a loaded module have this switch on? */
bool host_parameter_is_on(struct host *h, const char *module, const char *parameter)
{
	char path[128], text[16];

	(void)snprintf(path, sizeof(path), "sys/module/%s/parameters/%s", module, parameter);
	return sysfs_read(host_root_fd(h), path, text, sizeof(text)) > 0 &&
	       (*text == 'Y' || *text == '1');
}
