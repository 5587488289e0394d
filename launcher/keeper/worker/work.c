/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * work.c - the only code that writes to a device: one open, one write, one close
 *
 * Runs in the worker. Before each operation it makes sure that the keeper that asked
 * still lives: after a takeover no write of a dead keeper's worker may follow.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/base/udev.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/worker/link.h"
#include "launcher/keeper/worker/mount.h"
#include "launcher/keeper/worker/usb.h"
#include "launcher/keeper/worker/work.h"

#define DEVICES "/sys/bus/pci/devices"
#define DRIVERS "/sys/bus/pci/drivers"
#define PAGES "hugepages/hugepages-%ukB/%s"

static const char *const attribute_names[] = {
	[ATTRIBUTE_OVERRIDE] = "driver_override",
	[ATTRIBUTE_POWER] = "power/control",
	[ATTRIBUTE_D3COLD] = "d3cold_allowed",
	[ATTRIBUTE_RESET] = "reset",
	[ATTRIBUTE_RESET_METHOD] = "reset_method",
	[ATTRIBUTE_VF_DRIVERS] = "sriov_drivers_autoprobe",
	[ATTRIBUTE_VFS] = "sriov_numvfs",
};
_Static_assert(ARRAY_SIZE(attribute_names) == ATTRIBUTE_MAX, "an attribute without a name");

/** work_attribute_name() - its path below the device's directory */
const char *work_attribute_name(enum work_attribute attribute)
{
	return attribute_names[attribute];
}

/*
 * The kernel's errors must not be taken for the worker's own: a probe may well
 * fail with ENXIO or ETIME, and the device is then neither gone from the bus nor stuck.
 */
static int kernel_error(int error)
{
	return error == -ENXIO || error == -ETIME || error == -ECHILD || error == -EOWNERDEAD ? -EIO :
											error;
}

/* All signals are blocked here, so EINTR is not expected; it is retried all the same. */
#define AGAIN_MAX 10
#define try_again(n, call)                                                                         \
	do                                                                                         \
		(n) = (call);                                                                      \
	while ((n) < 0 && errno == EINTR && ++tries < AGAIN_MAX)

/*
 * Opens a file of sysfs, or of /proc, and proves that it is that: a mount over it must not
 * catch a write. All paths of a device start at one handle of its directory: so what is written
 * goes to the device whose ids were checked, and to none that took its place meanwhile.
 */
static int open_sysfs(int dir, const char *path, int flags)
{
	long magic = strncmp(path, "/proc/", 6) ? SYSFS_MAGIC : PROC_SUPER_MAGIC;
	struct statfs fs;
	int fd, tries = 0;

	try_again(fd, openat(dir, path, flags | O_CLOEXEC | O_NOCTTY));
	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) == 0 && fs.f_type == magic)
		return fd;
	(void)close(fd);
	return -EXDEV;
}

static int read_whole(int dir, const char *path, char *buf, size_t size)
{
	cleanup_close int fd = open_sysfs(dir, path, O_RDONLY);
	int tries = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	try_again(n, read(fd, buf, size - 1));
	if (n < 0)
		return -errno;
	if ((size_t)n == size - 1 && buf[n - 1] != '\n')
		return -EOVERFLOW; /* half a value would be another one */
	buf[n] = '\0';
	return 0;
}

static int read_sysfs(int dir, const char *path, char *buf, size_t size)
{
	int rc = read_whole(dir, path, buf, size);

	if (!rc)
		buf[strcspn(buf, "\n")] = '\0';
	return rc;
}

/* sysfs takes a value in one write(2); a short one is an error. */
static int write_sysfs(int dir, const char *path, const char *text)
{
	cleanup_close int fd = open_sysfs(dir, path, O_WRONLY);
	size_t size = strlen(text);
	int tries = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	try_again(n, write(fd, text, size));
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EIO;
}

/*
 * One look that fails does not make a device gone: the keeper looks whether there is one. Only
 * other ids are proof.
 */
static int not_read(int error)
{
	return error == -ENOENT || error == -ENODEV || error == -ENXIO ? -EIO : error;
}

/*
 * The device at the address must be the one that the plan meant: addresses move. Its modalias
 * starts with both ids, in one file. Source: drivers/pci/pci-sysfs.c, modalias_show().
 */
static int same_device(int dir, const struct work *work)
{
	char value[128], expected[32];
	int rc = read_sysfs(dir, "modalias", value, sizeof(value));

	if (rc)
		return not_read(rc);
	(void)snprintf(expected, sizeof(expected), "pci:v%08Xd%08Xsv", work->vendor, work->device);
	return strncmp(value, expected, strlen(expected)) ? -ENXIO : 0;
}

/* The other operations are not of one device. */
static bool is_of_device(uint32_t op)
{
	return op == WORK_READ || op == WORK_WRITE || op == WORK_SET || op == WORK_UNBIND ||
	       op == WORK_BIND || op == WORK_COMMAND || op == WORK_REMOVE || op == WORK_BARS ||
	       op == WORK_RESIZE || op == WORK_VFS || op == WORK_PROBE_CONNECTOR ||
	       op == WORK_ANNOUNCE;
}

/* Return: 0 and a handle of the device's directory; -ENXIO it is another one; -errno */
static int open_device(const struct work *work, const char *address, int *dir)
{
	char path[SYSFS_PATH_MAX];
	int tries = 0;

	(void)snprintf(path, sizeof(path), DEVICES "/%s", address);
	try_again(*dir, open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
	if (*dir < 0)
		return not_read(-errno);
	return work->vendor || work->device ? same_device(*dir, work) : 0;
}

static int read_attribute(int dir, const struct work *work, struct work_reply *reply)
{
	int rc = read_sysfs(dir, attribute_names[work->attribute], reply->value,
			    sizeof(reply->value));

	if (!rc && !strcmp(reply->value, "(null)"))
		reply->value[0] = '\0';
	return rc;
}

/* "\n" clears an override, and takes all reset methods away; a write of no bytes would do nothing and report success. */
static int write_attribute(int dir, const struct work *work)
{
	return write_sysfs(dir, attribute_names[work->attribute], *work->name ? work->name : "\n");
}

/* sysfs may take a value and not keep it. */
static int set_attribute(int dir, const struct work *work, struct work_reply *reply)
{
	int rc = read_attribute(dir, work, reply);

	if (rc || !strcmp(reply->value, work->name))
		return rc;
	rc = write_attribute(dir, work);
	if (!rc)
		rc = read_attribute(dir, work, reply);
	return rc ? rc : strcmp(reply->value, work->name) ? -EIO : 0;
}

/* The 64 bytes that need no privilege to read; little endian, all ones when nothing answers. */
static int read_command(int dir, struct work_reply *reply)
{
	cleanup_close int fd = open_sysfs(dir, "config", O_RDONLY);
	unsigned char config[6];
	int tries = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	try_again(n, read(fd, config, sizeof(config)));
	if (n != (ssize_t)sizeof(config))
		return n < 0 ? -errno : -EIO;
	(void)snprintf(reply->value, sizeof(reply->value), "0x%02x%02x", config[5], config[4]);
	return 0;
}

/* A line for each BAR: first address, last address, flags. */
static int read_bars(int dir, const struct work *work, struct work_reply *reply)
{
	char text[1024], *line = text;
	struct change_bars bars;
	int rc;

	if (!change_bars_parse(work->name, &bars))
		return -EINVAL;
	rc = read_whole(dir, "resource", text, sizeof(text));
	if (rc)
		return rc;
	for (size_t i = 0; i < CHANGE_BARS; i++) {
		unsigned long long start, end;

		if (sscanf(line, "%llx %llx", &start, &end) != 2)
			return -EIO;
		if (bars.mib[i])
			bars.mib[i] = end > start ? (uint32_t)((end - start + 1) >> 20) : 0;
		line = strchr(line, '\n');
		if (!line)
			return -EIO;
		line++;
	}
	change_bars_words(&bars, reply->value, sizeof(reply->value));
	return 0;
}

/* Its size is written as the logarithm of MiB. Source: Documentation/ABI/testing/sysfs-bus-pci */
static int write_resize(int dir, const struct work *work)
{
	char path[32], text[8];
	struct change_bars bars;

	if (!change_bars_parse(work->name, &bars))
		return -EINVAL;
	for (unsigned int i = 0; i < CHANGE_BARS; i++) {
		if (!bars.mib[i])
			continue;
		(void)snprintf(path, sizeof(path), "resource%u_resize", i);
		(void)snprintf(text, sizeof(text), "%d", __builtin_ctz(bars.mib[i]));
		return write_sysfs(dir, path, text);
	}
	return -EINVAL;
}

/* It leaves no state that is forced. Source: drivers/gpu/drm/drm_sysfs.c, status_store() */
static int probe_connector(int dir, const char *name)
{
	char path[SYSFS_PATH_MAX];

	if (strstr(name, ".."))
		return -EINVAL;
	(void)snprintf(path, sizeof(path), "drm/%s/status", name);
	return write_sysfs(dir, path, "detect");
}

/* "CARD WORD", which who follows udev hears of. */
static int write_announcement(int dir, const char *words)
{
	const char *space = strchr(words, ' ');
	char path[SYSFS_PATH_MAX];

	if (!space || strstr(words, ".."))
		return -EINVAL;
	(void)snprintf(path, sizeof(path), "%.*s/uevent", (int)(space - words), words);
	return write_sysfs(dir, path, space + 1);
}

static int write_rescan(const struct pci_address *a)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), "/sys/class/pci_bus/%04x:%02x/rescan", a->domain, a->bus);
	return write_sysfs(AT_FDCWD, path, "1");
}

static int write_driver(const struct work *work, const char *address, const char *file)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), DRIVERS "/%s/%s", work->name, file);
	return write_sysfs(AT_FDCWD, path, address);
}

/*
 * A program of its own for what takes a library: that reads files and messages, and must not sit in
 * the keeper. Its exit status is an errno, 0 for success.
 */
static int run_program(int program, char **argv)
{
	char *env[] = { NULL };
	int status = -1;
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		/* one that was killed before sends no signal: nobody would know of what this does */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
			_exit(127);
		(void)execveat(program, "", argv, env, AT_EMPTY_PATH);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

static int load_module(const char *name)
{
	char program[] = "module", module[CHANGE_TEXT_MAX];
	char *argv[] = { program, module, NULL };

	(void)snprintf(module, sizeof(module), "%s", name);
	return run_program(WORK_FD_MODULE, argv);
}

static int unload_module(const char *name)
{
	char program[] = "module", word[] = "unload", module[CHANGE_TEXT_MAX];
	char *argv[] = { program, word, module, NULL };

	(void)snprintf(module, sizeof(module), "%s", name);
	return run_program(WORK_FD_MODULE, argv);
}

/* @word: as programs/scope-unit.c has it */
static int ask_unit(const char *word, const char *name, const char *cards)
{
	char program[] = "scope", unit[] = "unit", what[8], of[CHANGE_TEXT_MAX], on[CHANGE_TEXT_MAX];
	char *argv[] = { program, unit, what, of, *cards ? on : NULL, NULL };

	(void)snprintf(what, sizeof(what), "%s", word);
	(void)snprintf(of, sizeof(of), "%s", name);
	(void)snprintf(on, sizeof(on), "%s", cards);
	return run_program(WORK_FD_SCOPE, argv);
}

/* No process may have the group open when a device leaves vfio-pci: the unbind waits for it. */
static int open_group(int32_t group)
{
	char path[SYSFS_PATH_MAX];
	uint64_t before = caps_lend(CAP_DAC_OVERRIDE); /* the node can be a user's, for `detach --for` */
	int fd, rc;

	(void)snprintf(path, sizeof(path), "/dev/vfio/%d", group);
	fd = open(path, O_RDWR | O_CLOEXEC);
	rc = fd < 0 ? -errno : 0;
	caps_take_back(before);
	if (fd < 0)
		return rc == -ENOENT ? 0 : rc;
	(void)close(fd);
	return 0;
}

static int open_node(int32_t group)
{
	char path[SYSFS_PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "/dev/vfio/%d", group);
	fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* In root's own tree. */
static bool udev_waits(bool (*wait)(int root))
{
	cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return root < 0 || wait(root);
}

/* "CARD" or "CARD new" */
static int wait_for_sound(const char *words)
{
	cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *space = strchr(words, ' ');
	char card[CHANGE_TEXT_MAX];

	(void)snprintf(card, sizeof(card), "%.*s", space ? (int)(space - words) : (int)strlen(words), words);
	if (!*card || strchr(card, '/'))
		return -EINVAL;
	return root >= 0 && udev_knows_sound(root, card, space) ? 0 : -ENODATA;
}

static int read_owner(int32_t group, struct work_reply *reply)
{
	bool settled = udev_waits(udev_wait); /* which gives it to root, unless a rule says otherwise */
	cleanup_close int fd = settled ? open_node(group) : -EAGAIN;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) || !S_ISCHR(st.st_mode))
		return -ENODEV;
	(void)snprintf(reply->value, sizeof(reply->value), "%u", st.st_uid);
	return 0;
}

static int write_owner(int32_t group, const char *uid)
{
	cleanup_close int fd = open_node(group);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) || !S_ISCHR(st.st_mode))
		return -ENODEV;
	return fchownat(fd, "", (uid_t)strtoul(uid, NULL, 10), (gid_t)-1, AT_EMPTY_PATH) ? -errno : 0;
}

static void pages_path(const struct work *work, const char *file, char path[SYSFS_PATH_MAX])
{
	if (work->node < 0)
		(void)snprintf(path, SYSFS_PATH_MAX, "/sys/kernel/mm/" PAGES, work->page_kib, file);
	else
		(void)snprintf(path, SYSFS_PATH_MAX, "/sys/devices/system/node/node%d/" PAGES,
			       work->node, work->page_kib, file);
}

static int read_count(const char *path, unsigned long long *out)
{
	char text[32], *end;
	int rc;

	rc = read_sysfs(AT_FDCWD, path, text, sizeof(text));
	if (rc)
		return rc;
	*out = strtoull(text, &end, 10);
	return *text && !*end ? 0 : -EINVAL;
}

/*
 * Pages that are promised to a mapping count as taken, even before they are touched. Of which node
 * they will be the kernel does not say.
 */
static int read_pages(const struct work *work, struct work_reply *reply)
{
	unsigned long long all = 0, unused = 0, promised = 0;
	struct work of_any = *work;
	char path[SYSFS_PATH_MAX];
	int rc;

	pages_path(work, "nr_hugepages", path);
	rc = read_count(path, &all);
	pages_path(work, "free_hugepages", path);
	if (!rc)
		rc = read_count(path, &unused);
	of_any.node = -1;
	pages_path(&of_any, "resv_hugepages", path);
	if (!rc)
		rc = read_count(path, &promised);
	if (!rc)
		(void)snprintf(reply->value, sizeof(reply->value), "%llu %llu", all,
			       unused > promised ? unused - promised : 0);
	return rc;
}

/*
 * The write succeeds when only some could be had: the caller reads it back. Compacting first
 * is a help, and never an error; with ZFS some kernels crash in it (openzfs issue 15140).
 */
static int write_pages(const struct work *work)
{
	char path[SYSFS_PATH_MAX];

	if (access("/sys/module/zfs", F_OK) < 0)
		(void)write_sysfs(AT_FDCWD, "/proc/sys/vm/compact_memory", "1");
	pages_path(work, "nr_hugepages", path);
	return write_sysfs(AT_FDCWD, path, work->name);
}

#define GOVERNOR "/sys/devices/system/cpu/cpufreq/%s/scaling_governor"

static int read_governor(const char *policy, struct work_reply *reply)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), GOVERNOR, policy);
	return read_sysfs(AT_FDCWD, path, reply->value, sizeof(reply->value));
}

static int write_governor(const char *words)
{
	const char *space = strchr(words, ' ');
	char path[SYSFS_PATH_MAX], policy[32];

	if (!space || space - words >= (long)sizeof(policy))
		return -EINVAL;
	(void)snprintf(policy, sizeof(policy), "%.*s", (int)(space - words), words);
	(void)snprintf(path, sizeof(path), GOVERNOR, policy);
	return write_sysfs(AT_FDCWD, path, space + 1);
}

static int look_at_mount(const struct work *work, struct work_reply *reply)
{
	bool there;
	int rc = mount_look(work->name, work->how, &there);

	(void)snprintf(reply->value, sizeof(reply->value), "%s", !rc && there ? "there" : "");
	return rc;
}

/* @irq: digits, which a blank may follow */
static int irq_path(const char *irq, char path[SYSFS_PATH_MAX])
{
	size_t digits = strspn(irq, "0123456789");

	if (!digits || digits > 9 || (irq[digits] && irq[digits] != ' '))
		return -EINVAL;
	(void)snprintf(path, SYSFS_PATH_MAX, "/proc/irq/%.*s/smp_affinity_list", (int)digits, irq);
	return 0;
}

static int read_irq(const char *irq, struct work_reply *reply)
{
	char path[SYSFS_PATH_MAX];
	int rc = irq_path(irq, path);

	return rc ? rc : read_sysfs(AT_FDCWD, path, reply->value, sizeof(reply->value));
}

static int write_irq(const char *words)
{
	const char *space = strchr(words, ' ');
	char path[SYSFS_PATH_MAX];
	int rc = space ? irq_path(words, path) : -EINVAL;

	return rc ? rc : write_sysfs(AT_FDCWD, path, space + 1);
}

/*
 * "INTERFACE DRIVER". The driver named as such, and not the bus: what the bus is told to probe
 * reports success when no driver wanted it.
 */
static int write_usb_driver(const char *words, const char *file)
{
	const char *space = strchr(words, ' ');
	char path[SYSFS_PATH_MAX], interface[CHANGE_USB_MAX];

	if (!space || space - words >= (long)sizeof(interface))
		return -EINVAL;
	(void)snprintf(interface, sizeof(interface), "%.*s", (int)(space - words), words);
	if (!strcmp(file, "unbind") && usb_is_free(interface))
		return -EBUSY;
	(void)snprintf(path, sizeof(path), "/sys/bus/usb/drivers/%s/%s", space + 1, file);
	return write_sysfs(AT_FDCWD, path, interface);
}

/* "DEVICE CONFIGURATION": its interfaces are made anew. */
static int write_usb_configuration(const char *words)
{
	const char *space = strchr(words, ' ');
	char path[SYSFS_PATH_MAX];

	if (!space)
		return -EINVAL;
	(void)snprintf(path, sizeof(path), "/sys/bus/usb/devices/%.*s/bConfigurationValue",
		       (int)(space - words), words);
	return write_sysfs(AT_FDCWD, path, space + 1);
}

/* Directories of a user's can be on the way to a mount point. */
static int work_on_mount(const struct work *work, struct work_reply *reply)
{
	uint64_t before = caps_lend(CAP_DAC_OVERRIDE);
	int rc = work->op == WORK_MOUNT	     ? look_at_mount(work, reply) :
		 work->op == WORK_DROP_MOUNT ? mount_drop(work->name, work->how) :
					       mount_make(work->name, work->how);

	caps_take_back(before);
	return rc;
}

static int perform(int dir, const char *address, const struct work *work, struct work_reply *reply,
		   struct work_fds *fds)
{
	switch (work->op) {
	case WORK_READ:
		return read_attribute(dir, work, reply);
	case WORK_WRITE:
		return write_attribute(dir, work);
	case WORK_SET:
	case WORK_VFS:
		return set_attribute(dir, work, reply);
	case WORK_UNBIND:
		return write_driver(work, address, "unbind");
	case WORK_BIND:
		return write_driver(work, address, "bind");
	case WORK_COMMAND:
		return read_command(dir, reply);
	case WORK_BARS:
		return read_bars(dir, work, reply);
	case WORK_RESIZE:
		return write_resize(dir, work);
	case WORK_PROBE_CONNECTOR:
		return probe_connector(dir, work->name);
	case WORK_ANNOUNCE:
		return write_announcement(dir, work->name);
	case WORK_REMOVE:
		return write_sysfs(dir, "remove", "1");
	case WORK_RESCAN:
		return write_rescan(&work->address);
	case WORK_MODULE:
		return load_module(work->name);
	case WORK_UNLOAD:
		return unload_module(work->name);
	case WORK_GROUP:
		return open_group(work->group);
	case WORK_OWNER:
		return read_owner(work->group, reply);
	case WORK_CARDS:
		return udev_waits(udev_wait_cards) ? 0 : -ETIMEDOUT;
	case WORK_SOUND:
		return wait_for_sound(work->name);
	case WORK_SET_OWNER:
		return write_owner(work->group, work->name);
	case WORK_PAGES:
		return read_pages(work, reply);
	case WORK_SET_PAGES:
		return write_pages(work);
	case WORK_GOVERNOR:
		return read_governor(work->name, reply);
	case WORK_SET_GOVERNOR:
		return write_governor(work->name);
	case WORK_IRQ:
		return read_irq(work->name, reply);
	case WORK_SET_IRQ:
		return write_irq(work->name);
	case WORK_MOUNT:
	case WORK_DROP_MOUNT:
	case WORK_MAKE_MOUNT:
		return work_on_mount(work, reply);
	case WORK_LINK:
		return link_kind(work->name, reply->value, sizeof(reply->value));
	case WORK_MAKE_LINK:
		return link_make(work->name, fds);
	case WORK_DROP_LINK:
		return link_drop(work->name);
	case WORK_USB_UNBIND:
		return write_usb_driver(work->name, "unbind");
	case WORK_USB_BIND:
		return write_usb_driver(work->name, "bind");
	case WORK_USB_PROBE:
		return write_sysfs(AT_FDCWD, "/sys/bus/usb/drivers_probe", work->name);
	case WORK_USB_CONFIGURE:
		return write_usb_configuration(work->name);
	case WORK_USB_OPEN:
		return usb_open(work->name, work->vendor, work->device, fds);
	case WORK_UNIT:
		return ask_unit("state", work->name, "");
	case WORK_STOP_UNIT:
		return ask_unit("stop", work->name, "");
	case WORK_START_UNIT:
		return ask_unit("start", work->name, work->how);
	default:
		return -EINVAL;
	}
}

/**
 * work_perform() - do one operation, in this process, however long it takes
 * @work:	the keeper's request; already checked against the closed table
 * @reply:	filled
 * @fds:	those of WORK_MAKE_LINK, the caller's to close
 *
 * Source: Documentation/ABI/testing/sysfs-bus-pci, Documentation/driver-api/vfio.rst
 */
void work_perform(const struct work *work, struct work_reply *reply, struct work_fds *fds)
{
	char address[PCI_ADDRESS_TEXT];
	cleanup_close int dir = -1;

	*reply = (struct work_reply){ .error = -EINVAL };
	fds->count = 0;
	if (work->attribute >= ATTRIBUTE_MAX)
		return;
	pci_address_format(&work->address, address);
	reply->error = is_of_device(work->op) ? open_device(work, address, &dir) : 0;
	if (!reply->error)
		reply->error = kernel_error(perform(dir, address, work, reply, fds));
}

/* Return: false when the keeper is gone */
static bool answer(const struct work_reply *reply, struct work_fds *fds)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(fds->fd))];
	} control = { .room = { 0 } };
	struct iovec part = { (void *)(uintptr_t)reply, sizeof(*reply) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	bool sent;

	if (fds->count) {
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(fds->count * sizeof(int));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(fds->count * sizeof(int));
		memcpy(CMSG_DATA(&control.head), fds->fd, fds->count * sizeof(int));
	}
	sent = sendmsg(WORK_FD_SOCKET, &message, MSG_NOSIGNAL) >= 0;
	work_fds_close(fds);
	return sent;
}

/**
 * work_loop() - the life of a worker: receive, perform, answer, until the keeper is gone
 * @parent:	the keeper's pid
 *
 * Its name in /proc/PID/comm shows a successor which device a stuck worker hangs in.
 */
_Noreturn void work_loop(pid_t parent)
{
	struct work_reply reply;
	struct work_fds fds;
	struct work work;

	for (;;) {
		char name[16] = "w:", address[PCI_ADDRESS_TEXT];
		ssize_t n = recv(WORK_FD_SOCKET, &work, sizeof(work), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(work) || getppid() != parent)
			_exit(0);
		work.name[sizeof(work.name) - 1] = '\0';
		work.how[sizeof(work.how) - 1] = '\0';
		(void)snprintf(name + 2, sizeof(name) - 2, "%.13s",
			       pci_address_format(&work.address, address));
		(void)prctl(PR_SET_NAME, name);
		work_perform(&work, &reply, &fds);
		reply.serial = work.serial;
		if (!answer(&reply, &fds))
			_exit(0);
		(void)prctl(PR_SET_NAME, "w:idle");
	}
}
