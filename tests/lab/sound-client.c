// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sound-client.c - listens to a sound card as a mixer does, and lets go when the card goes
 *
 * usage: sound-client /dev/snd/controlC0
 *        sound-client -m /dev/snd/pcmC0D0p	maps it, closes it, and never lets go
 *        sound-client -s /dev/snd/pcmC0D0p	has it open as a sound server, until a card is
 *announced as gone; and again when one is announced
 */
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <sound/asound.h>

static int hold_mapped(const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, SNDRV_PCM_MMAP_OFFSET_STATUS) ==
			      MAP_FAILED) {
		perror(path);
		return 1;
	}
	(void)close(fd);
	for (;;)
		(void)pause();
}

/* "remove@/devices/pci0000:00/.../sound/card0". Source: lib/kobject_uevent.c */
static int serve(const char *path)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int events = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	char text[4096], *card;
	ssize_t n;

	if (fd < 0 || bind(events, (struct sockaddr *)&address, sizeof(address))) {
		perror(path);
		return 1;
	}
	while ((n = recv(events, text, sizeof(text) - 1, 0)) > 0) {
		text[n] = '\0';
		card = strstr(text, "/sound/card");
		if (card && !strncmp(text, "remove@", 7) && !strchr(card + 7, '/') && fd >= 0)
			fd = close(fd) - 1;
		else if (card && !strncmp(text, "add@", 4) &&
			 fd < 0) /* the card's, or its node's, later */
			fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	}
	return 1;
}

int main(int argc, char **argv)
{
	struct pollfd p = { .events = POLLIN };
	int on = 1;

	if (argc == 3 && !strcmp(argv[1], "-m"))
		return hold_mapped(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "-s"))
		return serve(argv[2]);
	if (argc != 2)
		return 2;
	p.fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	/* Only who has subscribed is woken when the card goes. */
	if (p.fd < 0 || ioctl(p.fd, SNDRV_CTL_IOCTL_SUBSCRIBE_EVENTS, &on)) {
		perror(argv[1]);
		return 1;
	}
	while (poll(&p, 1, -1) >= 0 && !(p.revents & (POLLHUP | POLLERR | POLLNVAL)))
		;
	return close(p.fd) != 0;
}
