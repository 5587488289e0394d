// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio.c - takes the devices as QEMU does: group, container, mapped memory, device, request
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lab/standin/standin.h"

#define MAPPED_MAX (64UL << 20) /* bytes: enough to be refused under a small memlock limit */

struct device device[DEVICES_MAX];
size_t device_count;
static int container = -1;
static size_t memory = MAPPED_MAX;

static _Noreturn void fail(const char *what, const char *where)
{
	fprintf(stderr, "qemu-standin: %s: %s: %s\n", where, what, strerror(errno));
	exit(1);
}

static int group_of(const char *address)
{
	char path[128], target[256];
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", address);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		fail(path, address);
	target[length] = '\0';
	return atoi(strrchr(target, '/') + 1);
}

static int open_group(int group, const char *address)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[64];
	int fd;

	for (size_t i = 0; i < device_count; i++)
		if (device[i].group == group && device[i].group_fd >= 0)
			return device[i].group_fd;
	snprintf(path, sizeof(path), "/dev/vfio/%d", group);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		fail(path, address);
	if (ioctl(fd, VFIO_GROUP_GET_STATUS, &status) < 0 ||
	    !(status.flags & VFIO_GROUP_FLAGS_VIABLE)) {
		fprintf(stderr, "qemu-standin: %s: group %d is not viable\n", address, group);
		exit(1);
	}
	if (ioctl(fd, VFIO_GROUP_SET_CONTAINER, &container) < 0)
		fail("VFIO_GROUP_SET_CONTAINER", address);
	return fd;
}

static void *guest_memory(void)
{
	static void *guest = MAP_FAILED;

	if (guest == MAP_FAILED)
		guest = mmap(NULL, memory, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (guest == MAP_FAILED)
		fail("mmap", "memory");
	return guest;
}

/* As QEMU's prealloc does. */
void touch_memory(void)
{
	memset(guest_memory(), 0, memory);
}

static void map_memory(void)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.size = memory,
	};

	map.vaddr = (uintptr_t)guest_memory();
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		fail("VFIO_SET_IOMMU", "container");
	if (ioctl(container, VFIO_IOMMU_MAP_DMA, &map) < 0)
		fail("VFIO_MAP_DMA", "memory");
}

/* Bus mastering on, as a guest's driver would: the kernel has to clear it at the last close. */
static void use_device(int fd, const char *address)
{
	struct vfio_region_info config = { .argsz = sizeof(config),
					   .index = VFIO_PCI_CONFIG_REGION_INDEX };
	uint16_t word[4];

	if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &config) < 0 ||
	    pread(fd, word, sizeof(word), (off_t)config.offset) != sizeof(word))
		fail("configuration space", address);
	fprintf(stderr, "qemu-standin: has %s %04x:%04x\n", address, word[0], word[1]);
	word[2] |= 0x6;
	if (pwrite(fd, &word[2], 2, (off_t)config.offset + 4) != 2)
		fail("command register", address);
}

static void write_register(int fd, uint64_t bar, uint64_t at, uint64_t value)
{
	if (pwrite(fd, &value, sizeof(value), (off_t)(bar + at)) != sizeof(value))
		fail("a register", device[0].address);
}

/* As a guest's driver in error, or of ill will. Source: QEMU's docs/specs/edu */
void stray_dma(void)
{
	struct vfio_region_info bar = { .argsz = sizeof(bar), .index = VFIO_PCI_BAR0_REGION_INDEX };
	int fd = device[0].fd;

	if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &bar) < 0)
		fail("its registers", device[0].address);
	write_register(fd, bar.offset, 0x80, 0xe000000); /* from there, behind all that it was given */
	write_register(fd, bar.offset, 0x88, 0x40000);	 /* into its own memory */
	write_register(fd, bar.offset, 0x90, 64);
	write_register(fd, bar.offset, 0x98, 1);
}

static int listen_for_request(int fd, const char *address)
{
	char buffer[sizeof(struct vfio_irq_set) + sizeof(int32_t)] __attribute__((aligned(8)));
	struct vfio_irq_set *set = (struct vfio_irq_set *)(void *)buffer;
	int32_t event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (event_fd < 0)
		fail("eventfd", address);
	*set = (struct vfio_irq_set){
		.argsz = sizeof(buffer),
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_REQ_IRQ_INDEX,
		.count = 1,
	};
	memcpy(set->data, &event_fd, sizeof(event_fd));
	if (ioctl(fd, VFIO_DEVICE_SET_IRQS, set) < 0)
		fail("the request interrupt", address);
	return event_fd;
}

static void open_container(void)
{
	if (container < 0)
		container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (container < 0)
		fail("/dev/vfio/vfio", "container");
}

void take_device(size_t i)
{
	int group = group_of(device[i].address);

	if (standin_switch[NO_VFIO].on)
		return;
	open_container();
	device[i].group_fd = open_group(group, device[i].address);
	device[i].group = group;
	if (i == 0)
		map_memory();
	device[i].fd = ioctl(device[i].group_fd, VFIO_GROUP_GET_DEVICE_FD, device[i].address);
	if (device[i].fd < 0)
		fail("VFIO_GROUP_GET_DEVICE_FD", device[i].address);
	use_device(device[i].fd, device[i].address);
	if (!standin_switch[IGNORE_REQUEST].on)
		device[i].request_fd = listen_for_request(device[i].fd, device[i].address);
}

/* Those of the command line; the others come by device_add. */
void take_devices(void)
{
	for (size_t i = 0; i < device_count; i++)
		take_device(i);
}

/* With one byte, over a connected socket. */
static void send_descriptors(int to, const int *fd, size_t count)
{
	char byte = '\n', control[CMSG_SPACE(sizeof(int) * DEVICES_MAX)] = "";
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = CMSG_SPACE(sizeof(int) * count) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * count);
	memcpy(CMSG_DATA(header), fd, sizeof(int) * count);
	if (sendmsg(to, &message, 0) != 1)
		fail("sendmsg", "descriptors");
}

/* What a guest would do that owns QEMU. */
void send_devices(int to)
{
	int fd[DEVICES_MAX];

	for (size_t i = 0; i < device_count; i++)
		fd[i] = device[i].fd;
	send_descriptors(to, fd, device_count);
}

static int call_friend(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "%s", name);
	if (connect(s, (struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))) < 0)
		fail("a friend outside", name);
	return s;
}

/* And one that has a friend outside. */
void give_devices_away(const char *name)
{
	int s = call_friend(name);

	send_devices(s);
	close(s);
}

void give_monitor_away(const char *name, int monitor)
{
	int s = call_friend(name);

	send_descriptors(s, &monitor, 1);
	close(s);
}

/* "host":"0000:01:00.0" in JSON, host=01:00.0 in QEMU's older form. */
void add_device(const char *argument)
{
	const char *start = strstr(argument, "\"host\"");

	if (!strstr(argument, "vfio-pci") || device_count == DEVICES_MAX)
		return;
	if (start)
		start += strlen("\"host\"") + strspn(start + strlen("\"host\""), ": \"");
	else if ((start = strstr(argument, "host=")))
		start += strlen("host=");
	else
		return;
	snprintf(device[device_count].address, sizeof(device[0].address), "%s%.*s",
		 strcspn(start, "\",}") < 12 ? "0000:" : "", (int)strcspn(start, "\",}"), start);
	device[device_count].fd = device[device_count].group_fd = -1;
	device[device_count].group = device[device_count].request_fd = -1;
	device_count++;
}

void set_memory(const char *argument)
{
	char *unit;
	size_t size;

	if (!strncmp(argument, "size=", 5))
		argument += 5;
	size = strtoul(argument, &unit, 10);
	if (*unit == 'k' || *unit == 'K')
		size <<= 10;
	else if (*unit == 'g' || *unit == 'G')
		size <<= 30;
	else if (*unit != 'b' && *unit != 'B')
		size <<= 20;
	if (size && size < MAPPED_MAX)
		memory = size;
}
