// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nvme-virt.c - what an NVMe controller's virtual functions have (virtualization management)
 *
 * usage: nvme-virt NODE CONTROLLER ACTION [queues|interrupts COUNT]
 *
 * CONTROLLER is 0 for the physical one, N for its Nth virtual function. ACTION: 1 what the physical
 * one has from the next reset on, 7 offline, 8 what a virtual one has, 9 online.
 * Source: NVM Express 1.4, 5.22; QEMU docs/system/devices/nvme.rst, "SR-IOV and virtualization".
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

int main(int argc, char **argv)
{
	struct nvme_admin_cmd command = { .opcode = 0x1c };
	int fd, status;

	if (argc != 4 && argc != 6) {
		fputs("usage: nvme-virt NODE CONTROLLER ACTION [queues|interrupts COUNT]\n",
		      stderr);
		return 2;
	}
	command.cdw10 = (unsigned int)(atoi(argv[2]) << 16 | atoi(argv[3]));
	if (argc == 6) {
		command.cdw10 |= (unsigned int)!strcmp(argv[4], "interrupts") << 8;
		command.cdw11 = (unsigned int)atoi(argv[5]);
	}
	fd = open(argv[1], O_RDWR | O_CLOEXEC);
	status = fd < 0 ? -1 : ioctl(fd, NVME_IOCTL_ADMIN_CMD, &command);
	if (status)
		fprintf(stderr, "nvme-virt: %s: %s, status 0x%x\n", argv[1],
			status < 0 ? strerror(errno) : "refused",
			status < 0 ? 0 : (unsigned int)status);
	return status != 0;
}
