/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * way-in.c - how a person gets at this host without its screen
 *
 * An ssh server that listens to more than this host itself, with a network that outlives the
 * session; a login that waits, or is used, on a line that is no virtual terminal. Whether the one
 * or the other lets the person in, nobody but that person knows.
 *
 * Source: proc(5), Documentation/networking/proc_net_tcp.rst, Documentation/admin-guide/devices.txt
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/seat/way-in.h"
#include "launcher/host/small-file.h"

#define SSH_PORT 22
#define LISTENS 0x0a /* TCP_LISTEN */
#define SOCKETS_MAX 64
#define TTY_MAJOR 4
#define VIRTUAL_TERMINALS                                                       \
	64 /* minors of TTY_MAJOR below are screens, from there on serial lines \
	    */

struct listener {
	unsigned int port;
	unsigned long inode;
};

/* "127.x.x.x" and "::1", as the numbers that the bytes are; IPv4 in IPv6 is what it is. */
static bool is_loopback(const char *address)
{
	size_t length = strlen(address);

	if (length == 8)
		return !strcmp(address + 6, "7F");
	return !strcmp(address, "00000000000000000000000001000000") ||
	       (length == 32 && !strncmp(address, "0000000000000000FFFF0000", 24) &&
		!strcmp(address + 30, "7F"));
}

static size_t find_listeners(int root, const char *path, struct listener *out, size_t room)
{
	cleanup_free char *text = NULL;
	char address[40], *rest, *line;
	size_t count = 0;

	if (host_text(root, path, &text))
		return 0;
	for (rest = text; count < room && (line = host_next_line(&rest));) {
		struct listener l;
		unsigned int state;

		if (sscanf(line, " %*u: %39[0-9A-F]:%x %*s %x %*s %*s %*s %*s %*s %lu", address,
			   &l.port, &state, &l.inode) == 4 &&
		    state == LISTENS && !is_loopback(address))
			out[count++] = l;
	}
	return count;
}

struct listeners {
	struct listener item[SOCKETS_MAX];
	size_t count;
	unsigned int port; /* of the one that is found */
	bool unseen;       /* what a process has open that may be it */
};

static bool has_socket(int root, const char *pid, struct listeners *l)
{
	char path[64], file[320], target[64], wanted[64], **fd;
	bool found = false;
	size_t fds;
	ssize_t n;
	int r;

	(void)snprintf(path, sizeof(path), "proc/%.16s/fd", pid);
	r = host_list(root, path, &fd, &fds);
	if (r) {
		l->unseen |= r != -ENOENT; /* else it is gone */
		return false;
	}
	for (size_t i = 0; i < fds && !found; i++) {
		(void)snprintf(file, sizeof(file), "%s/%.200s", path, fd[i]);
		n = readlinkat(root, file, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = '\0';
		for (size_t k = 0; k < l->count && !found; k++) {
			(void)snprintf(wanted, sizeof(wanted), "socket:[%lu]", l->item[k].inode);
			found = !strcmp(target, wanted);
			l->port = found ? l->item[k].port : l->port;
		}
	}
	host_list_free(fd, fds);
	return found;
}

typedef bool (*process_fn)(int root, const char *pid, void *context);

/* Is there a process of one of these names that @wanted is true for? */
static bool find_process(int root, const char *const *names, process_fn wanted, void *context)
{
	char path[300], comm[64], **pid;
	bool found = false;
	size_t count;

	if (host_list(root, "proc", &pid, &count))
		return false;
	for (size_t i = 0; i < count && !found; i++) {
		if (!isdigit((unsigned char)*pid[i]))
			continue;
		(void)snprintf(path, sizeof(path), "proc/%.256s/comm", pid[i]);
		if (sysfs_read(root, path, comm, sizeof(comm)) <= 0)
			continue;
		for (const char *const *name = names; *name && !found; name++)
			found = !strcmp(comm, *name) && wanted(root, pid[i], context);
	}
	host_list_free(pid, count);
	return found;
}

static bool listens(int root, const char *pid, void *context)
{
	return has_socket(root, pid, context);
}

/* Process 1 listens for a server that it starts when somebody comes. */
static bool socket_unit_listens(int root, struct listeners *l)
{
	static const char *const units[] = { "ssh.socket", "sshd.socket", "dropbear.socket" };
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		(void)snprintf(path, sizeof(path), "run/systemd/units/invocation:%s", units[i]);
		if (sysfs_exists(root, path))
			return has_socket(root, "1", l);
	}
	return false;
}

/* Of one of NetworkManager's files, an INI of its own or of this link. */
static bool read_line(int root, const char *path, const char *key, char *buf, size_t size)
{
	cleanup_free char *text = NULL;
	char *rest, *line;

	if (host_text(root, path, &text))
		return false;
	for (rest = text; (line = host_next_line(&rest));)
		if (!strncmp(line, key, strlen(key))) {
			(void)snprintf(buf, size, "%s", line + strlen(key));
			return true;
		}
	return false;
}

/* Only somebody who is logged in may use it; it ends with that person's session. */
static bool is_of_user(int root, const char *directory, const char *uuid)
{
	char path[320], text[256], **file;
	bool found = false;
	size_t count;

	if (host_list(root, directory, &file, &count))
		return false;
	for (size_t i = 0; i < count && !found; i++) {
		(void)snprintf(path, sizeof(path), "%s/%.200s", directory, file[i]);
		found = read_line(root, path, "uuid=", text, sizeof(text)) && !strcmp(text, uuid) &&
			read_line(root, path, "permissions=user:", text, sizeof(text));
	}
	host_list_free(file, count);
	return found;
}

static bool ends_with_session(int root, const char *link)
{
	char path[320], uuid[64];
	int64_t number;

	(void)snprintf(path, sizeof(path), "sys/class/net/%.200s/ifindex", link);
	if (sysfs_read_number(root, path, &number))
		return false;
	(void)snprintf(path, sizeof(path), "run/NetworkManager/devices/%d", (int)number);
	return read_line(root, path, "connection-uuid=", uuid, sizeof(uuid)) &&
	       (is_of_user(root, "etc/NetworkManager/system-connections", uuid) ||
		is_of_user(root, "run/NetworkManager/system-connections", uuid));
}

/*
 * A link of a device, with a carrier: a bridge or a tunnel is as good as what is below it.
 * @of_session: one that a session's end takes away, or one that it leaves?
 */
static bool find_link(int root, bool of_session, char *buf, size_t size)
{
	char path[320], **link;
	bool found = false;
	int64_t carrier;
	size_t count;

	if (host_list(root, "sys/class/net", &link, &count))
		return false;
	for (size_t i = 0; i < count && !found; i++) {
		(void)snprintf(path, sizeof(path), "sys/class/net/%.200s/device", link[i]);
		if (!sysfs_exists(root, path))
			continue;
		(void)snprintf(path, sizeof(path), "sys/class/net/%.200s/carrier", link[i]);
		found = !sysfs_read_number(root, path, &carrier) && carrier == 1 &&
			ends_with_session(root, link[i]) == of_session;
		if (found)
			(void)snprintf(buf, size, "%s", link[i]);
	}
	host_list_free(link, count);
	return found;
}

/**
 * host_session_link() - is the network that of a session, and of nothing else?
 * @buf:	receives the link's name, "wlan0"
 *
 * NetworkManager lets go of a connection that only one user may use when that user's session ends.
 * Its files are root's alone: others see none. Source: nm-settings(5), `connection.permissions`
 */
bool host_session_link(struct host *h, char *buf, size_t size)
{
	char other[HOST_WORD_MAX];
	int root = host_root_fd(h);

	return !find_link(root, false, other, sizeof(other)) && find_link(root, true, buf, size);
}

/**
 * host_ssh_listens() - does an ssh server wait for other machines?
 * @port:	where
 *
 * On port 22 whoever listens there; else a server that is known by its name, or process 1 for the
 * socket unit of one, which takes root to see.
 *
 * Return: 1 yes, 0 no, -EACCES there is one, and whether that is where it listens takes root
 */
int host_ssh_listens(struct host *h, unsigned int *port)
{
	static const char *const servers[] = { "sshd", "dropbear", NULL };
	int root = host_root_fd(h);
	struct listeners l = { .port = SSH_PORT };
	char link[HOST_WORD_MAX];
	bool found = false;

	l.count = find_listeners(root, "proc/net/tcp", l.item, SOCKETS_MAX);
	l.count += find_listeners(root, "proc/net/tcp6", l.item + l.count, SOCKETS_MAX - l.count);
	for (size_t i = 0; i < l.count; i++)
		found |= l.item[i].port == SSH_PORT;
	if (!l.count || !find_link(root, false, link, sizeof(link)))
		return 0;
	if (!found && !find_process(root, servers, listens, &l) && !socket_unit_listens(root, &l))
		return l.unseen ? -EACCES : 0;
	*port = l.port;
	return 1;
}

struct line {
	char *buf;
	size_t size;
};

static bool is_on_line(int root, const char *pid, void *context)
{
	const struct line *line = context;
	char path[64], text[1024], *end, *name;
	unsigned int tty, major, minor;

	(void)snprintf(path, sizeof(path), "proc/%.16s/stat", pid);
	if (sysfs_read(root, path, text, sizeof(text)) <= 0)
		return false;
	end = strrchr(text, ')'); /* the name can hold anything */
	if (!end || sscanf(end, ") %*c %*d %*d %*d %u", &tty) != 1)
		return false;
	major = tty >> 8 & 0xfff;
	minor = (tty & 0xff) | (tty >> 12 & 0xfff00);
	if (!major || (major == TTY_MAJOR && minor < VIRTUAL_TERMINALS))
		return false;
	(void)snprintf(path, sizeof(path), "sys/dev/char/%u:%u/uevent", major, minor);
	if (sysfs_read(root, path, text, sizeof(text)) <= 0)
		return false;
	name = strstr(text, "DEVNAME=tty");
	name = name ? name : strstr(text, "DEVNAME=hvc");
	if (!name)
		return false; /* a terminal of ssh's or of a window's */
	name += strlen("DEVNAME=");
	(void)snprintf(line->buf, line->size, "%.*s", (int)strcspn(name, "\n"), name);
	return true;
}

/**
 * host_serial_login() - is there a login on a serial line, or on another that is no screen?
 * @buf:	receives its name, "ttyS0"
 */
bool host_serial_login(struct host *h, char *buf, size_t size)
{
	static const char *const programs[] = { "agetty", "getty", "mingetty", "login", NULL };
	struct line line = { buf, size };

	return find_process(host_root_fd(h), programs, is_on_line, &line);
}
