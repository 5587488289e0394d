/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.c - reports of the changes to the user
 *
 * A run has the terminal to itself: lines of text, one for each device that changes
 * hands, all of them with -v. detach, attach and recover are shown by vfio-run, as text
 * or JSON: it gets a record for each change. A vfio-run that is gone stops nothing.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/keeper.h"

#define DEAF_MS 5000 /* how long a vfio-run that takes no records is waited for, once */

static bool to_launcher; /* records go to KEEPER_FD_REPORT */

/** report_setup() - where reports go: the terminal in a run, vfio-run in all other jobs */
void report_setup(enum keeper_job job)
{
	to_launcher = job != KEEPER_RUN;
}

/*
 * A vfio-run that was stopped, or whose output blocks, delays nothing: it misses
 * records, and is not waited for again.
 */
static void send_record(const struct keeper_report *r)
{
	static bool deaf;
	struct pollfd p = { .fd = KEEPER_FD_REPORT, .events = POLLOUT };
	ssize_t n;

	do {
		n = send(KEEPER_FD_REPORT, r, sizeof(*r), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN && !deaf)
			deaf = poll(&p, 1, DEAF_MS) <= 0;
	} while (n < 0 && !deaf && (errno == EINTR || errno == EAGAIN));
}

static void record_change(const struct change *c, int error, bool left_out,
			  const char *trouble)
{
	struct keeper_report r = {
		.change = *c, .ok = error == 0, .error = error, .left_out = left_out
	};

	(void)snprintf(r.text, sizeof(r.text), "%s", trouble);
	send_record(&r);
}

/**
 * report_change() - a change was made, put back, or failed
 * @c:		from what to what
 * @error:	0, or the -errno it failed with
 * @trouble:	what that means and what to do; "" when it did not fail
 */
void report_change(const struct change *c, int error, const char *trouble)
{
	char line[CHANGE_LINE_MAX];

	if (to_launcher) {
		record_change(c, error, false, trouble);
		return;
	}
	change_describe(c, line, sizeof(line));
	if (error)
		log_error("%s: %s", line, trouble);
	else if (change_grammar(c->kind)->shown)
		log_notice("%s", line);
	else
		log_verbose("%s", line);
}

/** report_left_out() - a change of a lost device, which is not touched; one report at the end */
void report_left_out(const struct change *c, const char *why)
{
	if (to_launcher)
		record_change(c, -ETIME, true, why);
}

/** report_hand_over() - of a run: vfio-run is to leave, as the session ends that it belongs to */
void report_hand_over(void)
{
	const struct keeper_report r = { .change.kind = CHANGE_MAX, .error = EXIT_HANDED_OVER };

	send_record(&r);
}

/**
 * report_result() - the closing record of a job that vfio-run shows
 * @code:	the exit code; 0: everything is as it was, or as it was asked for
 * @text:	one line for the user, "" for none
 *
 * vfio-run exits with this code when the keeper was killed and its standby ended the job.
 */
void report_result(int code, const char *text)
{
	struct keeper_report r = { .change.kind = CHANGE_MAX, .ok = code == EXIT_OK, .error = code };

	if (!to_launcher)
		return;
	(void)snprintf(r.text, sizeof(r.text), "%s", text);
	send_record(&r);
}
