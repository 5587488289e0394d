/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device-holders.c - the holders of a device, for the report of one that is not released
 *
 * A driver that is asked to let go takes its nodes away first and waits then, so their
 * numbers are remembered before. In /proc a holder's path then reads "(deleted)"; the
 * numbers of the descriptors that it has open still identify them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/driver-nodes.h"
#include "launcher/base/entries.h"
#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/kinds/device-holders.h"

#define DEPTH_MAX 6 /* sound/card0/input12/event7/dev */
#define HOLDERS_MAX (2 * KEEPER_HOLDERS_MAX + 16) /* all of a plan, with both nodes of a card, and some more */
#define SAID_MAX 16 /* in a report */
#define SCAN_MS 5000 /* between two pieces of an answer */

/* The same is no reason to refuse a start: plan/checks/checks-holders.c, is_borne(). */
static bool is_borne(const char *subsystem, const char *name)
{
	return (!strcmp(subsystem, "sound") && strncmp(name, "pcm", 3) != 0) ||
	       !strcmp(subsystem, "input") || !strcmp(subsystem, "hidraw");
}

static void add_node(struct device_holders *h, int dir, const char *name)
{
	struct holder_target *t = &h->node[h->count];
	char text[32], subsystem[32];

	if (h->count == HOLDING_NODES_MAX || sysfs_read(dir, "dev", text, sizeof(text)) <= 0 ||
	    sscanf(text, "%u:%u", &t->major, &t->minor) != 2)
		return;
	(void)sysfs_link_name(dir, "subsystem", subsystem, sizeof(subsystem));
	if ((h->only_binding && is_borne(subsystem, name)) || (h->only_cards && strcmp(subsystem, "drm") != 0))
		return;
	t->block = !strcmp(subsystem, "block");
	t->any_vfio_device = false;
	h->count++;
}

/* A directory of the walk, and what was seen in it. */
struct place {
	struct device_holders *holding;
	int depth;
	bool has_dev;
};

static void walk(struct device_holders *h, int at, const char *name, int depth);

/* Real directories only: links lead to other devices. */
static int visit(void *context, int dir, const char *name, unsigned int type)
{
	struct place *p = context;

	if (!strcmp(name, "dev"))
		p->has_dev = true;
	else if (type == DT_DIR && p->depth < DEPTH_MAX && !entries_without_devices(name))
		walk(p->holding, dir, name, p->depth + 1);
	return 0;
}

static void walk(struct device_holders *h, int at, const char *name, int depth)
{
	cleanup_close int dir = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct place p = { .holding = h, .depth = depth };

	/* what went away while it was read has no node any more */
	if (dir >= 0 && !entries_each(dir, visit, &p) && p.has_dev)
		add_node(h, dir, name);
}

/* A VFIO group's own node; what was opened through it has no numbers. */
static size_t group_targets(int32_t group, struct holder_target targets[2])
{
	char path[64], text[32];

	targets[0] = (struct holder_target){ .any_vfio_device = true };
	targets[1] = (struct holder_target){ .any_vfio_device = false };
	(void)snprintf(path, sizeof(path), "/sys/class/vfio/%d/dev", group);
	return sysfs_read(AT_FDCWD, path, text, sizeof(text)) > 0 &&
			       sscanf(text, "%u:%u", &targets[1].major, &targets[1].minor) == 2 ?
		       2 :
		       1;
}

/* Those that are not in the device's directory; /dev/kfd counts where it is of one card. */
static void add_driver_nodes(struct device_holders *h, const struct journal_device *d)
{
	cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	unsigned int major, minor, cards;

	if (h->count < HOLDING_NODES_MAX && driver_nodes_nvidia(root, d->name, &minor))
		h->node[h->count++] = (struct holder_target){ .major = NVIDIA_MAJOR, .minor = minor };
	if (h->count < HOLDING_NODES_MAX && driver_nodes_kfd(root, &d->address, &cards) && cards == 1 &&
	    driver_nodes_kfd_number(root, &major, &minor))
		h->node[h->count++] = (struct holder_target){ .major = major, .minor = minor };
}

/**
 * device_holders_remember() - the nodes that a device's driver has made
 * @h:	filled; what goes beyond its room is left out
 *
 * A vfio driver makes none but the group's, and its own below vfio-dev/ from Linux 6.6 on: the rest of
 * the directory is not searched, as the devices are waited for when they leave it.
 */
void device_holders_remember(struct device_holders *h, const struct journal_device *d)
{
	char path[96], driver[CHANGE_TEXT_MAX];
	bool vfio;

	h->count = 0;
	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", d->name);
	(void)sysfs_link_name(AT_FDCWD, path, driver, sizeof(driver));
	vfio = strstr(driver, "vfio");
	if (vfio)
		h->count = group_targets(d->group, h->node);
	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", d->name, vfio ? "vfio-dev" : "");
	walk(h, AT_FDCWD, path, 0);
	if (!vfio && !h->only_cards)
		add_driver_nodes(h, d);
}

/* What a scan found, as it goes through the pipe: one message. */
struct finding {
	int32_t count; /* -1: /proc could not be read */
	bool truncated; /* there are more */
	struct holder holder[HOLDERS_MAX];
};

/* Scans /proc with the capabilities that it takes. */
static void scan_here(const struct holder_target *t, size_t count, struct finding *out, bool all)
{
	cleanup_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct holder_scan result = { .found = 0 };
	int rc;

	caps_raise(CAP_SYS_PTRACE);
	caps_raise(CAP_DAC_READ_SEARCH);
	caps_raise(CAP_CHECKPOINT_RESTORE);
	rc = proc < 0 ? -1 :
	     all      ? holders_scan_all(proc, t, count, out->holder, HOLDERS_MAX, &result) :
			holders_scan(proc, t, count, out->holder, HOLDERS_MAX, &result);
	caps_rest();
	out->count = rc ? -1 : (int32_t)result.found;
	out->truncated = result.truncated;
}

/*
 * The maps of a process cannot be read while its memory is locked, which a process that
 * hangs in a driver may do for ever: so a child reads them, with nothing of ours open.
 */
static _Noreturn void scan_child(const struct holder_target *t, size_t count, int answer, pid_t parent)
{
	static struct finding found;
	const char *at = (const char *)&found;
	size_t left = sizeof(found);

	/* not the locks, and not the terminal: one that is never ended must keep nothing */
	if (dup2(answer, STDIN_FILENO) < 0 || syscall(SYS_close_range, STDIN_FILENO + 1, ~0U, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	scan_here(t, count, &found, true);
	while (left > 0) {
		ssize_t n = write(STDIN_FILENO, at, left);

		if (n <= 0)
			_exit(1);
		at += n;
		left -= (size_t)n;
	}
	_exit(0);
}

/* Return: false when the child did not answer in time */
static bool take_finding(int fd, struct finding *out)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char *at = (char *)out;
	size_t left = sizeof(*out);

	while (left > 0 && poll(&p, 1, SCAN_MS) > 0) {
		ssize_t n = read(fd, at, left);

		if (n <= 0)
			break;
		at += n;
		left -= (size_t)n;
	}
	return left == 0;
}

/* Return: how many were found, -1: not known */
static int scan(const struct holder_target *t, size_t count, struct finding *out)
{
	pid_t parent = getpid(), child = -1;
	bool taken = false;
	int pipe_fd[2];

	if (pipe2(pipe_fd, O_CLOEXEC) == 0) {
		child = fork();
		if (child == 0)
			scan_child(t, count, pipe_fd[1], parent);
		(void)close(pipe_fd[1]);
		taken = child > 0 && take_finding(pipe_fd[0], out);
		(void)close(pipe_fd[0]);
	}
	if (child > 0) {
		(void)kill(child, SIGKILL);
		(void)waitpid(child, NULL, taken ? 0 : WNOHANG);
	}
	if (!taken) /* without a child: only what cannot block */
		scan_here(t, count, out, false);
	return out->count;
}

static void say_holder(const char *what, const struct holder *h)
{
	char comm[HOLDER_COMM_MAX * 4], path[HOLDER_PATH_MAX * 4];

	(void)log_quote(h->path, path, sizeof(path));
	if (h->pid)
		log_error("%s: held by process %d (%s, uid %u) through %s", what, (int)h->pid,
			  log_quote(h->comm, comm, sizeof(comm)), h->uid, path);
	else
		log_error("%s: a file system on it is mounted at %s", what, path);
}

/*
 * Process 1 keeps what logind has given out, for as long as a session lasts: neither holds a card
 * for itself, and both let go with the display server.
 */
static bool is_service_manager(const struct holder *h)
{
	return h->pid == 1 || (!h->uid && !strcmp(h->comm, "systemd-logind"));
}

/**
 * device_holders_binding() - who holds a device in a way that its driver would wait for?
 * @h:		as remembered
 * @say:	what the holders hold, for one line for each of them; NULL: none
 *
 * Return: the pid of one, 0 when there is none, -1 when it is not known
 */
pid_t device_holders_binding(const struct device_holders *h, const char *say)
{
	return device_holders_beside(h, NULL, NULL, say);
}

/**
 * device_holders_beside() - likewise, and besides those that are known
 * @known:	is told of the pid of each; NULL: none is known
 */
pid_t device_holders_beside(const struct device_holders *h, device_holders_fn known, const void *context,
			    const char *say)
{
	static struct finding found;
	int n = h->count ? scan(h->node, h->count, &found) : 0;
	pid_t first = 0;
	int said = 0;

	for (int i = 0; i < n; i++) {
		if (is_service_manager(&found.holder[i]) ||
		    (known && known(context, (pid_t)found.holder[i].pid)))
			continue;
		if (!first)
			first = found.holder[i].pid ? (pid_t)found.holder[i].pid : -1;
		if (say && said++ < SAID_MAX)
			say_holder(say, &found.holder[i]);
	}
	if (n < 0 || (!first && n && found.truncated)) /* who it is not room for can be anybody */
		return -1;
	return first;
}

/*
 * A descriptor that was sent through a socket and not yet received is in no process's table, and
 * can be sent on and on. Its socket is in one, or in flight itself; all of them end with the
 * processes that have them. Source: unix(7), SCM_RIGHTS
 */
static void say_unseen(const char *what, const char *how)
{
	log_error("%s: %s, and no process is seen that has it: somebody may hold it in flight, sent "
		  "through a socket and not received (ending the processes of the VM's user frees it), "
		  "or something in the kernel has it", what, how);
}

/**
 * device_holders_say() - name what holds a device's nodes, one line each: processes, mounts
 * @h:		as remembered
 * @device:	its address, for the messages
 */
void device_holders_say(const struct device_holders *h, const char *device)
{
	static struct finding found;
	int n = h->count ? scan(h->node, h->count, &found) : 0;

	for (int i = 0; i < n && i < SAID_MAX; i++)
		say_holder(device, &found.holder[i]);
	if (n == 0)
		say_unseen(device, "is not let go of");
	else if (n < 0)
		log_error("%s: its holders are not known: /proc cannot be read", device);
}

/**
 * device_holders_group() - which process has a VFIO group open?
 * @group:	its number
 * @say:	print it
 *
 * Return: the pid of one holder, 0 when none is seen
 */
pid_t device_holders_group(int32_t group, bool say)
{
	static struct finding found;
	struct holder_target targets[2];
	size_t count = group_targets(group, targets);
	int n = scan(targets, count, &found);
	char what[32];

	(void)snprintf(what, sizeof(what), "IOMMU group %d", group);
	for (int i = 0; say && i < n && i < SAID_MAX; i++)
		say_holder(what, &found.holder[i]);
	if (say && n == 0)
		say_unseen(what, "is still open");
	else if (say && n < 0)
		log_error("%s: is still open, and its holders are not known: /proc cannot be read", what);
	return n > 0 ? (pid_t)found.holder[0].pid : 0;
}
