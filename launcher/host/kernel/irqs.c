/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irqs.c - the host's interrupts, and the CPUs that they go to */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/kernel/irqs.h"

/*
 * What cannot be set has no write bit in newer kernels; in others the attempt is refused.
 *
 * Return: 1 it is read; 0 there is nothing of it to be set; -ENOMEM
 */
static int read_irq(int dir, const char *name, struct host_irq **list, size_t *count)
{
	char path[64], *end;
	struct host_irq irq = { .number = (unsigned int)strtoul(name, &end, 10) }, *more;
	struct stat st;

	(void)snprintf(path, sizeof(path), "%.16s/smp_affinity_list", name);
	if (end == name || *end || fstatat(dir, path, &st, 0) || !(st.st_mode & S_IWUSR) ||
	    sysfs_read(dir, path, irq.list, sizeof(irq.list)) <= 0)
		return 0;
	more = reallocarray(*list, *count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	*list = more;
	more[(*count)++] = irq;
	return 1;
}

static int by_number(const void *a, const void *b)
{
	const struct host_irq *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/**
 * host_irqs() - all interrupts whose CPUs can be chosen, by their numbers
 * @out:	the caller's to free
 *
 * Return: 0; -ENOENT this kernel shows none; other -errno.
 * Source: Documentation/core-api/irq/irq-affinity.rst
 */
int host_irqs(struct host *h, struct host_irq **out, size_t *count)
{
	int fd = openat(host_root_fd(h), "proc/irq", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	*out = NULL;
	*count = 0;
	if (!dir)
		return -errno;
	while (r >= 0 && (e = readdir(dir)))
		r = read_irq(dirfd(dir), e->d_name, out, count);
	(void)closedir(dir);
	if (*count)
		qsort(*out, *count, sizeof(**out), by_number);
	return r < 0 ? r : 0;
}

/** host_irq_is_of() - is it a message of this PCI device? It goes with the device's driver */
bool host_irq_is_of(struct host *h, const char *address, unsigned int number)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/msi_irqs/%u", address, number);
	return sysfs_exists(host_root_fd(h), path);
}
