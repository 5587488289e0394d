/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holding.c - what of a device can be held, and who holds it: by descriptor and by mapping */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/driver-nodes.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/holders/apart.h"
#include "launcher/host/holders/holding.h"
#include "launcher/host/small-file.h"

#define NVIDIA_CTL 255 /* Source: NVIDIA's kernel-open/nvidia, nv-linux.h: of all its cards */
#define NVIDIA_MODESET 254

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

/* What is looked for, and what a child has found; in memory that it shares. */
struct finding {
	const struct holder_target *target;
	size_t target_count, room;
	int proc;
	int error;
	struct holder_scan result;
	struct holder holder[];
};

static void scan(void *shared)
{
	struct finding *f = shared;

	f->error = holders_scan_all(f->proc, f->target, f->target_count, f->holder, f->room,
				    &f->result);
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
	size_t size = sizeof(struct finding) + room * sizeof(*out);
	struct finding *f;
	bool found;

	if (proc < 0)
		return -errno;
	f = host_is_live(h) ? host_apart_room(size) : NULL;
	if (!f)
		return holders_scan(proc, target, target_count, out, room, result);
	f->target = target;
	f->target_count = target_count;
	f->room = room;
	f->proc = proc;
	found = host_apart(scan, f) && !f->error;
	if (found)
		take_processes(f, out, result);
	host_apart_free(f, size);
	return found ? 0 : holders_scan(proc, target, target_count, out, room, result);
}
