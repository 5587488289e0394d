/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vms.c - VMs and detaches of vfio-run itself, read from what their keepers leave in /run */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "launcher/base/vm-status.h"
#include "launcher/host/holders/processes.h"
#include "launcher/host/holders/vms.h"
#include "launcher/host/small-file.h"

/* Devices whose unbind hangs are named behind the first line: not even to be read. */
static void mark_stuck(struct host *h, char *rest)
{
	struct pci_address address;
	char *line;

	while ((line = host_next_line(&rest)))
		if (!strncmp(line, "stuck ", 6) && pci_address_parse(line + 6, &address))
			host_mark_stuck(h, &address);
}

static int read_keeper(struct host *h, const char *kind, const char *name, struct host_vm *vm)
{
	cleanup_free char *text = NULL;
	char path[384], *rest, *line;
	uint64_t start;
	int r;

	(void)snprintf(path, sizeof(path), "run/vfio-run/%s/%s/keeper", kind, name);
	r = host_text(host_root_fd(h), path, &text);
	if (r)
		return r;
	*vm = (struct host_vm){ .detach = !strcmp(kind, "detach") };
	(void)snprintf(vm->name, sizeof(vm->name), "%s", name);
	rest = text;
	line = host_next_line(&rest);
	if (line && sscanf(line, "%d %" SCNu64, &vm->pid, &start) == 2)
		vm->alive = host_process_is_alive(h, vm->pid, start);
	mark_stuck(h, rest);
	return 0;
}

static int add_kind(struct host *h, const char *kind, struct host_vm **out, size_t *count)
{
	char **name, path[64];
	size_t names;
	int r;

	(void)snprintf(path, sizeof(path), "run/vfio-run/%s", kind);
	r = host_list(host_root_fd(h), path, &name, &names);
	if (r)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < names && !r; i++) {
		struct host_vm *bigger = reallocarray(*out, *count + 1, sizeof(*bigger));

		r = bigger ? 0 : -ENOMEM;
		if (bigger)
			*out = bigger;
		if (bigger && !read_keeper(h, kind, name[i], &bigger[*count]))
			++*count;
	}
	host_list_free(name, names);
	return r;
}

/**
 * host_vms() - every VM and every detach that has not ended, or was interrupted
 * @out:	freed by the caller with free()
 *
 * To be called before the devices are read: one whose unbind hangs is marked stuck.
 *
 * Return: 0 (also for none) or -errno
 */
int host_vms(struct host *h, struct host_vm **out, size_t *count)
{
	int r;

	*out = NULL;
	*count = 0;
	r = add_kind(h, "vm", out, count);
	if (!r)
		r = add_kind(h, "detach", out, count);
	if (r) {
		free(*out);
		*out = NULL;
		*count = 0;
	}
	return r;
}

/**
 * host_mark_all_stuck() - find out, before any device is read, which of them would block
 *
 * Return: 0 or -errno
 */
int host_mark_all_stuck(struct host *h)
{
	struct host_vm *vm;
	size_t count;
	int r = host_vms(h, &vm, &count);

	free(vm);
	return r;
}

/* The keeper itself, or one of those that its status names: the standby, the VM's programs. */
static bool belongs(struct host *h, const struct host_vm *vm, int32_t pid)
{
	struct vm_status status;
	cleanup_close int fd = -1;
	char path[384];

	if (vm->pid == pid)
		return true;
	if (vm->detach)
		return false;
	(void)snprintf(path, sizeof(path), "run/vfio-run/vm/%s/status", vm->name);
	fd = openat(host_root_fd(h), path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || vm_status_read(fd, &status))
		return false;
	for (size_t i = 0; i < VM_STATUS_PROCESSES_MAX; i++)
		if (status.process[i].id.pid == pid)
			return true;
	return false;
}

/**
 * host_vm_of_process() - is a process part of a VM, or of a detach, of vfio-run itself?
 * @out:	receives which one, when it lives
 *
 * No remedy may be to kill such a process: there is `vfio-run stop`.
 */
bool host_vm_of_process(struct host *h, int32_t pid, struct host_vm *out)
{
	struct host_vm *vm = NULL;
	size_t count = 0;
	bool found = false;

	if (pid <= 0 || host_vms(h, &vm, &count))
		return false;
	for (size_t i = 0; i < count && !found; i++)
		if (vm[i].alive && belongs(h, &vm[i], pid)) {
			*out = vm[i];
			found = true;
		}
	free(vm);
	return found;
}

/**
 * host_group_owner() - which keeper has an IOMMU group locked?
 * @pid:	its pid; 0 when it is outside of this pid namespace
 *
 * The lock is looked up, not tried: a trial lock would make a concurrent job fail.
 *
 * Return: 1 locked, 0 free, -EACCES when that takes root, other -errno
 */
int host_group_owner(struct host *h, int group, int32_t *pid)
{
	cleanup_free char *text = NULL;
	char path[64], wanted[64], *rest, *line;
	struct stat st;
	int r;

	(void)snprintf(path, sizeof(path), "run/vfio-run/state/group-%d.lock", group);
	if (fstatat(host_root_fd(h), path, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	r = host_text(host_root_fd(h), "proc/locks", &text);
	if (r)
		return r;
	/* Source: fs/locks.c, lock_get_status() */
	(void)snprintf(wanted, sizeof(wanted), "%02x:%02x:%ju", major(st.st_dev), minor(st.st_dev),
		       (uintmax_t)st.st_ino);
	rest = text;
	while ((line = host_next_line(&rest))) {
		char file[64];

		if (sscanf(line, "%*s FLOCK %*s %*s %d %63s", pid, file) == 2 &&
		    !strcmp(file, wanted))
			return 1;
	}
	return 0;
}
