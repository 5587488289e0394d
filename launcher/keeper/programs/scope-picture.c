/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope-picture.c - wait until a display manager that was started is seen on the screen
 *
 * A unit is active long before anything is drawn, and stays so without: a display server whose
 * session is in the background, as another virtual terminal is in front, waits there for ever. It
 * draws when it is DRM master, which the kernel tells in debugfs. Opening a card's node to ask
 * would make this program the master of one that has none, in the very moment in which the server
 * wants to be it. A program that opened it just then is that itself, and no picture: who was
 * master before the unit was started does not count. Without debugfs, or with a driver that has no modes to set, a graphical session
 * in front is all that can be known; without such a session either, nothing is.
 *
 * Source: drivers/gpu/drm/drm_debugfs.c, drm_auth.c; org.freedesktop.login1(5)
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launcher/keeper/programs/scope-request.h"

#define LOGIN "org.freedesktop.login1"
#define LOGIN_PATH "/org/freedesktop/login1"
#define SEAT "seat0"
#define PICTURE_S 60    /* from the end of the unit's job on: many units are active at once */
#define RETRY_US 100000 /* neither debugfs nor every logind tells when it changes */
#define UNKNOWN_S 10    /* likewise, where neither debugfs nor logind has anything to tell */
#define FRONT_S 2       /* a session gets itself to the front, or is put there */

enum picture { PICTURE_NO, PICTURE_YES, PICTURE_UNKNOWN };

/*
 * "             weston   512   0   y    y  1500          0"; the first field has 20 places
 *
 * Return: the pid of one that is master; 0: it is not
 */
static int master_of(const char *line)
{
	char master = 'n';
	int pid = 0;

	if (strlen(line) <= 20 || sscanf(line + 20, "%d %*d %c", &pid, &master) != 2)
		return 0;
	return master == 'y' ? pid : 0;
}

/* A card that these open for a display server is theirs here, whichever server that is. */
static bool is_opened_for_others(const char *line)
{
	static const char *const names[] = { "systemd-logind", "elogind", "seatd" };
	char name[21];

	(void)snprintf(name, sizeof(name), "%.20s", line);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strstr(name, names[i]))
			return true;
	return false;
}

static bool was_master(const struct picture_masters *before, int pid)
{
	for (size_t i = 0; i < before->count; i++)
		if (before->pid[i] == pid)
			return true;
	return false;
}

static void add_master(struct picture_masters *found, const char *line, int pid)
{
	if (pid && !is_opened_for_others(line) && !was_master(found, pid) &&
	    found->count < ARRAY_SIZE(found->pid))
		found->pid[found->count++] = pid;
}

/* @found: receives its masters; NULL: they are not wanted */
static enum picture look_at_clients(const char *path, const struct picture_masters *before,
				    struct picture_masters *found)
{
	FILE *f = fopen(path, "re");
	enum picture p = PICTURE_NO;
	char line[256];
	int pid;

	if (!f)
		return PICTURE_UNKNOWN;
	while (fgets(line, sizeof(line), f)) {
		pid = master_of(line);
		if (found)
			add_master(found, line, pid);
		if (pid && !was_master(before, pid))
			p = PICTURE_YES;
	}
	(void)fclose(f);
	return p;
}

/* Has any card that has connectors a master that was none before? @found: as above */
static enum picture look_at_cards(const struct picture_masters *before, struct picture_masters *found)
{
	DIR *dir = opendir("/sys/class/drm");
	enum picture all = PICTURE_UNKNOWN, one;
	const struct dirent *e;
	unsigned int card;
	char path[64];

	while (dir && (e = readdir(dir))) {
		if (!strchr(e->d_name, '-') || sscanf(e->d_name, "card%u-", &card) != 1)
			continue; /* "card0-HDMI-A-1" */
		(void)snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%u/clients", card);
		one = look_at_clients(path, before, found);
		if (one != PICTURE_UNKNOWN && all != PICTURE_YES)
			all = one;
	}
	if (dir)
		(void)closedir(dir);
	return all;
}

struct session {
	char id[64];
	bool graphical, active;
};

static int session_string(sd_bus *bus, const char *path, const char *name, char **out)
{
	return sd_bus_get_property_string(bus, LOGIN, path, LOGIN ".Session", name, NULL, out);
}

static bool is_graphical(sd_bus *bus, const char *path)
{
	cleanup_free char *type = NULL, *state = NULL;

	return session_string(bus, path, "Type", &type) >= 0 &&
	       session_string(bus, path, "State", &state) >= 0 && strcmp(state, "closing") != 0 &&
	       (!strcmp(type, "wayland") || !strcmp(type, "x11") || !strcmp(type, "mir"));
}

static bool is_active(sd_bus *bus, const char *path)
{
	int active = 0;

	return sd_bus_get_property_trivial(bus, LOGIN, path, LOGIN ".Session", "Active", NULL, 'b',
					   &active) >= 0 &&
	       active;
}

/* The seat's graphical session: the one in front, when there are several. */
static void find_session(sd_bus *bus, struct session *out)
{
	const char *id, *user, *seat, *path;
	sd_bus_message *reply = NULL;
	uint32_t uid;

	*out = (struct session){ .graphical = false };
	if (sd_bus_call_method(bus, LOGIN, LOGIN_PATH, LOGIN ".Manager", "ListSessions", NULL,
			       &reply, "") < 0 ||
	    sd_bus_message_enter_container(reply, 'a', "(susso)") < 0) {
		sd_bus_message_unref(reply);
		return;
	}
	while (!out->active &&
	       sd_bus_message_read(reply, "(susso)", &id, &uid, &user, &seat, &path) > 0) {
		if (strcmp(seat, SEAT) != 0 || !is_graphical(bus, path))
			continue;
		out->graphical = true;
		out->active = is_active(bus, path);
		(void)snprintf(out->id, sizeof(out->id), "%s", id);
	}
	sd_bus_message_unref(reply);
}

static double now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Some servers switch to their own terminal, others wait until that is in front. */
static void put_in_front(sd_bus *bus, const struct session *s)
{
	if (s->graphical && !s->active)
		(void)sd_bus_call_method(bus, LOGIN, LOGIN_PATH, LOGIN ".Manager",
					 "ActivateSession", NULL, NULL, "s", s->id);
}

/** picture_look() - before a display manager is started: who draws, and is no sign of it */
void picture_look(struct picture_masters *before)
{
	static const struct picture_masters none = { .count = 0 };

	*before = none;
	(void)look_at_cards(&none, before);
}

/**
 * picture_wait() - of a display manager whose unit is active: wait until it draws
 * @before:	from picture_look(); of one that ran already: empty
 *
 * Return: 0, also where there is nothing to look at; -ENODATA it draws nothing
 */
int picture_wait(sd_bus *bus, const struct picture_masters *before)
{
	double began = now_s(), fronted = began;
	enum picture drawn;
	struct session s;
	bool late;

	if (access("/run/systemd/seats/" SEAT, F_OK))
		return 0;
	do {
		drawn = look_at_cards(before, NULL);
		late = now_s() - fronted >= FRONT_S;
		/* logind is not asked more often than it must be: what is waited for starts meanwhile */
		if (drawn == PICTURE_UNKNOWN || (drawn == PICTURE_NO && late))
			find_session(bus, &s);
		if (drawn == PICTURE_YES || (drawn == PICTURE_UNKNOWN && s.active))
			return 0;
		if (late) {
			put_in_front(bus, &s);
			fronted = now_s();
		}
		if (drawn == PICTURE_UNKNOWN && !s.graphical && now_s() - began >= UNKNOWN_S)
			return 0;
		(void)usleep(RETRY_US);
	} while (now_s() - began < PICTURE_S);
	return -ENODATA;
}
