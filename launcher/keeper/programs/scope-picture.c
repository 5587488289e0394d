/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope-picture.c - wait until a display manager that was started is seen on the screen
 *
 * A unit is active long before anything is drawn, and stays so without: a display server whose
 * session is in the background, as another virtual terminal is in front, waits there for ever. It
 * draws when it is DRM master: scope-masters.c. With several cards it can draw on another one than
 * before, one that its user may not see: that is waited for less long, as a server that runs opens
 * all its cards at its start. Without debugfs, or with a driver that has no modes to set, a
 * graphical session in front is all that can be known; without such a session either, nothing is.
 *
 * Source: org.freedesktop.login1(5)
 */
#include <errno.h>
#include <fcntl.h>
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
#define ELSEWHERE_S 15  /* from the first picture on another card on */
#define FRONT_S 2       /* a session gets itself to the front, or is put there */

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

static int open_root(void)
{
	return open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/** picture_look() - before a display manager is started: who draws, and is no sign of it */
void picture_look(struct picture_masters *before)
{
	cleanup_close int root = open_root();

	masters_find(root, before);
}

/** picture_cards() - while one runs: the devices of the cards that it draws on */
void picture_cards(char *buf, size_t size)
{
	cleanup_close int root = open_root();

	masters_cards(root, buf, size);
}

/**
 * picture_wait() - of a display manager whose unit is active: wait until it draws
 * @before:	from picture_look(); of one that ran already: empty
 * @wanted:	as masters_look() has it
 *
 * Return: 0, also where there is nothing to look at; -ENODATA it draws nothing; -EXDEV it draws, and
 *	   on none of the wanted cards
 */
int picture_wait(sd_bus *bus, const struct picture_masters *before, const char *wanted)
{
	cleanup_close int root = open_root();
	double began = now_s(), fronted = began, elsewhere = 0;
	struct session s = { .graphical = false };
	enum picture drawn;
	bool late;

	if (access("/run/systemd/seats/" SEAT, F_OK))
		return 0;
	do {
		drawn = masters_look(root, before, wanted);
		late = now_s() - fronted >= FRONT_S && drawn != PICTURE_ELSEWHERE;
		if (drawn == PICTURE_ELSEWHERE && elsewhere <= 0)
			elsewhere = now_s();
		/* logind is not asked more often than it must be: what is waited for starts meanwhile */
		if (drawn == PICTURE_UNKNOWN || (drawn == PICTURE_NO && late))
			find_session(bus, &s);
		if (drawn == PICTURE_YES || (drawn == PICTURE_UNKNOWN && s.active))
			return 0;
		if (drawn == PICTURE_ELSEWHERE && now_s() - elsewhere >= ELSEWHERE_S)
			break;
		if (late) {
			put_in_front(bus, &s);
			fronted = now_s();
		}
		if (drawn == PICTURE_UNKNOWN && !s.graphical && now_s() - began >= UNKNOWN_S)
			return 0;
		(void)usleep(RETRY_US);
	} while (now_s() - began < PICTURE_S);
	return drawn == PICTURE_ELSEWHERE ? -EXDEV : -ENODATA;
}
