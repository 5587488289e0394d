/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * display-port.c - where clients of a display connect, and the password file
 *
 * All as the VM's user: root could take ports and names that are not its user's, and the file is
 * the user's.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/user/as-user.h"
#include "launcher/host/user/display-port.h"

#define WAITING_MAX 8 /* clients that vfio-qmp has not taken yet */

struct question {
	const char *address;
	uint16_t port;
};

struct socket_question {
	const char *path;
	bool make;
};

static int bind_to(int fd, const struct question *q, int family)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(q->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(q->port) };
	int one = 1;

	if (inet_pton(family, q->address,
		      family == AF_INET ? (void *)&v4.sin_addr : &v6.sin6_addr) != 1)
		return -EINVAL;
	/* a connection that has just ended does not count */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, family == AF_INET ? (void *)&v4 : (void *)&v6,
		 family == AF_INET ? sizeof(v4) : sizeof(v6)) ||
	    listen(fd, WAITING_MAX))
		return -errno;
	return 0;
}

static int do_listen(const void *request, void *reply)
{
	const struct question *q = request;
	int family = strchr(q->address, ':') ? AF_INET6 : AF_INET;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = fd < 0 ? -errno : bind_to(fd, q, family);

	memcpy(reply, &r, sizeof(r));
	return r ? -1 : fd;
}

/**
 * host_display_listen() - listen there as the user
 * @address:	as inet_pton(3) takes it
 * @fd_out:	receives a descriptor that does not block
 *
 * Return: 0; -EADDRINUSE, -EACCES (below net.ipv4.ip_unprivileged_port_start), other -errno
 */
int host_display_listen(const struct host_user *user, const char *address, uint16_t port,
			int *fd_out)
{
	struct question q = { address, port };
	int answer = -EIO, r;

	*fd_out = -1;
	r = as_user_call(user, do_listen, &q, &answer, sizeof(answer), fd_out);
	return r ? r : answer;
}

/* Of a server that was killed, or that has ended: nobody would answer there any more. */
static int is_left(const struct sockaddr_un *address)
{
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (fd < 0 || lstat(address->sun_path, &st))
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)) || errno == EAGAIN)
		return -EADDRINUSE;
	return errno == ECONNREFUSED ? 0 : -errno;
}

static int is_writable(const char *path)
{
	char directory[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	const char *slash = strrchr(path, '/');

	if (!slash)
		return -EINVAL;
	(void)snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path + 1), path);
	return access(directory, W_OK | X_OK) ? -errno : 0;
}

static int bind_path(int fd, const struct sockaddr_un *address)
{
	mode_t mask = umask(0177);
	int r = bind(fd, (const struct sockaddr *)address, sizeof(*address)) ||
				listen(fd, WAITING_MAX)
			? -errno
			: 0;

	(void)umask(mask);
	return r;
}

static int do_socket(const void *request, void *reply)
{
	const struct socket_question *q = request;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = -1, r = is_writable(q->path), left;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", q->path);
	left = is_left(&address);
	if (!r && left != -ENOENT)
		r = left;
	if (!r && q->make) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd < 0 || (!left && unlink(q->path)))
			r = -errno;
		else
			r = bind_path(fd, &address);
	}
	memcpy(reply, &r, sizeof(r));
	return r ? -1 : fd;
}

/**
 * host_display_socket() - listen at a path as the user, who alone can connect then
 * @path:	shorter than sun_path; a socket there that nobody listens on is replaced
 * @fd_out:	receives a descriptor that does not block; NULL: only look whether that would do
 *
 * Return: 0; -EADDRINUSE; -EEXIST it is no socket; -EACCES, -ENOENT of the directory; other -errno
 */
int host_display_socket(const struct host_user *user, const char *path, int *fd_out)
{
	struct socket_question q = { path, fd_out != NULL };
	int answer = -EIO, r, none = -1;

	if (fd_out)
		*fd_out = -1;
	r = as_user_call(user, do_socket, &q, &answer, sizeof(answer), fd_out ? fd_out : &none);
	return r ? r : answer;
}

static int do_password(const void *request, void *reply)
{
	char text[DISPLAY_PASSWORD_MAX + 2];
	struct display_password *out = reply;
	int fd = open(request, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	*out = (struct display_password){ .error = n < 0 ? -errno : 0 };
	if (n > 0) {
		out->bytes = (size_t)n;
		out->line = text[n - 1] == '\n';
		memset(text, 0, sizeof(text));
	}
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/**
 * host_display_password() - look at a password file as the user
 * @out:	overwritten; a file that cannot be read is no error of the call but @out->error
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_display_password(const struct host_user *user, const char *path,
			  struct display_password *out)
{
	*out = (struct display_password){ .error = 0 };
	return as_user_call(user, do_password, path, out, sizeof(*out), NULL);
}
