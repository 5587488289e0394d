// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fingerprint.c - the state of the host that a run must give back, as sorted lines
 *
 * usage: fingerprint [--stuck]     --stuck: reads nothing that blocks behind a hung unbind
 *
 * Two outputs that are equal mean: as found. What may differ, by the promise of the project,
 * is left out here and nowhere else: see `allowed` and ignored_module().
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define VALUE_MAX 4096

static char **line;
static size_t line_count, line_room;

/* Trees of which every path counts. */
static const char *const trees[] = { "/dev", "/run", "/home/vmuser", "/var/tmp", "/etc/vfio-run" };

/* The allowed differences among paths; `inside`: only what is below may differ freely. */
static const struct {
	const char *path;
	bool inside;
} allowed[] = {
	{ "/dev/vfio", false },      /* the folder and these nodes come with the modules, */
	{ "/dev/vfio/vfio", false }, /* which stay loaded; /dev/vfio/GROUP may not stay */
	{ "/dev/vfio/devices", false },
	{ "/dev/iommu", false },
	{ "/run/vfio-run", false }, /* the folders may stay, what is in them may not */
	{ "/run/vfio-run/state", false },
	{ "/run/vfio-run/vm", false },
	{ "/run/vfio-run/detach", false },
	{ "/run/vfio-run/cache", false }, /* but what was learnt about QEMU may */
	{ "/run/vfio-run/cache/", true },
	{ "/home/vmuser/.local", false }, /* the VM's own variables, TPM state and log */
	{ "/home/vmuser/.local/state", false },
	{ "/home/vmuser/.local/state/vfio-run", false },
	{ "/home/vmuser/.local/state/vfio-run/", true },
	{ "/dev/bsg/", true }, /* by the numbers of SCSI hosts, which are counted up */
	{ "/run/systemd", true },    /* what systemd and its journal keep for themselves */
	{ "/run/log", true },
	{ "/run/user/1500/systemd", true }, /* likewise a user's own */
};

static void die(const char *what)
{
	fprintf(stderr, "fingerprint: %s: %s\n", what, strerror(errno));
	exit(2);
}

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
	va_list args;
	int length;

	if (line_count == line_room) {
		line_room = line_room ? 2 * line_room : 256;
		line = realloc(line, line_room * sizeof(*line));
		if (!line)
			die("memory");
	}
	va_start(args, format);
	length = vasprintf(&line[line_count], format, args);
	va_end(args);
	if (length < 0)
		die("memory");
	line_count++;
}

/* A small file on one line, without its newline; "-" when there is none. */
static const char *value_of(const char *folder, const char *name, char value[VALUE_MAX])
{
	char path[VALUE_MAX];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return strcpy(value, "-");
	length = read(fd, value, VALUE_MAX - 1);
	close(fd);
	if (length < 0) {
		snprintf(value, VALUE_MAX, "error %d", errno);
		return value;
	}
	while (length > 0 && isspace((unsigned char)value[length - 1]))
		length--;
	value[length] = '\0';
	for (char *c = value; *c; c++)
		if (*c == '\n')
			*c = ' ';
	return value;
}

/* The last part of a link's target; "-" when there is none. */
static const char *link_of(const char *folder, const char *name, char value[VALUE_MAX])
{
	char path[VALUE_MAX], target[VALUE_MAX];
	ssize_t length;
	const char *slash;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return strcpy(value, "-");
	target[length] = '\0';
	slash = strrchr(target, '/');
	return strcpy(value, slash ? slash + 1 : target);
}

/* Calls what() for each entry of a folder that exists. */
static void each(const char *folder, void (*what)(const char *folder, const char *name))
{
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			what(folder, entry->d_name);
	closedir(dir);
}

/* ---- PCI ----------------------------------------------------------------------- */

static bool stuck;

static void add_bars(const char *device, const char *address)
{
	char path[VALUE_MAX + 16], text[VALUE_MAX] = "";
	unsigned long long start, end, flags;
	FILE *file;

	snprintf(path, sizeof(path), "%s/resource", device);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fscanf(file, "%llx %llx %llx", &start, &end, &flags) == 3) {
		size_t used = strlen(text);

		snprintf(text + used, sizeof(text) - used, " %llx", end ? end - start + 1 : 0);
	}
	fclose(file);
	add("pci %s bar sizes:%s", address, text);
}

static bool has_sibling(const char *folder, const char *name)
{
	char path[VALUE_MAX];

	for (char function = '0'; function < '8'; function++) {
		snprintf(path, sizeof(path), "%s/%.*s%c", folder, (int)strlen(name) - 1, name, function);
		if (function != name[strlen(name) - 1] && access(path, F_OK) == 0)
			return true;
	}
	return false;
}

/*
 * Whether the kernel lists a reset by the bus for a card of several functions depends on which
 * of them was there when it looked. It works in neither case.
 */
static const char *reset_method(const char *folder, const char *name, char value[VALUE_MAX])
{
	return !strcmp(value, "bus") && has_sibling(folder, name) ? "-" : value;
}

static void pci_device(const char *folder, const char *name)
{
	/* driver_override last: behind a stuck device its reader hangs */
	static const char *const attributes[] = { "vendor",        "device",
						  "class",         "enable",
						  "power/control", "d3cold_allowed",
						  "reset_method",  "sriov_drivers_autoprobe",
						  "sriov_numvfs",  "driver_override" };
	char device[VALUE_MAX], value[VALUE_MAX];

	snprintf(device, sizeof(device), "%s/%s", folder, name);
	add("pci %s driver: %s", name, link_of(device, "driver", value));
	add("pci %s iommu_group: %s", name, link_of(device, "iommu_group", value));
	for (size_t i = 0; i < ARRAY_SIZE(attributes) - stuck; i++) {
		const char *shown = value_of(device, attributes[i], value);

		if (!strcmp(attributes[i], "reset_method"))
			shown = reset_method(folder, name, value);
		add("pci %s %s: %s", name, attributes[i], shown);
	}
	add_bars(device, name);
}

static void iommu_member(const char *folder, const char *name)
{
	add("%s: %s", folder, name);
}

static void iommu_group(const char *folder, const char *name)
{
	char path[VALUE_MAX], value[VALUE_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	add("%s type: %s", path, value_of(path, "type", value));
	snprintf(path, sizeof(path), "%s/%s/devices", folder, name);
	each(path, iommu_member);
}

static void console(const char *folder, const char *name)
{
	char path[VALUE_MAX], text[VALUE_MAX], bound[VALUE_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	add("console %s: %s bind=%s", name, value_of(path, "name", text),
	    value_of(path, "bind", bound));
}

static void framebuffer(const char *folder, const char *name)
{
	char path[VALUE_MAX], value[VALUE_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	add("graphics %s: %s", name, value_of(path, "name", value));
}

static void drm(const char *folder, const char *name)
{
	char path[VALUE_MAX], value[VALUE_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	add("drm %s: %s", name, value_of(path, "status", value));
}

static void network(const char *folder, const char *name)
{
	char path[VALUE_MAX], address[VALUE_MAX], flags[VALUE_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	add("net %s: %s flags=%s", name, value_of(path, "address", address),
	    value_of(path, "flags", flags));
}

/* An interface has a colon in its name. */
static void usb_interface(const char *folder, const char *name)
{
	char path[VALUE_MAX], value[VALUE_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (strchr(name, ':'))
		add("usb %s driver: %s", name, link_of(path, "driver", value));
}

static void sound(const char *folder, const char *name)
{
	(void)folder;
	add("sound %s", name);
}

static void hugepages(const char *folder, const char *name)
{
	char path[VALUE_MAX], value[VALUE_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	add("%s: %s", name, value_of(path, "nr_hugepages", value));
}

static void processor(const char *folder, const char *name)
{
	char path[VALUE_MAX], value[VALUE_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	value_of(path, "cpufreq/scaling_governor", value);
	if (strcmp(value, "-"))
		add("governor %s: %s", name, value);
}

/* By what it is of, as its number can be another one each time. */
static void interrupt(const char *folder, const char *name)
{
	char path[VALUE_MAX], value[VALUE_MAX];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	dir = opendir(path);
	value_of(path, "smp_affinity_list", value);
	while (dir && (e = readdir(dir)))
		if (e->d_type == DT_DIR && *e->d_name != '.')
			add("interrupt of %s: %s", e->d_name, value);
	if (dir)
		closedir(dir);
}

/* ---- trees, mounts, cgroups --------------------------------------------------------- */

static bool is_allowed(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		if (allowed[i].inside ? !strncmp(path, allowed[i].path, strlen(allowed[i].path))
				      : !strcmp(path, allowed[i].path))
			return true;
	return false;
}

/* Of two sound cards the one that is probed first gets the lower minor numbers. */
static void tree_entry(const char *folder, const char *name)
{
	char path[VALUE_MAX], target[VALUE_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (lstat(path, &st) < 0)
		return;
	if (S_ISLNK(st.st_mode))
		link_of(folder, name, target);
	else if (S_ISCHR(st.st_mode) && !strcmp(folder, "/dev/snd"))
		snprintf(target, sizeof(target), "%u", major(st.st_rdev));
	else if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		snprintf(target, sizeof(target), "%u:%u", major(st.st_rdev), minor(st.st_rdev));
	else if (S_ISREG(st.st_mode))
		snprintf(target, sizeof(target), "%lld bytes", (long long)st.st_size);
	else
		strcpy(target, "-");
	if (!is_allowed(path))
		add("path %s: %06o %u:%u %s", path, st.st_mode, st.st_uid, st.st_gid, target);
	if (S_ISDIR(st.st_mode))
		each(path, tree_entry);
}

/* Without the mount's ids and device number, which are counted up. */
static void add_mounts(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *text = NULL;
	size_t room = 0;
	int skip;

	if (!file)
		die("/proc/self/mountinfo");
	while (getline(&text, &room, file) > 0) {
		text[strcspn(text, "\n")] = '\0';
		skip = 0;
		if (sscanf(text, "%*s %*s %*s %n", &skip) != EOF && skip)
			add("mount %s", text + skip);
	}
	free(text);
	fclose(file);
}

static void cgroup(const char *folder, const char *name)
{
	static const char *const attributes[] = { "cgroup.subtree_control", "cpuset.cpus",
						  "cpuset.cpus.partition" };
	char path[VALUE_MAX], value[VALUE_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++)
		add("cgroup %s %s: %s", path, attributes[i], value_of(path, attributes[i], value));
	each(path, cgroup);
}

/* vfio's modules stay loaded: unloading them while another VM runs has hung hosts. */
static bool ignored_module(const char *name)
{
	return !strncmp(name, "vfio", 4) || !strcmp(name, "irqbypass") || !strcmp(name, "iommufd");
}

static void add_lines(const char *path, const char *title, bool first_word)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	if (!file)
		return;
	while (getline(&text, &room, file) > 0) {
		text[strcspn(text, first_word ? " \n" : "\n")] = '\0';
		if (strcmp(title, "module") || !ignored_module(text))
			add("%s %s", title, text);
	}
	free(text);
	fclose(file);
}

/* Field 9 of stat has PF_KTHREAD; a zombie is gone but for its parent. */
static bool counts(const char *stat)
{
	const char *rest = strrchr(stat, ')');
	unsigned int flags;
	char state;

	if (!rest || sscanf(rest + 1, " %c %*d %*d %*d %*d %*d %u", &state, &flags) != 2)
		return false;
	return state != 'Z' && state != 'X' && !(flags & 0x00200000);
}

static void process(const char *folder, const char *name)
{
	char path[VALUE_MAX], stat_line[VALUE_MAX], comm[VALUE_MAX];
	struct stat st;

	if (!isdigit((unsigned char)name[0]) || atoi(name) == getpid())
		return;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (stat(path, &st) < 0 || !counts(value_of(path, "stat", stat_line)))
		return;
	add("process %s uid=%u", value_of(path, "comm", comm), st.st_uid);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *folder;
		void (*what)(const char *folder, const char *name);
	} folders[] = {
		{ "/sys/bus/pci/devices", pci_device },
		{ "/sys/kernel/iommu_groups", iommu_group },
		{ "/sys/class/vtconsole", console },
		{ "/sys/class/graphics", framebuffer },
		{ "/sys/class/drm", drm },
		{ "/sys/class/sound", sound },
		{ "/sys/class/net", network },
		{ "/sys/bus/usb/devices", usb_interface },
		{ "/sys/kernel/mm/hugepages", hugepages },
		{ "/sys/devices/system/cpu", processor },
		{ "/proc/irq", interrupt },
		{ "/proc", process },
	};

	stuck = argc > 1 && !strcmp(argv[1], "--stuck");
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		each(folders[i].folder, folders[i].what);
	for (size_t i = 0; i < ARRAY_SIZE(trees); i++)
		each(trees[i], tree_entry);
	cgroup("/sys/fs", "cgroup");
	add_mounts();
	add_lines("/proc/modules", "module", true);
	add_lines("/proc/swaps", "swap", false);
	qsort(line, line_count, sizeof(*line), compare);
	for (size_t i = 0; i < line_count; i++)
		puts(line[i]);
	return 0;
}
