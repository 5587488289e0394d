/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-display.c - the check "display": can this QEMU, on this host, show the guest that way? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/cli.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/host/user/display-port.h"
#include "launcher/inspect/facts-files.h"
#include "launcher/inspect/looking.h"
#include "launcher/setup/packages.h"

#define FONTS "/etc/fonts"

/* clang-format off */
/* Where Debian has what QEMU loads for it. Source: debian/control of qemu 7.2 and 10.0. */
static const struct {
	enum profile_display type;
	const char *word, *package;
} displays[] = {
	{ PROFILE_DISPLAY_GTK,          "gtk",          "qemu-system-gui" },
	{ PROFILE_DISPLAY_SDL,          "sdl",          "qemu-system-gui" },
	{ PROFILE_DISPLAY_SPICE,        "spice",        "qemu-system-modules-spice qemu-system-common" },
	{ PROFILE_DISPLAY_VNC,          "vnc",          "qemu-system-x86" },
	{ PROFILE_DISPLAY_EGL_HEADLESS, "egl-headless", "qemu-system-modules-opengl qemu-system-common" },
};
/* clang-format on */

static int failed(const struct looking *l, const struct profile_pos *pos, const char *remedy,
		  const char *what)
{
	if (pos->line)
		check_add(l->results, "display", CHECK_FAILED, remedy, "%s:%u:%u: %s", l->o->path,
			  pos->line, pos->column, what);
	else
		check_add(l->results, "display", CHECK_FAILED, remedy, "%s", what);
	return EXIT_HOST;
}

static int look_at_type(const struct looking *l)
{
	const struct profile *p = l->o->profile;
	enum profile_display type = profile_display_type(p);
	char what[512], remedy[SETUP_INSTALL_MAX + 64], install[SETUP_INSTALL_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(displays); i++) {
		if (displays[i].type != type ||
		    host_qemu_has_display(l->f->qemu, &l->f->user, displays[i].word))
			continue; /* what it does not answer now it reports when it starts */
		(void)snprintf(what, sizeof(what), "%s cannot show a guest by %s", l->f->qemu,
			       displays[i].word);
		(void)snprintf(remedy, sizeof(remedy), "%s, or write another type",
			       setup_install_part(SETUP_HERE, displays[i].package, install));
		return failed(l, &p->display_pos, remedy, what);
	}
	return 0;
}

static bool is_window(const struct profile *p)
{
	enum profile_display type = profile_display_type(p);

	return type == PROFILE_DISPLAY_GTK || type == PROFILE_DISPLAY_SDL;
}

static int look_at_window(const struct looking *l)
{
	const struct profile *p = l->o->profile;
	const struct host_window_hints hints = { getenv("DISPLAY"), getenv("XAUTHORITY"),
						 getenv("WAYLAND_DISPLAY") };
	struct host_window *w = &l->f->window;
	char what[192];
	int r;

	if (!is_window(p))
		return 0;
	r = host_window_find(&l->f->user, &hints, w);
	if (*w->x11)
		l->f->plan.window = (struct plan_window){ .x11 = w->x11,
							  .display = w->display,
							  .authority = w->authority };
	else if (*w->wayland)
		l->f->plan.window.wayland = w->wayland;
	if (!access(FONTS, R_OK | X_OK))
		l->f->plan.window.fonts = FONTS;
	if (*w->x11 || *w->wayland)
		return 0;
	(void)snprintf(what, sizeof(what),
		       "user %s has no desktop here that a window could be shown on%s%s",
		       l->f->user.name, r ? ": " : "", r ? strerror(-r) : "");
	return failed(l, &p->display_pos,
		      "log in at a desktop as that user, or write `type = spice` in [display]",
		      what);
}

/* Which of them stay with the host is known when there is a plan. */
static int look_at_render(const struct looking *l)
{
	const struct profile *p = l->o->profile;
	struct host_render all[HOST_RENDER_MAX];
	char what[192], remedy[128];
	size_t count = 0, usable = 0;

	if (profile_display_type(p) != PROFILE_DISPLAY_EGL_HEADLESS)
		return 0;
	if (host_render_nodes(l->host, all, &count))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		struct plan_render *r = &l->f->render[usable];

		if (host_is_live(l->host) && host_render_usable(&l->f->user, all[i].node))
			continue;
		*r = (struct plan_render){ .major = all[i].major, .minor = all[i].minor };
		memcpy(r->node, all[i].node, sizeof(r->node));
		memcpy(r->device, all[i].device, sizeof(r->device));
		usable++;
	}
	l->f->plan.render = l->f->render;
	l->f->plan.render_count = usable;
	if (usable || !count)
		return 0; /* the row `render-node` has the rest */
	(void)snprintf(what, sizeof(what), "type = egl-headless: user %s may use no render node (/dev/dri/%s)",
		       l->f->user.name, all[0].node);
	(void)snprintf(remedy, sizeof(remedy), "`usermod -aG render %s`, or write another type",
		       l->f->user.name);
	return failed(l, &p->display_pos, remedy, what);
}

static int look_at_port(const struct looking *l)
{
	const struct profile *p = l->o->profile;
	char address[64], what[320], remedy[192];
	uint16_t port = 0;
	int fd = -1, r;

	if (!p->display_listen ||
	    !profile_loopback(p->display_listen, address, sizeof(address), &port))
		return 0;
	r = host_display_listen(&l->f->user, address, port, &fd);
	if (fd >= 0)
		(void)close(fd);
	if (!r)
		return 0;
	(void)snprintf(what, sizeof(what), "listen = %s: %s", p->display_listen,
		       r == -EADDRINUSE ? "another program listens there"
		       : r == -EACCES   ? "that port is for root only"
					: strerror(-r));
	(void)snprintf(
		remedy, sizeof(remedy),
		r == -EADDRINUSE
			? "write another port, or end the program: `ss -ltnp sport = :%u` names it"
			: "write a port from 1024 on",
		port);
	return failed(l, &p->display_listen_pos, remedy, what);
}

static int look_at_socket(const struct looking *l)
{
	const struct profile *p = l->o->profile;
	char what[320];
	int r = p->display_socket ? host_display_socket(&l->f->user, p->display_socket, NULL) : 0;

	if (!r)
		return 0;
	(void)snprintf(what, sizeof(what), "socket = %s: %s", p->display_socket,
		       r == -EADDRINUSE ? "another program listens there"
		       : r == -EEXIST   ? "there is a file that is no socket"
		       : r == -ENOENT   ? "there is no such directory"
		       : r == -EACCES || r == -EROFS
			       ? "the VM's user cannot make a file in that directory"
			       : strerror(-r));
	return failed(l, &p->display_socket_pos,
		      r == -EADDRINUSE ? "end that program, or write another path"
				       : "write a path in a directory of the VM's user, such as "
					 "/run/user/1000/NAME.sock, or leave the line out",
		      what);
}

static const char *wrong_with(const struct profile *p, const struct display_password *password)
{
	size_t most = profile_display_type(p) == PROFILE_DISPLAY_VNC ? DISPLAY_PASSWORD_VNC
								     : DISPLAY_PASSWORD_MAX;

	if (!password->bytes)
		return "is empty";
	if (password->line)
		return "ends in a newline, which QEMU takes for a part of the password";
	if (password->bytes > most)
		return most == DISPLAY_PASSWORD_VNC
			       ? "is longer than the 8 bytes that VNC knows"
			       : "is longer than the 59 bytes that SPICE knows";
	return NULL;
}

static int look_at_password(const struct looking *l)
{
	const struct profile *p = l->o->profile;
	struct display_password password;
	char what[512];
	const char *wrong;
	int r;

	if (!p->display_password)
		return 0;
	r = host_display_password(&l->f->user, p->display_password, &password);
	wrong = r || password.error ? strerror(r ? -r : -password.error) : wrong_with(p, &password);
	if (!wrong)
		return 0;
	(void)snprintf(what, sizeof(what), "password-file = %s: %s%s", p->display_password,
		       r || password.error ? "cannot be read by the VM's user: " : "", wrong);
	return failed(l, &p->display_password_pos,
		      "write it as that user: `printf %s PASSWORD >FILE`, and `chmod 600 FILE`",
		      what);
}

/**
 * facts_look_at_display() - what [display] asks for, of QEMU and of this host
 *
 * Return: 0 or EXIT_HOST
 */
int facts_look_at_display(const struct opened_profile *o, struct host *host, struct facts *f,
			  struct check_results *results)
{
	const struct looking l = { o, host, f, results };

	if (geteuid() && geteuid() != f->user.uid)
		return 0; /* "files" has reported it */
	return (f->plan.qemu_version ? look_at_type(&l) : 0) | look_at_render(&l) | look_at_window(&l) |
	       look_at_port(&l) | look_at_socket(&l) | look_at_password(&l);
}

/** facts_assume_display() - what of it can be seen in another machine's captured tree */
void facts_assume_display(const struct opened_profile *o, struct host *host, struct facts *f,
			  struct check_results *results)
{
	const struct looking l = { o, host, f, results };

	(void)look_at_render(&l);
}
