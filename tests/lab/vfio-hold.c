// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio-hold.c - holds what is a VM's open from outside, and ignores all requests
 *
 * usage: vfio-hold open GROUP ADDRESS     a VFIO device, opens it itself
 *        vfio-hold take PID               what that process has of VFIO open, a copy of each descriptor
 *        vfio-hold map PATH               a page of a device node, its descriptor closed
 *        vfio-hold path PATH              a node that no driver has: its descriptor has the numbers
 *        vfio-hold knock PATH...          opens each of them again and again, a thousand times a second in
 *                                         all, and has each open for a moment
 *        vfio-hold socket NAME            is sent it, on the abstract UNIX socket NAME
 *        vfio-hold flight NAME           the same, and holds it in no table: on its way in a socket
 *                                        that is itself on its way in another
 *        vfio-hold talk NAME              is sent a QMP monitor, and speaks QEMU's part for ever
 *
 * Prints "holding" when it does, and ends with the signal that kills it, or, when it talks, when
 * its reader is gone.
 */
#include <fcntl.h>
#include <linux/vfio.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int received[16];
static size_t received_count;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void open_device(const char *group_number, const char *address)
{
	int container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC), group;
	char path[64];

	snprintf(path, sizeof(path), "/dev/vfio/%s", group_number);
	group = open(path, O_RDWR | O_CLOEXEC);
	if (container < 0 || group < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) < 0 ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		die(path);
	if (ioctl(group, VFIO_GROUP_GET_DEVICE_FD, address) < 0)
		die(address);
}

static void take(const char *pid)
{
	int process = (int)syscall(SYS_pidfd_open, atoi(pid), 0);
	char path[64], link[128];
	ssize_t n;

	for (int fd = 0; fd < 1024; fd++) {
		snprintf(path, sizeof(path), "/proc/%s/fd/%d", pid, fd);
		n = readlink(path, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = '\0';
		if (!strstr(link, "vfio"))
			continue;
		received[0] = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
		if (received[0] < 0)
			die(path);
		received_count++;
	}
	if (!received_count)
		die(pid);
}

static void map(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED)
		die(path);
	close(fd);
}

static void knock(char **path, int count)
{
	printf("holding\n");
	fflush(stdout);
	for (unsigned int i = 0;; i++) {
		int fd = open(path[i % (unsigned int)count], O_RDWR | O_NONBLOCK | O_CLOEXEC);

		(void)usleep(fd < 0 ? 900 : 100);
		if (fd >= 0)
			close(fd);
		(void)usleep(fd < 0 ? 100 : 900);
	}
}

static int be_sent(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), client;
	char byte, control[CMSG_SPACE(16 * sizeof(int))];
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };

	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "%s", name);
	if (bind(server, (struct sockaddr *)&address,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))) < 0 ||
	    listen(server, 1) < 0)
		die(name);
	printf("listening\n");
	fflush(stdout);
	client = accept(server, NULL, NULL);
	if (client < 0 || recvmsg(client, &message, 0) != 1 || !CMSG_FIRSTHDR(&message))
		die("recvmsg");
	received_count = (CMSG_FIRSTHDR(&message)->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(received, CMSG_DATA(CMSG_FIRSTHDR(&message)), received_count * sizeof(int));
	return received[0];
}

/* From here on they are in no table but in a queue. */
static void send_away(const int *fds, size_t count, int pair[2])
{
	char byte = 0;
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(16 * sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = CMSG_SPACE(count * sizeof(int)) };

	memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
	    sendmsg(pair[0], &message, 0) != 1)
		die("sendmsg");
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

static void be_in_flight(void)
{
	int inner[2], outer[2];

	send_away(received, received_count, inner);
	send_away(inner, 2, outer);
}

/* Resets, each of which the reader has to process. */
static void talk(int monitor)
{
	static const char event[] = "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 0}, \"event\": \"RESET\", "
				    "\"data\": {\"guest\": true, \"reason\": \"guest-reset\"}}\r\n";

	while (send(monitor, event, sizeof(event) - 1, MSG_NOSIGNAL) > 0)
		(void)usleep(50000);
	exit(0);
}

int main(int argc, char **argv)
{
	int monitor = -1;

	if (argc == 4 && !strcmp(argv[1], "open"))
		open_device(argv[2], argv[3]);
	else if (argc == 3 && !strcmp(argv[1], "take"))
		take(argv[2]);
	else if (argc > 2 && !strcmp(argv[1], "knock"))
		knock(argv + 2, argc - 2);
	else if (argc == 3 && !strcmp(argv[1], "map"))
		map(argv[2]);
	else if (argc == 3 && !strcmp(argv[1], "path") && open(argv[2], O_PATH | O_CLOEXEC) < 0)
		die(argv[2]);
	else if (argc == 3 && !strcmp(argv[1], "path"))
		;
	else if (argc == 3 && !strcmp(argv[1], "socket"))
		(void)be_sent(argv[2]);
	else if (argc == 3 && !strcmp(argv[1], "flight") && be_sent(argv[2]) >= 0)
		be_in_flight();
	else if (argc == 3 && !strcmp(argv[1], "talk"))
		monitor = be_sent(argv[2]);
	else
		return 2;
	printf("holding\n");
	fflush(stdout);
	if (monitor >= 0)
		talk(monitor);
	for (;;)
		pause();
}
