/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next.c - what to do with a VM once it runs: where its picture is, how to get in, how to end it
 *
 * Said before the keeper takes over, by the profile and by what the host sees of the card's screens
 * while its driver still has it: the keeper has no need to know any of it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/commands/handover/next.h"
#include "launcher/host/devices/attached.h"

#define LINE_SIZE 512

typedef void (*say_fn)(const char *line);

static void say(say_fn to, const char *format, ...) printf_like(2, 3);

static void say(say_fn to, const char *format, ...)
{
	char line[LINE_SIZE], quoted[LINE_SIZE * 2];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	to(log_quote(line, quoted, sizeof(quoted)));
}

/* "HDMI-A-1 (DELL U2720Q), DP-1"; "" when no screen is connected, or none is known of */
static void list_screens(struct host *host, const struct host_device *d, char *buf, size_t size,
			 bool *known)
{
	struct host_attached *c = NULL;
	size_t count = 0, used = 0;

	*buf = '\0';
	*known = false;
	if (host_connectors(host, d, &c, &count))
		return;
	*known = count;
	for (size_t i = 0; i < count && used < size; i++) {
		bool named = *c[i].title;

		if (strcmp(c[i].status, "connected") != 0)
			continue;
		used += (size_t)snprintf(buf + used, size - used, "%s%s%s%s%s", used ? ", " : "",
					 c[i].name, named ? " (" : "", c[i].title,
					 named ? ")" : "");
	}
	free(c);
}

static void say_card(struct host *host, const struct host_device *d, say_fn to)
{
	char screens[LINE_SIZE / 2];
	bool known;

	list_screens(host, d, screens, sizeof(screens), &known);
	if (*screens)
		say(to, "picture: on %s of %s", screens, d->name);
	else if (known)
		say(to, "picture: no screen is connected to %s: plug one in, or a dummy plug",
		    d->name);
	else
		say(to, "picture: on whatever is plugged into %s", d->name);
}

/* The emulated screen, where there is one. */
static void say_display(const struct profile *p, const struct plan *plan, say_fn to)
{
	enum profile_display type = profile_display_type(p);
	const char *scheme = type == PROFILE_DISPLAY_VNC ? "vnc" : "spice";

	if (type == PROFILE_DISPLAY_GTK || type == PROFILE_DISPLAY_SDL)
		say(to, "picture: in a window on %s's desktop", p->user ? p->user : "your user");
	else if ((type == PROFILE_DISPLAY_SPICE || type == PROFILE_DISPLAY_VNC) &&
		 p->display_listen)
		say(to, "picture: `remote-viewer %s://%s`", scheme, p->display_listen);
	else if (type == PROFILE_DISPLAY_SPICE && !p->display_socket)
		say(to, "picture: `remote-viewer spice+unix:///run/vfio-run/vm/%s/display`",
		    plan->name);
	else if (type == PROFILE_DISPLAY_SPICE || type == PROFILE_DISPLAY_VNC)
		say(to, "picture: its viewer connects to %s%s%s",
		    p->display_socket ? p->display_socket : "/run/vfio-run/vm/",
		    p->display_socket ? "" : plan->name, p->display_socket ? "" : "/display");
	if (p->has_looking_glass)
		say(to,
		    "picture: `looking-glass-client` shows it in a window, when the guest's part runs");
}

static void say_ports(const struct profile *p, say_fn to)
{
	for (size_t i = 0; i < p->net_count; i++)
		for (size_t k = 0; k < p->net[i].forward_count; k++) {
			const struct profile_forward *f = &p->net[i].forward[k];

			if (!f->udp && f->guest_port == 22)
				say(to,
				    "in: `ssh -p %u USER@127.0.0.1`, when the guest's server runs",
				    f->host_port);
			else
				say(to, "in: %s port %u of this machine is the guest's %u",
				    f->udp ? "UDP" : "TCP", f->host_port, f->guest_port);
		}
}

/* A terminal that ends with the session takes no Ctrl-C, and no command either. */
static void say_end(const struct plan *plan, bool leaves, say_fn to)
{
	if (plan->trial_s)
		say(to, "it ends by itself after %u s; before that: `sudo vfio-run stop %s`%s",
		    plan->trial_s, plan->name, leaves ? "" : ", or Ctrl-C here");
	else if (leaves)
		say(to, "to end it: shut the guest down, or `sudo vfio-run stop %s`", plan->name);
	else
		say(to,
		    "how it is: `vfio-run status %s`; to end it: `sudo vfio-run stop %s`, or Ctrl-C here",
		    plan->name, plan->name);
	if (leaves)
		say(to,
		    "this terminal ends with its session: what is typed meanwhile is typed elsewhere, over ssh");
}

/**
 * next_lines() - a line for each, without the VM's name before it
 * @plan:	selected; its devices have not been moved yet
 * @leaves:	the session ends in which this is typed
 * @to:		called for each line, which is safe to print
 */
void next_lines(const struct profile *p, struct host *host, const struct plan *plan, bool leaves,
		void (*to)(const char *line))
{
	for (size_t i = 0; i < plan->wanted_count; i++)
		if (host_device_is_display(plan->wanted[i].host))
			say_card(host, plan->wanted[i].host, to);
	say_display(p, plan, to);
	say_ports(p, to);
	for (size_t i = 0; i < p->input_count && i < 1; i++)
		say(to, "keyboard and pointer: %s gives them to the guest, and takes them back",
		    p->input[i].grab_toggle);
	say_end(plan, leaves, to);
}

static void notice(const char *line)
{
	log_notice("  %s", line);
}

/** next_say() - the lines as messages */
void next_say(const struct profile *p, struct host *host, const struct plan *plan, bool leaves)
{
	log_notice("%s: once the VM is up:", plan->name);
	next_lines(p, host, plan, leaves, notice);
}
