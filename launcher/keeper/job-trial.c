/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job-trial.c - what came back of a trial: its devices' drivers and monitors, as they are now */
#include <stdio.h>

#include "launcher/base/log.h"
#include "launcher/keeper/job.h"

static void say_device(const struct journal_device *d)
{
	struct device_displays now = device_displays(d->name, NULL, NULL);
	char driver[CHANGE_TEXT_MAX], monitors[64] = "";

	device_driver(d->name, driver);
	if (d->displays.cards)
		(void)snprintf(monitors, sizeof(monitors), ", with %u of its %u monitors",
			       now.connected, d->displays.connected);
	log_notice("%s (%s): is on %s%s; it was on %s", d->name, d->title,
		   *driver ? driver : "no driver", monitors, *d->driver ? d->driver : "none");
}

/** job_trial_say() - at the end of a trial; does nothing for another job */
void job_trial_say(const struct keeper *k)
{
	for (size_t i = 0; k->plan->trial_s && i < k->journal.device_count; i++)
		say_device(&k->journal.device[i]);
}
