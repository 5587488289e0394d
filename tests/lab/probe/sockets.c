// SPDX-License-Identifier: GPL-2.0-or-later
/* sockets.c - which sockets it could reach; and the accomplice that waits there */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lab/probe/probe.h"

#define PORT 2222

/* "@name" is an abstract one. */
static const char *const sockets[] = {
	"/tmp/accomplice", "/run/accomplice", "@accomplice", "/run/dbus/system_bus_socket",
	"/run/user/1500/bus", "/run/user/1500/wayland-0", "/run/user/1500/pipewire-0",
	"/run/user/1500/pulse/native", "/run/docker.sock", "/run/containerd/containerd.sock",
	"/run/podman/podman.sock", "/run/systemd/private", "/run/systemd/notify",
	"/run/systemd/journal/socket", "/run/udev/control", "/run/libvirt/libvirt-sock",
	"/run/snapd.socket", "/run/acpid.socket", "/tmp/.X11-unix/X0", "/dev/log",
	"/run/vfio-run/vm/demo/control", "@/tmp/.X11-unix/X0", "@/tmp/dbus-vfio-run",
	"@/org/freedesktop/systemd1/notify", "@ISCSIADM_ABSTRACT_NAMESPACE",
};

static socklen_t name_of(const char *name, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(out->sun_path, sizeof(out->sun_path), "%s", name);
	if (*name == '@')
		out->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + (*name != '@'));
}

static const struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = 0 };

static struct sockaddr_in local(void)
{
	struct sockaddr_in a = here;

	a.sin_port = htons(PORT);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

void try_sockets(void)
{
	struct sockaddr_in address = local();

	for (size_t i = 0; i < ARRAY_SIZE(sockets); i++) {
		struct sockaddr_un name;
		socklen_t size = name_of(sockets[i], &name);
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		row("G14", connect(fd, (struct sockaddr *)&name, size) == 0 ||
				   (errno != ENOENT && errno != ECONNREFUSED),
		    "%s: %s", sockets[i], strerror(errno));
		close(fd);
	}
	for (long domain = 0; domain < 46 && filtered; domain++)
		for (long high = 0; high < 2; high++) {
			long fd = syscall(SYS_socket, domain | high << 32, SOCK_DGRAM, 0);

			if (domain != AF_UNIX)
				row("G15", fd >= 0 || errno != EPERM, "a socket of family %ld", domain);
			if (fd >= 0)
				close((int)fd);
		}
	if (!filtered) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		row("G15", connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "127.0.0.1");
		close(fd);
	}
}

/* ---- outside ---------------------------------------------------------------------------------- */

int accomplice(void);

int accomplice(void)
{
	static const char *const names[] = { "/tmp/accomplice", "/run/accomplice", "@accomplice" };
	struct sockaddr_in address = local();
	struct pollfd p[4];
	int on = 1;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct sockaddr_un name;
		socklen_t size = name_of(names[i], &name);

		(void)unlink(names[i]);
		p[i].fd = socket(AF_UNIX, SOCK_STREAM, 0);
		(void)bind(p[i].fd, (struct sockaddr *)&name, size);
		(void)chmod(names[i], 0777);
	}
	p[3].fd = socket(AF_INET, SOCK_STREAM, 0);
	(void)setsockopt(p[3].fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)bind(p[3].fd, (struct sockaddr *)&address, sizeof(address));
	for (int i = 0; i < 4; i++) {
		p[i].events = POLLIN;
		if (listen(p[i].fd, 4)) {
			perror("accomplice");
			return 1;
		}
	}
	(void)shmget(0x76667230, 4096, IPC_CREAT | 0666);
	puts("waiting");
	fflush(stdout);
	if (poll(p, 4, -1) > 0)
		puts("somebody came");
	return 0;
}
