// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hears.c - waits for a frame that asks for an address by DHCP, from a guest, on a link
 *
 * usage: hears LINK MAC SECONDS     exit status 0: it came
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DHCP_SERVER_PORT 67
#define UDP 17

/* Ethernet, IPv4 without options, UDP: what a boot ROM sends. */
static int asks(const unsigned char *frame, ssize_t size, const unsigned char mac[ETH_ALEN])
{
	return size > 42 && !memcmp(frame + ETH_ALEN, mac, ETH_ALEN) && frame[12] == 0x08 &&
	       frame[13] == 0x00 && frame[23] == UDP && frame[36] == 0 &&
	       frame[37] == DHCP_SERVER_PORT;
}

int main(int argc, char **argv)
{
	struct sockaddr_ll on = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	unsigned char mac[ETH_ALEN], frame[2048];
	time_t end;

	if (argc != 4 || fd < 0 ||
	    sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3],
		   &mac[4], &mac[5]) != ETH_ALEN)
		return 2;
	on.sll_ifindex = (int)if_nametoindex(argv[1]);
	if (!on.sll_ifindex || bind(fd, (struct sockaddr *)&on, sizeof(on)) < 0)
		return 2;
	end = time(NULL) + atoi(argv[3]);
	while (time(NULL) < end) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (poll(&p, 1, 1000) > 0 && asks(frame, read(fd, frame, sizeof(frame)), mac))
			return 0;
	}
	return 1;
}
