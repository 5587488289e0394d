/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net-use.c - what a network interface carries: the default route, or this ssh session
 *
 * Routes are read from /proc; the one towards the other end of the session is the most
 * special that fits. Rules that choose another table are not followed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/holders/net-use.h"
#include "launcher/host/small-file.h"

#define INTERFACE_MAX 16 /* with its NUL; Source: linux/if.h, IFNAMSIZ */
#define ROUTE_UP 1       /* Source: linux/route.h */
#define ROUTE_REJECT 0x200
#define ANCESTORS_MAX 32

/* A route of either family, as 16 bytes in network order; IPv4 in the first four. */
struct route {
	char interface[INTERFACE_MAX];
	uint8_t to[16];
	int bits; /* that count; 0: the default route */
};

static bool parse_ipv4(const char *line, struct route *out)
{
	unsigned int to, flags, mask;

	if (sscanf(line, "%15s %x %*x %x %*d %*d %*d %x", out->interface, &to, &flags, &mask) != 4)
		return false;
	(void)memcpy(out->to, &to, sizeof(to)); /* printed as the number that the bytes are */
	out->bits = __builtin_popcount(mask);
	return (flags & ROUTE_UP) && !(flags & ROUTE_REJECT);
}

static bool parse_ipv6(const char *line, struct route *out)
{
	char hex[33];
	unsigned int bits, flags;

	if (sscanf(line, "%32s %x %*s %*x %*s %*x %*x %*x %x %15s", hex, &bits, &flags,
		   out->interface) != 4 ||
	    strlen(hex) != 32 || bits > 128)
		return false;
	for (int i = 0; i < 16; i++) {
		unsigned int byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return false;
		out->to[i] = (uint8_t)byte;
	}
	out->bits = (int)bits;
	return (flags & ROUTE_UP) && !(flags & ROUTE_REJECT) && strcmp(out->interface, "lo");
}

static const struct {
	const char *path;
	bool (*parse)(const char *line, struct route *out);
} tables[] = { { "proc/net/route", parse_ipv4 }, { "proc/net/ipv6_route", parse_ipv6 } };

static bool fits(const struct route *r, const uint8_t *address)
{
	for (int bit = 0; bit < r->bits; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		if ((r->to[bit / 8] & mask) != (address[bit / 8] & mask))
			return false;
	}
	return true;
}

/* Is the interface the one of a default route, or with @address, of the best route there? */
static bool carries(struct host *h, size_t table, const char *interface, const uint8_t *address)
{
	char best[INTERFACE_MAX] = "", *rest, *line;
	cleanup_free char *text = NULL;
	bool is_default = false;
	int bits = -1;

	if (host_text(host_root_fd(h), tables[table].path, &text))
		return false;
	rest = text;
	while ((line = host_next_line(&rest))) {
		struct route r = { .bits = 0 };

		if (!tables[table].parse(line, &r))
			continue;
		is_default |= !r.bits && !strcmp(r.interface, interface);
		if (address && fits(&r, address) && r.bits > bits) {
			bits = r.bits;
			(void)snprintf(best, sizeof(best), "%s", r.interface);
		}
	}
	return address ? !strcmp(best, interface) : is_default;
}

/* Looks for the variable in the environment of a process: sudo takes it out of ours. */
static bool in_environment(int root, int32_t pid, char *buf, size_t size)
{
	static const char name[] = "SSH_CONNECTION=";
	cleanup_free char *text = NULL;
	char path[48];
	cleanup_fclose FILE *f = NULL;
	size_t room = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "proc/%d/environ", pid);
	fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	f = fd < 0 ? NULL : fdopen(fd, "r");
	while (f && getdelim(&text, &room, '\0', f) > 0)
		if (!strncmp(text, name, sizeof(name) - 1)) {
			(void)snprintf(buf, size, "%s", text + sizeof(name) - 1);
			return true;
		}
	return false;
}

static int32_t parent_of(int root, int32_t pid)
{
	char path[48], stat[1024], *end;
	int parent;

	(void)snprintf(path, sizeof(path), "proc/%d/stat", pid);
	if (sysfs_read(root, path, stat, sizeof(stat)) < 0)
		return 0;
	end = strrchr(stat, ')');
	return end && sscanf(end, ") %*c %d", &parent) == 1 ? parent : 0;
}

/**
 * host_ssh_client() - the other end of the ssh session that this program was started in
 * @buf:	receives its address as text, without a zone
 *
 * From SSH_CONNECTION, our own or that of a parent process.
 *
 * Return: 0, or -ENOENT when there is no such session
 */
int host_ssh_client(struct host *h, char *buf, size_t size)
{
	const char *own = getenv("SSH_CONNECTION");
	int32_t pid = getppid();
	char text[256] = "";

	if (own && *own)
		(void)snprintf(text, sizeof(text), "%s", own);
	for (int i = 0; !*text && pid > 1 && i < ANCESTORS_MAX; i++) {
		if (!in_environment(host_root_fd(h), pid, text, sizeof(text)))
			pid = parent_of(host_root_fd(h), pid);
	}
	text[strcspn(text, " %")] = '\0';
	if (!*text || strlen(text) >= size)
		return -ENOENT;
	(void)snprintf(buf, size, "%s", text);
	return 0;
}

static bool carries_session(struct host *h, const char *interface, char *buf, size_t size)
{
	uint8_t address[16] = { 0 };
	char client[64];
	size_t table;

	if (host_ssh_client(h, client, sizeof(client)))
		return false;
	if (inet_pton(AF_INET, client, address) == 1)
		table = 0;
	else if (inet_pton(AF_INET6, client, address) == 1)
		table = 1;
	else
		return false;
	if (!carries(h, table, interface, address))
		return false;
	(void)snprintf(buf, size, "%s carries this ssh session from %s", interface, client);
	return true;
}

static int use_at(struct host *h, const char *interface, char *buf, size_t size, int depth);

/* A bridge, a bond or a VLAN on top has the address; Source: net/core/dev.c, "upper_%s". */
static int use_of_upper(struct host *h, const char *interface, char *buf, size_t size, int depth)
{
	char **name, path[64], what[256];
	size_t count;
	int r;

	(void)snprintf(path, sizeof(path), "sys/class/net/%.15s", interface);
	if (host_list(host_root_fd(h), path, &name, &count))
		return 0;
	r = 0;
	for (size_t i = 0; i < count && !r && depth < 8; i++) {
		if (strncmp(name[i], "upper_", 6))
			continue;
		r = use_at(h, name[i] + 6, what, sizeof(what), depth + 1);
		if (r > 0)
			(void)snprintf(buf, size, "%s is part of %s, and %s", interface,
				       name[i] + 6, what);
	}
	host_list_free(name, count);
	return r;
}

static int use_at(struct host *h, const char *interface, char *buf, size_t size, int depth)
{
	if (carries(h, 0, interface, NULL) || carries(h, 1, interface, NULL)) {
		(void)snprintf(buf, size, "%s has the default route", interface);
		return 1;
	}
	if (carries_session(h, interface, buf, size))
		return 1;
	return use_of_upper(h, interface, buf, size, depth);
}

/**
 * host_net_use() - would the host miss this interface?
 * @buf:	receives one clause when it would: "eth0 has the default route"
 *
 * Return: 1 yes, 0 no, -ENODATA when there are no routes to look at
 */
int host_net_use(struct host *h, const char *interface, char *buf, size_t size)
{
	*buf = '\0';
	if (!sysfs_exists(host_root_fd(h), "proc/net/route") &&
	    !sysfs_exists(host_root_fd(h), "proc/net/ipv6_route"))
		return -ENODATA;
	return use_at(h, interface, buf, size, 0);
}
