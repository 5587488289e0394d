/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * window.c - where the VM's user has a desktop that a window can be shown on
 *
 * Looked for as that user. The environment is that of whoever started vfio-run, maybe root's
 * behind sudo: what it says is taken when it is a display's number, the name of a Wayland socket,
 * or a file that the user can read; without it the first socket that there is.
 * Source: X(7), DISPLAY NAMES; wayland, wl_display_connect(3).
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/host/seat/window.h"
#include "launcher/host/user/as-user.h"

#define DISPLAYS_MAX 10 /* that are looked for */

struct question {
	const struct host_user *user;
	const struct host_window_hints *hints;
};

static bool is_socket(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* Return: the number behind @prefix, and nothing more; -1: it is no such name */
static int number_of(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);
	int n = 0;

	if (strncmp(text, prefix, length) != 0 || !isdigit((unsigned char)text[length]))
		return -1;
	for (text += length; isdigit((unsigned char)*text) && n < 1000; text++)
		n = 10 * n + (*text - '0');
	if (*text == '.' && *prefix == ':') /* a screen of it */
		text += 1 + strspn(text + 1, "0123456789");
	return *text ? -1 : n;
}

static bool look_at_x11(int number, struct host_window *out)
{
	(void)snprintf(out->x11, sizeof(out->x11), "/tmp/.X11-unix/X%d", number);
	(void)snprintf(out->display, sizeof(out->display), ":%d", number);
	if (is_socket(out->x11))
		return true;
	out->x11[0] = '\0';
	return false;
}

static void find_x11(const struct question *q, struct host_window *out)
{
	int number = q->hints->display ? number_of(q->hints->display, ":") : -1;

	if (number >= 0 && look_at_x11(number, out))
		return;
	for (number = 0; number < DISPLAYS_MAX; number++)
		if (look_at_x11(number, out))
			return;
}

static bool look_at_wayland(uid_t uid, int number, struct host_window *out)
{
	(void)snprintf(out->wayland, sizeof(out->wayland), "/run/user/%u/wayland-%d",
		       (unsigned int)uid, number);
	if (is_socket(out->wayland))
		return true;
	out->wayland[0] = '\0';
	return false;
}

static void find_wayland(const struct question *q, struct host_window *out)
{
	int number = q->hints->wayland ? number_of(q->hints->wayland, "wayland-") : -1;

	if (number >= 0 && look_at_wayland(q->user->uid, number, out))
		return;
	for (number = 0; number < DISPLAYS_MAX; number++)
		if (look_at_wayland(q->user->uid, number, out))
			return;
}

static bool take_authority(const char *path, struct host_window *out)
{
	struct stat st;
	int fd = *path == '/' ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;
	bool readable = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

	if (fd >= 0)
		(void)close(fd);
	if (readable)
		(void)snprintf(out->authority, sizeof(out->authority), "%s", path);
	return readable;
}

/* Source: Xsecurity(7); gdm and its Xwayland keep theirs below /run/user. */
static void find_authority(const struct question *q, struct host_window *out)
{
	char path[PATH_MAX];

	if (q->hints->authority && strlen(q->hints->authority) < sizeof(out->authority) &&
	    take_authority(q->hints->authority, out))
		return;
	(void)snprintf(path, sizeof(path), "%s/.Xauthority", q->user->home);
	if (take_authority(path, out))
		return;
	(void)snprintf(path, sizeof(path), "/run/user/%u/gdm/Xauthority",
		       (unsigned int)q->user->uid);
	(void)take_authority(path, out);
}

static int do_find(const void *request, void *reply)
{
	const struct question *q = request;
	struct host_window *out = reply;

	memset(out, 0, sizeof(*out));
	find_x11(q, out);
	if (*out->x11)
		find_authority(q, out);
	else
		find_wayland(q, out);
	return -1;
}

/**
 * host_window_find() - the socket of the user's desktop: of X11 when there is one, else of Wayland
 * @out:	filled; both "": there is none
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_window_find(const struct host_user *user, const struct host_window_hints *hints,
		     struct host_window *out)
{
	struct question q = { user, hints };

	memset(out, 0, sizeof(*out));
	return as_user_call(user, do_find, &q, out, sizeof(*out), NULL);
}
