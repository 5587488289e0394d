/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope-unit.c - ask systemd about a unit, to stop it, to start it
 *
 *	unit show NAME	prints the name that it really has, "running" or "stopped", "display"
 *			when it is the host's display manager, then the devices of the cards
 *			that are drawn on, for whom the kernel tells; "no-stop" and "no-start" when
 *			that is refused to whoever asks: by RefuseManualStop= and
 *			RefuseManualStart=, of one that is masked, or whose file is gone;
 *			"transient" of one that systemd forgets when it has stopped
 *	unit state NAME	exit status 0 it runs, ESRCH it does not, ENOENT there is none
 *	unit stop NAME	and wait until it has stopped
 *	unit start NAME [CARDS]	and wait until it has started; a display manager until it draws:
 *			ENODATA, on one of the cards of these devices: EXDEV. EALREADY it ran before;
 *			ESRCH it has ended since, and not with success
 *
 *	user-unit WORD NAME	the same of the own service manager of the user that this is;
 *			ECONNREFUSED it is not there, or ends: its user has logged out
 *
 * ETIME: the service manager does not answer; ETIMEDOUT: its job is not done in time.
 *
 * A unit that has failed some times would be refused, so its count is forgotten before. A display
 * manager that is started before logind knows of the card finds none: that is waited for, a little;
 * any other, which may be a login that starts a desktop, or a user's own, for udev.
 * Source: org.freedesktop.systemd1(5), org.freedesktop.login1(5)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launcher/keeper/programs/scope-request.h"

#define MANAGER "org.freedesktop.systemd1"
#define JOB_S 120	   /* a little more than a unit's own limits as they come */
#define LOGIN "org.freedesktop.login1"
#define SEAT_PATH "/org/freedesktop/login1/seat/seat0"
#define SEAT_S 10
#define SEAT_STEP_US 100000
#define DISPLAY_ALIAS "display-manager.service"

struct unit {
	char *path;	/* of its object */
	char *id;
	bool own; /* of a user's service manager */
	bool exists, running, display;
};

static void unit_fini(struct unit *u)
{
	free(u->path);
	free(u->id);
}
#define cleanup_unit __attribute__((cleanup(unit_fini)))

static int property(sd_bus *bus, const struct unit *u, const char *name, char **out)
{
	return sd_bus_get_property_string(bus, MANAGER, u->path, MANAGER ".Unit", name, NULL, out);
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

/* @otherwise: of one that does not answer; it is asked when it comes to it */
static bool flag(sd_bus *bus, const struct unit *u, const char *name, bool otherwise)
{
	int is = 0;

	return sd_bus_get_property_trivial(bus, MANAGER, u->path, MANAGER ".Unit", name, NULL, 'b',
					   &is) < 0 ? otherwise : is;
}

static bool is_up(const char *active)
{
	static const char *const up[] = { "active", "activating", "reloading", "refreshing", NULL };

	return is_one_of(active, up);
}

static int read_states(sd_bus *bus, struct unit *u)
{
	cleanup_free char *loaded = NULL, *active = NULL;
	char **names = NULL;
	int rc = property(bus, u, "Id", &u->id);

	if (rc >= 0)
		rc = property(bus, u, "LoadState", &loaded);
	if (rc >= 0)
		rc = property(bus, u, "ActiveState", &active);
	if (rc >= 0)
		rc = sd_bus_get_property_strv(bus, MANAGER, u->path, MANAGER ".Unit", "Names", NULL,
					      &names);
	for (char **n = names; rc >= 0 && n && *n; n++)
		u->display |= !strcmp(*n, DISPLAY_ALIAS);
	for (char **n = names; n && *n; n++)
		free(*n);
	free(names);
	if (rc < 0)
		return rc;
	u->running = is_up(active);
	u->exists = u->running || strcmp(loaded, "not-found") != 0;
	return 0;
}

static int find(sd_bus *bus, const char *name, struct unit *u)
{
	sd_bus_message *reply = NULL;
	const char *path = NULL;
	int rc = sd_bus_call_method(bus, MANAGER, "/org/freedesktop/systemd1", MANAGER ".Manager",
				    "LoadUnit", NULL, &reply, "s", name);

	if (rc >= 0)
		rc = sd_bus_message_read(reply, "o", &path);
	if (rc >= 0) {
		u->path = strdup(path);
		rc = u->path ? 0 : -ENOMEM;
	}
	sd_bus_message_unref(reply);
	return rc < 0 ? rc : read_states(bus, u);
}

static int show(sd_bus *bus, const struct unit *u)
{
	char cards[SCOPE_CARDS_MAX] = "";

	if (!u->exists)
		return -ENOENT;
	if (u->display && u->running)
		picture_cards(cards, sizeof(cards));
	(void)printf("%s %s%s%s%s%s%s%s\n", u->id, u->running ? "running" : "stopped",
		     u->display ? " display" : "", *cards ? " " : "", cards,
		     flag(bus, u, "CanStop", true) ? "" : " no-stop",
		     flag(bus, u, "CanStart", true) ? "" : " no-start",
		     flag(bus, u, "Transient", false) ? " transient" : "");
	return fflush(stdout) ? -EIO : 0;
}

/* No seat, or a logind that does not answer: there is nothing to wait for. */
static bool can_graphical(sd_bus *bus)
{
	int can = 1;

	return access("/run/systemd/seats/seat0", F_OK) ||
	       sd_bus_get_property_trivial(bus, LOGIN, SEAT_PATH, LOGIN ".Seat", "CanGraphical", NULL,
					   'b', &can) < 0 ||
	       can;
}

static int on_seat_changed(sd_bus_message *m, void *context, sd_bus_error *error)
{
	(void)m;
	(void)error;
	*(bool *)context = true;
	return 0;
}

/* Until logind tells of a change, at most a moment: not every logind tells of this one. */
static void wait_a_moment(sd_bus *bus, bool *changed)
{
	int rc = 0;

	for (*changed = false; !*changed && (rc = sd_bus_process(bus, NULL)) > 0;)
		continue;
	if (rc < 0)
		(void)usleep(SEAT_STEP_US);
	else if (!*changed)
		(void)sd_bus_wait(bus, SEAT_STEP_US);
}

/* It is told of before it is asked for: no change is missed between. */
static void wait_for_seat(sd_bus *bus)
{
	struct timespec t = { .tv_sec = 0 };
	sd_bus_slot *slot = NULL;
	bool changed = false;
	time_t end;

	if (can_graphical(bus))
		return;
	(void)sd_bus_match_signal(bus, &slot, LOGIN, SEAT_PATH, "org.freedesktop.DBus.Properties",
				  "PropertiesChanged", on_seat_changed, &changed);
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	end = t.tv_sec + SEAT_S;
	while (!can_graphical(bus) && t.tv_sec < end) {
		wait_a_moment(bus, &changed);
		(void)clock_gettime(CLOCK_MONOTONIC, &t);
	}
	sd_bus_slot_unref(slot);
}

/* Ten seconds behind a user's last logout, and until all of its units have stopped. */
static bool is_stopping(sd_bus *bus)
{
	cleanup_free char *state = NULL;

	return sd_bus_get_property_string(bus, MANAGER, "/org/freedesktop/systemd1",
					  MANAGER ".Manager", "SystemState", NULL, &state) >= 0 &&
	       !strcmp(state, "stopping");
}

static int change(sd_bus *bus, const struct unit *u, const char *method)
{
	sd_bus_message *call = NULL;
	int rc = scope_call(bus, method, &call);

	if (rc >= 0)
		rc = sd_bus_message_append(call, "ss", u->id, "replace");
	if (rc >= 0)
		rc = scope_do(bus, call, JOB_S);
	sd_bus_message_unref(call);
	if (u->own && (rc == -EDEADLK || rc == -ECANCELED || rc == -EIO) && is_stopping(bus))
		return -ECONNREFUSED;
	return rc == -ETIME ? -ETIMEDOUT : rc; /* the keeper's word for a worker that hangs */
}

/*
 * Have its conditions held? One that has ended is forgotten, and loaded anew to be asked: then they
 * were never looked at, and its job, which was done, is all that is known. One that fails is kept.
 */
static bool has_run(sd_bus *bus, const struct unit *u)
{
	uint64_t looked_at = 0;

	if (flag(bus, u, "ConditionResult", true))
		return true;
	return sd_bus_get_property_trivial(bus, MANAGER, u->path, MANAGER ".Unit",
					   "ConditionTimestampMonotonic", NULL, 't', &looked_at) >= 0 &&
	       !looked_at;
}

/*
 * It runs, or did what it does and has ended: Type=oneshot, and what a timer starts. One whose
 * conditions do not hold has not run.
 */
static int is_back(sd_bus *bus, const struct unit *u)
{
	cleanup_free char *active = NULL, *result = NULL;
	int rc = property(bus, u, "ActiveState", &active);

	if (rc < 0 || is_up(active))
		return rc < 0 ? rc : 0;
	return !strcmp(active, "inactive") && has_run(bus, u) &&
			       sd_bus_get_property_string(bus, MANAGER, u->path, MANAGER ".Service",
							  "Result", NULL, &result) >= 0 &&
			       !strcmp(result, "success") ?
		       0 : -ESRCH;
}

static int start(sd_bus *bus, const struct unit *u, const char *cards)
{
	struct picture_masters before = { .count = 0 };
	int rc;

	if (u->display && !u->running)
		picture_look(&before);
	/* no answer is waited for: the call behind it is answered after it */
	(void)sd_bus_call_method_async(bus, NULL, MANAGER, "/org/freedesktop/systemd1",
				       MANAGER ".Manager", "ResetFailedUnit", NULL, NULL, "s", u->id);
	if (!u->running && u->display)
		wait_for_seat(bus);
	rc = change(bus, u, "StartUnit");
	if (rc >= 0 && u->display)
		rc = picture_wait(bus, &before, cards);
	if (rc >= 0)
		rc = is_back(bus, u);
	return rc < 0 ? rc : u->running ? -EALREADY : 0;
}

/** unit_main() - with the arguments of main(); 0 or -errno */
int unit_main(sd_bus *bus, int argc, char **argv)
{
	cleanup_unit struct unit u = { .own = argc > 1 && !strcmp(argv[1], "user-unit") };
	const char *word = argc == 4 || argc == 5 ? argv[2] : "", *cards = argc == 5 ? argv[4] : "";
	int rc = *word ? find(bus, argv[3], &u) : -EINVAL;

	if (rc < 0)
		return rc == -ETIMEDOUT ? -ETIME : rc;
	if (!strcmp(word, "show"))
		return show(bus, &u);
	if (!u.exists)
		return -ENOENT;
	if (!strcmp(word, "state"))
		return u.running ? 0 : -ESRCH;
	if (!strcmp(word, "stop"))
		return change(bus, &u, "StopUnit");
	return strcmp(word, "start") ? -EINVAL : start(bus, &u, cards);
}
