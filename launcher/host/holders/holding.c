/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holding.c - what of a device can be held, and who holds it: by descriptor and by mapping */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/driver-nodes.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/holders/holding.h"
#include "launcher/host/small-file.h"

#define NVIDIA_CTL 255 /* Source: NVIDIA's kernel-open/nvidia, nv-linux.h: of all its cards */
#define NVIDIA_MODESET 254
#define SCAN_MS 5000

/**
 * host_is_borne() - does who holds only this let go, or is not disturbed?
 * @subsystem, @name:	of a node
 *
 * These subsystems take a device away from under its readers every time something is unplugged. (Of
 * sound what is no stream: a client that listens closes when the card goes, in 0.16 s: tried.)
 */
bool host_is_borne(const char *subsystem, const char *name)
{
	return (!strcmp(subsystem, "sound") && strncmp(name, "pcm", 3) != 0) ||
	       !strcmp(subsystem, "input") || !strcmp(subsystem, "hidraw");
}

/** host_keeps_for_others() - process 1 or logind: what they hold goes with the session that it is
 * for */
bool host_keeps_for_others(const struct holder *f)
{
	return f->pid == 1 || (!f->uid && !strcmp(f->comm, "systemd-logind"));
}

/* Is it the only card that NVIDIA's driver has? Then who has a node of all its cards has this one.
 */
static bool is_only_nvidia(struct host *h)
{
	char **name;
	size_t count;
	bool only;

	if (host_list(host_root_fd(h), "proc/driver/nvidia/gpus", &name, &count))
		return false;
	only = count == 1;
	host_list_free(name, count);
	return only;
}

static bool find_uvm(struct host *h, struct holder_target *out)
{
	cleanup_free char *text = NULL;
	char *rest, *line;
	unsigned int number;

	if (host_text(host_root_fd(h), "proc/devices", &text))
		return false;
	for (rest = text; (line = host_next_line(&rest));)
		if (strstr(line, " nvidia-uvm") && sscanf(line, "%u", &number) == 1) {
			*out = (struct holder_target){ .major = number };
			return true;
		}
	return false;
}

/**
 * host_nvidia_targets() - the nodes that NVIDIA's driver has made, which are not in sysfs
 * @target:	filled
 *
 * Source: NVIDIA's kernel-open/nvidia/nv-procfs.c. Return: how many
 */
size_t host_nvidia_targets(struct host *h, const struct host_device *d,
			   struct holder_target target[HOST_NVIDIA_TARGETS])
{
	unsigned int minor;
	size_t count = 0;

	if (!driver_nodes_nvidia(host_root_fd(h), d->name, &minor))
		return 0;
	target[count++] = (struct holder_target){ .major = NVIDIA_MAJOR, .minor = minor };
	if (!is_only_nvidia(h))
		return count;
	target[count++] = (struct holder_target){ .major = NVIDIA_MAJOR, .minor = NVIDIA_CTL };
	target[count++] = (struct holder_target){ .major = NVIDIA_MAJOR, .minor = NVIDIA_MODESET };
	return count + find_uvm(h, &target[count]);
}

/**
 * host_kfd_target() - AMD's node for computing, where it is this card's alone
 * @target:	filled then
 *
 * Who computes on one of several cards has that card's render node open as well, which tells them
 * apart. Of the only one, this node alone is enough: with it the driver does not let go.
 */
bool host_kfd_target(struct host *h, const struct host_device *d, struct holder_target *target)
{
	unsigned int cards;

	*target = (struct holder_target){ .block = false };
	return driver_nodes_kfd(host_root_fd(h), &d->address, &cards) && cards == 1 &&
	       driver_nodes_kfd_number(host_root_fd(h), &target->major, &target->minor);
}

/* ---- who has one of them ------------------------------------------------------------------- */

struct scan {
	const struct holder_target *target;
	size_t target_count, room;
	int proc;
};

/* What the child has found; in memory that it shares. */
struct finding {
	bool done;
	int error;
	struct holder_scan result;
	struct holder holder[];
};

static _Noreturn void scan_child(const struct scan *s, struct finding *out, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent) {
		out->error = holders_scan_all(s->proc, s->target, s->target_count, out->holder,
					      s->room, &out->result);
		out->done = true;
	}
	_exit(0);
}

/* Return: false when it was not done in time */
static bool scan_apart(const struct scan *s, struct finding *out)
{
	pid_t parent = getpid(), pid = fork();
	cleanup_close int fd = -1;
	struct pollfd p = { .events = POLLIN };
	bool late;

	if (pid == 0)
		scan_child(s, out, parent);
	if (pid < 0)
		return false;
	fd = p.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	late = fd < 0 || poll(&p, 1, SCAN_MS) <= 0;
	if (late)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, late ? WNOHANG : 0) < 0 && errno == EINTR)
		;
	return !late && out->done;
}

/* A file system that is mounted is no process: another row's. */
static void take_processes(const struct finding *f, struct holder *out, struct holder_scan *result)
{
	*result = f->result;
	result->found = 0;
	for (size_t i = 0; i < f->result.found; i++)
		if (f->holder[i].pid)
			out[result->found++] = f->holder[i];
}

/**
 * host_holders() - find the processes that have a target open or mapped
 *
 * The maps of a process cannot be read while its memory is locked, which one that hangs in a driver
 * may do for ever: a child reads them, and is not waited for for long. Without it, and in the files
 * of another machine, only what is open is seen.
 *
 * Return: as holders_scan(), which says what the parameters are
 */
int host_holders(struct host *h, const struct holder_target *target, size_t target_count,
		 struct holder *out, size_t room, struct holder_scan *result)
{
	cleanup_close int proc =
		openat(host_root_fd(h), "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct scan s = { target, target_count, room, proc };
	size_t size = sizeof(struct finding) + room * sizeof(*out);
	struct finding *f;
	bool found;

	if (proc < 0)
		return -errno;
	f = host_is_live(h)
		    ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
		    : MAP_FAILED;
	if (f == MAP_FAILED)
		return holders_scan(proc, target, target_count, out, room, result);
	found = scan_apart(&s, f) && !f->error;
	if (found)
		take_processes(f, out, result);
	(void)munmap(f, size);
	return found ? 0 : holders_scan(proc, target, target_count, out, room, result);
}
