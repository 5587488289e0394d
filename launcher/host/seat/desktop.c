/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * desktop.c - what ends with the desktop
 *
 * By control groups: a display server is in its session's, in one of the user's manager, or, of SDDM
 * and LightDM, in the display manager's own; a service of the system's is in none of them. Only the
 * names of display servers would say less: a new one has another.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/host/seat/desktop.h"
#include "launcher/host/small-file.h"

#define MANAGER_LINK "etc/systemd/system/display-manager.service"

/**
 * host_is_of_seats_session() - does this end with the session at the seat?
 * @cgroup:	as in /proc/PID/cgroup
 *
 * A session of ssh goes on without the display manager; what a user's manager has started may be of
 * either. Source: logind, sd_session_get_seat(3)
 */
bool host_is_of_seats_session(struct host *h, const char *cgroup)
{
	cleanup_free char *text = NULL;
	const char *at = strstr(cgroup, "/session-");
	char path[64], id[32];

	if (!at || sscanf(at, "/session-%31[^./].scope", id) != 1)
		return strstr(cgroup, "/user@") != NULL;
	(void)snprintf(path, sizeof(path), "run/systemd/sessions/%.31s", id);
	return !host_text(host_root_fd(h), path, &text) && strstr(text, "SEAT=seat");
}

/* The display manager's own unit, behind the alias that enabling it makes. */
static bool is_of_manager(struct host *h, const char *cgroup)
{
	char to[256], unit[260];
	ssize_t n = readlinkat(host_root_fd(h), MANAGER_LINK, to, sizeof(to) - 1);
	const char *at, *name = strrchr(MANAGER_LINK, '/') + 1;

	if (n > 0) {
		to[n] = '\0';
		name = strrchr(to, '/') ? strrchr(to, '/') + 1 : to;
	}
	(void)snprintf(unit, sizeof(unit), "/%s", name);
	at = unit[1] ? strstr(cgroup, unit) : NULL;
	return at && (!at[strlen(unit)] || strchr("/\n", at[strlen(unit)]));
}

/** host_is_of_desktop() - does this process end when the display manager is stopped? */
bool host_is_of_desktop(struct host *h, int32_t pid)
{
	cleanup_free char *cgroup = NULL;
	char path[48];

	(void)snprintf(path, sizeof(path), "proc/%d/cgroup", pid);
	return !host_text(host_root_fd(h), path, &cgroup) &&
	       (host_is_of_seats_session(h, cgroup) || is_of_manager(h, cgroup));
}
