/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter-memfd.c - the compiled filter of a VM, as the keeper takes it; compiled when this was built */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "launcher/plan/programs/filter-memfd.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/**
 * filter_open() - the program that filters QEMU's system calls
 * @fd_out:	a sealed memfd of struct sock_filter, at offset 0; close-on-exec; the caller
 *		closes it
 *
 * Return: 0 or -errno
 */
int filter_open(const struct filter_request *request, int *fd_out)
{
	bool beside = request->needs == FILTER_SWTPM;
	unsigned int index = (beside ? FILTER_NEEDS_ALL + 1u : request->needs) +
			     (request->log ? (unsigned int)FILTER_KINDS : 0);
	cleanup_close int fd = memfd_create("vfio-run-filter", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	const struct filter_program *p;

	if (request->needs > FILTER_NEEDS_ALL && !beside)
		return -EINVAL;
	if (fd < 0)
		return -errno;
	p = &filter_programs[index];
	if (pwrite(fd, p->code, p->size, 0) != (ssize_t)p->size || fcntl(fd, F_ADD_SEALS, SEALS))
		return errno ? -errno : -EIO;
	*fd_out = take_fd(&fd);
	return 0;
}
