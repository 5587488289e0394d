/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rom.c - read the expansion ROM of an idle device; the exit status is the errno
 *
 * usage: rom ADDRESS GROUP	to descriptor 3
 *
 * A program of its own, as the read can block in the kernel; nothing looks at the bytes here. It is
 * idle when no driver of the host's has it and nobody has its IOMMU group open, which is kept open
 * meanwhile. Of power/control and the switch of the ROM it leaves what it found. All signals are
 * blocked, or one could come in between. Source: drivers/pci/pci-sysfs.c, pci_read_rom()
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/pci-address.h"

#define OUT 3
#define BYTES_MAX (16u << 20) /* kernel and QEMU know none above 16 MiB */

static int write_word(int dir, const char *file, const char *word)
{
	cleanup_close int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, word, strlen(word)) < 0 ? -errno : 0;
}

/* vfio-pci lets an idle device sleep, and one that sleeps reads as all ones. Return: did it? */
static bool wake(int dir)
{
	cleanup_close int fd = openat(dir, "power/control", O_RDONLY | O_CLOEXEC);
	char text[8] = "";

	return fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && !strncmp(text, "auto", 4) &&
	       write_word(dir, "power/control", "on") == 0;
}

static int copy(int from)
{
	char buf[4096];
	ssize_t n = 0;

	for (size_t all = 0; all < BYTES_MAX; all += (size_t)n) {
		n = read(from, buf, sizeof(buf));
		if (n <= 0)
			break;
		if (write(OUT, buf, (size_t)n) != n)
			return -EIO;
	}
	return n < 0 ? -errno : 0;
}

/* The kernel takes "0" for off only with a newline behind it. */
static int dump(int dir)
{
	cleanup_close int fd = openat(dir, "rom", O_RDWR | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -errno;
	if (pwrite(fd, "1\n", 2, 0) < 0)
		return -errno;
	rc = copy(fd);
	return pwrite(fd, "0\n", 2, 0) < 0 && !rc ? -errno : rc;
}

static bool is_the_hosts(int dir)
{
	char target[256];
	ssize_t n = readlinkat(dir, "driver", target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	return !strstr(target, "vfio");
}

int main(int argc, char **argv)
{
	char path[96], name[PCI_ADDRESS_TEXT];
	cleanup_close int dir = -1, group = -1;
	struct pci_address address;
	sigset_t all;
	bool slept;
	int rc;

	if (argc != 3 || !pci_address_parse(argv[1], &address))
		return EINVAL;
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s",
		       pci_address_format(&address, name));
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno;
	(void)snprintf(path, sizeof(path), "/dev/vfio/%d", atoi(argv[2]));
	group = open(path, O_RDWR | O_CLOEXEC);
	if (is_the_hosts(dir) || (group < 0 && errno == EBUSY))
		return EBUSY;
	slept = wake(dir);
	rc = dump(dir);
	if (slept)
		(void)write_word(dir, "power/control", "auto");
	return -rc;
}
