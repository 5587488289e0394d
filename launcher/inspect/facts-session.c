/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-session.c - which units [session] stops on this host */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/holders/units.h"
#include "launcher/inspect/facts.h"

/* "lightdm" is meant as systemctl(1) takes it. */
static void full_name(const char *name, char out[CHANGE_TEXT_MAX])
{
	(void)snprintf(out, CHANGE_TEXT_MAX, strchr(name, '.') ? "%s" : "%s.service", name);
}

static int failed(const struct opened_profile *o, const struct profile_text *stop,
		  struct check_results *results, int error)
{
	const char *place = opened_place(o, &stop->pos);

	if (error == -ENOENT)
		check_add(results, "session", CHECK_FAILED,
			  "`systemctl list-units --type=service` shows what there is",
			  "%s: stop = %s: systemd has no such unit", place, stop->text);
	else
		check_add(results, "session", CHECK_FAILED,
			  "`systemctl status` it: does systemd answer?",
			  "%s: stop = %s: systemd cannot be asked about it: %s", place, stop->text,
			  strerror(-error));
	return EXIT_HOST;
}

/*
 * One that runs has to be stopped and started again; systemd's refusal would come when QEMU stands
 * and virtual functions are made, or, of the start, when the guest has ended.
 */
static int look_at_refusals(const struct opened_profile *o, const struct profile_text *stop,
			    const struct host_unit *unit, struct check_results *results)
{
	const char *place = opened_place(o, &stop->pos);
	char remedy[256];

	if (!unit->running || (!unit->no_stop && !unit->no_start))
		return 0;
	if (unit->no_stop) {
		(void)snprintf(remedy, sizeof(remedy),
			       "`systemctl edit %.64s`: RefuseManualStop=no in its [Unit]; or stop-command "
			       "and start-command in [session]", unit->id);
		check_add(results, "session", CHECK_FAILED, remedy,
			  "%s: stop = %s: systemd lets nobody stop %s by hand (RefuseManualStop=)",
			  place, stop->text, unit->id);
	} else {
		(void)snprintf(remedy, sizeof(remedy),
			       "`systemctl unmask %.64s`, or RefuseManualStart=no in its [Unit]; "
			       "`systemctl status` it", unit->id);
		check_add(results, "session", CHECK_FAILED, remedy,
			  "%s: stop = %s: %s runs, and systemd would not start it again: it is "
			  "masked, its file is gone, or it has RefuseManualStart=",
			  place, stop->text, unit->id);
	}
	return EXIT_HOST;
}

static int look_at(const struct opened_profile *o, const struct profile_text *stop, bool live,
		   struct plan_unit *out, struct check_results *results)
{
	struct host_unit unit = { .running = true };
	char name[CHANGE_TEXT_MAX];
	int r = 0;

	full_name(stop->text, name);
	(void)snprintf(unit.id, sizeof(unit.id), "%s", name);
	if (live)
		r = host_unit(name, &unit);
	if (r)
		return failed(o, stop, results, r);
	out->name = strdup(unit.id);
	out->running = unit.running;
	out->transient = unit.transient;
	out->display = unit.display || !strcmp(name, "display-manager.service");
	memcpy(out->drawn, unit.drawn, sizeof(out->drawn));
	return out->name ? look_at_refusals(o, stop, &unit, results) : EXIT_HOST;
}

/* What was stopped by a program is started by none else. */
static int look_at_commands(const struct opened_profile *o, struct check_results *results)
{
	const struct profile *p = o->profile;

	if (!p->session_stop_command == !p->session_start_command)
		return 0;
	check_add(results, "session", CHECK_FAILED, "write the other one, too",
		  "%s: stop-command and start-command go together",
		  opened_place(o, p->session_stop_command ? &p->session_stop_command_pos
							    : &p->session_start_command_pos));
	return EXIT_HOST;
}

/**
 * facts_look_at_session() - the units that [session] stops
 * @live:	false: another machine's, nothing is asked
 *
 * Return: 0 or EXIT_HOST
 */
int facts_look_at_session(const struct opened_profile *o, bool live, struct facts *f,
			  struct check_results *results)
{
	const struct profile_texts *stop = &o->profile->session_stop;
	int code = look_at_commands(o, results);

	if (!stop->count)
		return code;
	if (live && !host_has_systemd()) {
		check_add(results, "session", CHECK_FAILED,
			  "start it where systemd is, with a vfio-run that was built for it",
			  "%s: stop = %s: there is no systemd to ask",
			  opened_place(o, &stop->item[0].pos), stop->item[0].text);
		return EXIT_HOST;
	}
	f->unit = calloc(stop->count, sizeof(*f->unit));
	if (!f->unit)
		return EXIT_HOST;
	f->plan.unit_count = f->unit_count = stop->count;
	f->plan.unit = f->unit;
	for (size_t i = 0; i < stop->count; i++)
		code |= look_at(o, &stop->item[i], live, &f->unit[i], results);
	return code;
}
