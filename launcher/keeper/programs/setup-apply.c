/* SPDX-License-Identifier: GPL-2.0-or-later */
/* setup-apply.c - take the steps, each written down before; and take them back, the last one first
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/keeper/handover.h"
#include "launcher/keeper/programs/setup.h"

#define COMMAND_SHOWN 512

static const char *shown(char *const *argv, char buf[COMMAND_SHOWN])
{
	size_t used = 0;

	for (size_t i = 0; argv[i] && used < COMMAND_SHOWN; i++)
		used += (size_t)snprintf(buf + used, COMMAND_SHOWN - used, "%s%s", i ? " " : "/",
					 argv[i]);
	return buf;
}

/* Return: did it end well? Else it was reported */
static bool run(int root, const char *root_path, char *const *argv)
{
	char text[COMMAND_SHOWN];
	int r;

	log_notice("%s", shown(argv, text));
	r = run_command(root, root_path, argv);
	if (r < 0)
		log_error("%s: cannot be executed", text);
	else if (r)
		log_error("%s: ended with %d", text, r);
	return !r;
}

static bool copy_undo(const struct setup_step *s, struct record *out)
{
	bool same = true;

	*out = (struct record){ .kind = RECORD_COMMAND };
	for (size_t i = 0; s->undo[i]; i++) {
		same &= s->argv[i] && !strcmp(s->argv[i], s->undo[i]);
		out->argv[i] = strdup(s->undo[i]);
		if (!out->argv[i])
			return false;
	}
	if (same)
		out->kind = RECORD_REFRESH;
	return true;
}

static int note_file(struct records *records, const struct setup_step *s)
{
	struct record new = { .kind = RECORD_FILE };
	int r = 0;

	(void)snprintf(new.path, sizeof(new.path), "%s", s->path);
	if (s->new)
		(void)hash_text(s->new, strlen(s->new), new.new);
	if (s->old) {
		(void)hash_text(s->old, strlen(s->old), new.old);
		r = records_keep_text(records, new.old, s->old);
	}
	return r ? r : records_add(records, &new);
}

static bool take_file(int root, struct records *records, const struct setup_step *s)
{
	int r = note_file(records, s);

	if (r) {
		log_error("/" SETUP_STATE ": %s: nothing is changed that is not written down",
			  strerror(-r));
		return false;
	}
	r = s->new ? write_file(root, s->path, s->new) : remove_file(root, s->path);
	if (r)
		log_error("/%s: %s", s->path, strerror(-r));
	else
		log_notice("/%s: %s", s->path, s->new ? "written" : "removed");
	return !r;
}

static bool take_command(int root, const char *root_path, struct records *records,
			 const struct setup_plan *plan, const struct setup_step *s)
{
	struct record new;
	int r = copy_undo(s, &new) ? records_add(records, &new) : -ENOMEM;

	if (r) {
		log_error("/" SETUP_STATE ": %s: nothing is changed that is not written down",
			  strerror(-r));
		return false;
	}
	if (run(root, root_path, s->argv))
		return true;
	if (s->installs && !setup_package_is_there(root, plan->need[s->need].word))
		(void)!records_drop(records, records->count - 1); /* not even in part */
	return false;
}

/* The command that these steps are of. */
static const char *again(enum setup_kind kind)
{
	return kind == SETUP_AT_BOOT	  ? "the same `vfio-run detach --at-boot` tries"
	       : kind == SETUP_NO_AT_BOOT ? "the same `vfio-run attach --at-boot` tries"
					  : "`--apply` tries";
}

static int take_steps(int root, const char *root_path, struct records *records,
		      const struct setup_plan *plan)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct setup_step *s = &plan->step[i];

		if (s->kind == SETUP_FILE ? take_file(root, records, s)
					  : take_command(root, root_path, records, plan, s))
			continue;
		log_error(
			"the steps behind this one were left out; `sudo vfio-run setup --undo` takes back "
			"what was done, %s again",
			again(plan->need[s->need].kind));
		return EXIT_HOST;
	}
	return EXIT_OK;
}

/* Return: is there one? Else it was reported */
static bool open_records(int root, bool make, struct records *out)
{
	int r = records_open(root, make, out);

	if (r == -EBUSY)
		log_error("another setup is at work");
	else if (r == -EBADMSG)
		log_error("/" SETUP_STATE
			  "/record is not one that this version has written: nothing is guessed");
	else if (r && (make || r != -ENOENT))
		log_error("/" SETUP_STATE ": %s", strerror(-r));
	return !r;
}

/**
 * setup_apply() - work the steps out, see that they are those that were shown, and take them
 * @digest:	of the plan that the user has agreed to
 *
 * Return: EXIT_OK or EXIT_HOST, reported
 */
int setup_apply(int root, const char *root_path, const char *digest, struct setup_need *need,
		size_t count)
{
	struct records records = { .dir = -1 };
	struct setup_plan plan;
	char now[HASH_TEXT];
	int r = setup_plan_make(root, need, count, &plan), code = EXIT_HOST;

	if (r)
		log_error("the steps cannot be worked out: %s", strerror(-r));
	else if (strcmp(setup_plan_digest(&plan, now), digest) != 0)
		log_error("something has changed since the steps were shown: start it again");
	else if (open_records(root, true, &records))
		code = take_steps(root, root_path, &records, &plan);
	records_close(&records);
	setup_plan_fini(&plan);
	return code;
}

/* ---- back --------------------------------------------------------------------------------------
 */

static int put_back(int root, struct records *records, const struct record *r)
{
	cleanup_free char *text = NULL;
	int e = *r->old ? records_text(records, r->old, &text) : 0;

	if (e)
		return e;
	return text ? write_file(root, r->path, text) : remove_file(root, r->path);
}

/* Compared first: what is as it was before needs nothing, what is neither was edited since. */
static bool undo_file(int root, struct records *records, const struct record *r)
{
	cleanup_free char *text = NULL;
	char now[HASH_TEXT] = "";
	int e;

	tidy_file(root, r->path);
	e = read_file(root, r->path, &text);
	if (e && e != -ENOENT) {
		log_error("/%s: %s", r->path, strerror(-e));
		return false;
	}
	if (!e)
		(void)hash_text(text, strlen(text), now);
	if (!strcmp(now, r->old))
		return true;
	if (strcmp(now, r->new) != 0) {
		log_error(
			"/%s was edited since: it stays as it is; what it was before is /" SETUP_STATE
			"/%s",
			r->path, *r->old ? r->old : "record: it was not there");
		return false;
	}
	e = put_back(root, records, r);
	if (e)
		log_error("/%s: %s", r->path, strerror(-e));
	else
		log_notice("/%s: as it was", r->path);
	return !e;
}

static bool same_command(const struct record *a, const struct record *b)
{
	size_t i = 0;

	while (a->argv[i] && b->argv[i] && !strcmp(a->argv[i], b->argv[i]))
		i++;
	return !a->argv[i] && !b->argv[i];
}

static bool has_before(const struct records *records, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (records->item[k].kind == records->item[i].kind &&
		    same_command(&records->item[k], &records->item[i]))
			return true;
	return false;
}

/* One that stands there more than once is run once. @keep: their lines stay, to be run again */
static bool run_commands(int root, const char *root_path, struct records *records,
			 enum record_kind kind, bool keep)
{
	bool good = true;

	for (size_t i = records->count; i-- > 0;) {
		if (records->item[i].kind != kind)
			continue;
		if (!has_before(records, i) && !run(root, root_path, records->item[i].argv))
			good = false;
		else if (!keep)
			good &= !records_drop(records, i);
	}
	return good;
}

static bool undo_files(int root, struct records *records)
{
	bool good = true;

	for (size_t i = records->count; i-- > 0;) {
		if (records->item[i].kind != RECORD_FILE)
			continue;
		if (undo_file(root, records, &records->item[i]))
			good &= !records_drop(records, i);
		else
			good = false;
	}
	return good;
}

/**
 * setup_undo() - take back what the record has; carries on after a failure
 *
 * Return: EXIT_OK: nothing is left; EXIT_HOST, reported
 */
int setup_undo(int root, const char *root_path)
{
	struct records records;
	bool good = open_records(root, false, &records),
	     none = records.dir < 0 || (good && !records.count);

	if (none && (good || records.dir == -ENOENT)) {
		log_notice("setup has changed nothing here, or all of it was taken back");
		records_close(&records);
		return EXIT_OK;
	}
	if (good) {
		bool files = undo_files(root, &records);

		good = files & run_commands(root, root_path, &records, RECORD_COMMAND, false);
		good &= run_commands(root, root_path, &records, RECORD_REFRESH, !files);
	}
	records_close(&records);
	if (good)
		log_notice("all that setup has changed was taken back");
	return good ? EXIT_OK : EXIT_HOST;
}
