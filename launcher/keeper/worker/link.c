/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link.c - network links that are a VM's: made, looked at, deleted, by netlink
 *
 * A tap lives as long as one of its descriptors is open: it is gone with QEMU, however that ends.
 * A macvtap stays until it is deleted. Neither gets an address of the host's own: what arrives is
 * the guest's. Source: rtnetlink(7), Documentation/networking/tuntap.rst, drivers/net/tap.c
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/keeper/worker/link.h"

#define ATTRIBUTES_MAX 512
#define ANSWER_MAX 32768 /* as iproute2 has it: a link's record is some kilobytes */

struct request {
	struct nlmsghdr head;
	struct ifinfomsg link;
	char attributes[ATTRIBUTES_MAX];
};

struct found {
	int index; /* 0: there is none */
	uint32_t mtu;
	char kind[16]; /* "" for a card */
};

static struct request request_of(uint16_t type, uint16_t flags, int index)
{
	return (struct request){
		.head = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
			  .nlmsg_type = type,
			  .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags) },
		.link = { .ifi_family = AF_UNSPEC, .ifi_index = index },
	};
}

/* Nothing here is longer than a name: what would not fit is never asked for. */
static struct rtattr *put(struct request *r, unsigned short type, const void *data, size_t size)
{
	size_t at = NLMSG_ALIGN(r->head.nlmsg_len);
	void *place = (char *)r + at;
	struct rtattr *a = place;

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(a), data, size);
	r->head.nlmsg_len = (uint32_t)(at + RTA_ALIGN(a->rta_len));
	return a;
}

static void put_text(struct request *r, unsigned short type, const char *text)
{
	(void)put(r, type, text, strlen(text) + 1);
}

static void put_number(struct request *r, unsigned short type, uint32_t value)
{
	(void)put(r, type, &value, sizeof(value));
}

static void end(const struct request *r, struct rtattr *nest)
{
	nest->rta_len = (unsigned short)((const char *)r + r->head.nlmsg_len - (const char *)nest);
}

/* Sends @r and receives one message. Return: 0, or -errno of the kernel's answer */
static int ask(struct request *r, void *answer, size_t size)
{
	cleanup_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct nlmsghdr *head = answer;
	ssize_t n;

	if (fd < 0 || send(fd, r, r->head.nlmsg_len, 0) < 0)
		return -errno;
	n = recv(fd, answer, size, 0);
	if (n < 0)
		return -errno;
	if (!NLMSG_OK(head, (size_t)n))
		return -EPROTO;
	if (head->nlmsg_type != NLMSG_ERROR)
		return 0;
	return ((struct nlmsgerr *)NLMSG_DATA(head))->error;
}

/* A request without an answer but that it was done. */
static int tell(struct request *r)
{
	char answer[ATTRIBUTES_MAX * 2] __attribute__((aligned(NLMSG_ALIGNTO)));

	r->head.nlmsg_flags |= NLM_F_ACK;
	return ask(r, answer, sizeof(answer));
}

static void take_kind(struct rtattr *info, struct found *out)
{
	int left = (int)RTA_PAYLOAD(info);

	for (struct rtattr *a = RTA_DATA(info); RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == IFLA_INFO_KIND)
			(void)snprintf(out->kind, sizeof(out->kind), "%.*s", (int)RTA_PAYLOAD(a),
				       (const char *)RTA_DATA(a));
}

/* Return: 0, also when there is none */
static int find(const char *name, struct found *out)
{
	static union {
		struct nlmsghdr head;
		char room[ANSWER_MAX];
	} answer;
	struct nlmsghdr *head = &answer.head;
	struct request r = request_of(RTM_GETLINK, 0, 0);
	struct ifinfomsg *link = NLMSG_DATA(head);
	int rc, left;

	*out = (struct found){ .index = 0 };
	put_text(&r, IFLA_IFNAME, name);
	rc = ask(&r, &answer, sizeof(answer));
	if (rc)
		return rc == -ENODEV ? 0 : rc;
	out->index = link->ifi_index;
	left = (int)IFLA_PAYLOAD(head);
	for (struct rtattr *a = IFLA_RTA(link); RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == IFLA_LINKINFO)
			take_kind(a, out);
		else if (a->rta_type == IFLA_MTU)
			memcpy(&out->mtu, RTA_DATA(a), sizeof(out->mtu));
	return 0;
}

/**
 * link_kind() - what kind of link there is of a name
 * @buf:	"tun", "macvtap", "bridge", ...; "card" for hardware; "" when there is none
 *
 * Return: 0 or -errno
 */
int link_kind(const char *name, char *buf, size_t size)
{
	struct found found;
	int rc = find(name, &found);

	(void)snprintf(buf, size, "%s", !found.index ? "" : *found.kind ? found.kind : "card");
	return rc;
}

/** link_drop() - delete the link of a name; 0 or -errno */
int link_drop(const char *name)
{
	struct request r;
	struct found found;
	int rc = find(name, &found);

	if (rc || !found.index)
		return rc;
	r = request_of(RTM_DELLINK, 0, found.index);
	rc = tell(&r);
	return rc == -ENODEV ? 0 : rc;
}

static struct ifreq flags_of(const char *name, unsigned int queues)
{
	struct ifreq f = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };

	if (queues > 1)
		f.ifr_flags |= IFF_MULTI_QUEUE;
	(void)snprintf(f.ifr_name, sizeof(f.ifr_name), "%s", name);
	return f;
}

/* The first descriptor makes the tap, and is refused when there is one; the others join it. */
static int open_tap(const char *name, unsigned int queues, struct work_fds *fds)
{
	while (fds->count < queues) {
		struct ifreq f = flags_of(name, queues);
		int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

		if (fd < 0)
			return -errno;
		if (!fds->count)
			f.ifr_flags = (short)(f.ifr_flags | IFF_TUN_EXCL);
		if (ioctl(fd, TUNSETIFF, &f) < 0) {
			int error = errno;

			(void)close(fd);
			return error == EBUSY ? -EEXIST : -error;
		}
		fds->fd[fds->count++] = fd;
	}
	return 0;
}

/* The node has the link's number in its name; with network namespaces another link can have it. */
static int open_node(const char *name, int index)
{
	char path[SYSFS_PATH_MAX], numbers[32], expected[32];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof(path), "/sys/class/net/%s/macvtap/tap%d/dev", name, index);
	if (sysfs_read(AT_FDCWD, path, expected, sizeof(expected)) < 0)
		return -ENXIO;
	(void)snprintf(path, sizeof(path), "/dev/tap%d", index);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	(void)snprintf(numbers, sizeof(numbers), "?");
	if (!fstat(fd, &st))
		(void)snprintf(numbers, sizeof(numbers), "%u:%u", major(st.st_rdev),
			       minor(st.st_rdev));
	if (!strcmp(numbers, expected))
		return fd;
	(void)close(fd);
	return -ENODEV;
}

static int open_macvtap(const char *name, unsigned int queues, int index, struct work_fds *fds)
{
	while (fds->count < queues) {
		struct ifreq f = flags_of("", queues);
		int fd = open_node(name, index);

		if (fd < 0)
			return fd;
		fds->fd[fds->count++] = fd;
		if (ioctl(fd, TUNSETIFF, &f) < 0)
			return -errno;
	}
	return 0;
}

/* Bridge mode: the guests on one card reach each other, and not the host. */
static int add_macvtap(const char *name, const struct change_link *link, int base)
{
	struct request r = request_of(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	struct rtattr *info, *data;

	put_text(&r, IFLA_IFNAME, name);
	put_number(&r, IFLA_LINK, (uint32_t)base);
	(void)put(&r, IFLA_ADDRESS, link->mac, sizeof(link->mac));
	info = put(&r, IFLA_LINKINFO, NULL, 0);
	put_text(&r, IFLA_INFO_KIND, "macvtap");
	data = put(&r, IFLA_INFO_DATA, NULL, 0);
	put_number(&r, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
	end(&r, data);
	end(&r, info);
	return tell(&r);
}

/* The host would take an IPv6 address on it, and ask the network with the guest's. */
static void without_addresses(int index)
{
	struct request r = request_of(RTM_NEWLINK, 0, index);
	struct rtattr *families = put(&r, IFLA_AF_SPEC, NULL, 0), *inet6;
	uint8_t mode = IN6_ADDR_GEN_MODE_NONE;

	inet6 = put(&r, AF_INET6, NULL, 0);
	(void)put(&r, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof(mode));
	end(&r, inet6);
	end(&r, families);
	(void)tell(&r); /* a kernel without IPv6 refuses it, and needs it not */
}

static int set_up(int index, const struct change_link *link, const struct found *base)
{
	struct request r = request_of(RTM_NEWLINK, 0, index);

	if (!link->macvtap) {
		/* one that is lower than the others would become the bridge's own */
		(void)put(&r, IFLA_ADDRESS, link->mac, sizeof(link->mac));
		put_number(&r, IFLA_MTU, base->mtu); /* a bridge takes the least of its ports */
		put_number(&r, IFLA_MASTER, (uint32_t)base->index);
	}
	r.link.ifi_flags = IFF_UP;
	r.link.ifi_change = IFF_UP;
	return tell(&r);
}

static int make(const char *name, const struct change_link *link, const struct found *base,
		struct work_fds *fds)
{
	struct found made;
	int rc = link->macvtap ? add_macvtap(name, link, base->index)
			       : open_tap(name, link->queues, fds);

	if (!rc)
		rc = find(name, &made);
	if (!rc && !made.index)
		rc = -ENODEV;
	if (!rc)
		without_addresses(made.index);
	if (!rc)
		rc = set_up(made.index, link, base);
	if (!rc && link->macvtap)
		rc = open_macvtap(name, link->queues, made.index, fds);
	return rc;
}

/**
 * link_make() - make a link, and open it
 * @words:	its name, a blank, and the `to` of a change
 * @fds:	one for each queue; none when it fails, and then there is no link either
 *
 * Return: 0; -EEXIST there is a link of that name; -ENODEV what it is to be on is not there;
 * other -errno
 */
int link_make(const char *words, struct work_fds *fds)
{
	const char *blank = strchr(words, ' ');
	char name[CHANGE_LINK_MAX];
	struct change_link link;
	struct found base, there;
	int rc;

	if (!blank || blank - words >= (long)sizeof(name) || !change_link_parse(blank + 1, &link))
		return -EINVAL;
	(void)snprintf(name, sizeof(name), "%.*s", (int)(blank - words), words);
	rc = find(name, &there);
	if (rc || there.index)
		return rc ? rc : -EEXIST;
	rc = find(link.base, &base);
	if (rc || !base.index)
		return rc ? rc : -ENODEV;
	rc = make(name, &link, &base, fds);
	if (!rc)
		return 0;
	work_fds_close(fds);
	if (rc != -EEXIST)
		(void)!link_drop(name); /* else the revert does it */
	return rc;
}
