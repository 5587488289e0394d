/* SPDX-License-Identifier: GPL-2.0-or-later */
/* setup-print.c - the steps of setup for people, and as JSON */
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/setup/setup.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/commands/terminal/screen.h"

#define LINE_MAX_SHOWN 1024

static const char *command_of(const struct setup_step *s, char buf[LINE_MAX_SHOWN])
{
	size_t used = 0;

	for (size_t i = 0; s->argv[i] && used < LINE_MAX_SHOWN; i++)
		used += (size_t)snprintf(buf + used, LINE_MAX_SHOWN - used, "%s%s", i ? " " : "/",
					 s->argv[i]);
	return buf;
}

/* ---- what of a file changes ------------------------------------------------------------------ */

static const char *line_end(const char *at)
{
	const char *end = strchr(at, '\n');

	return end ? end + 1 : at + strlen(at);
}

static void print_lines(char sign, const char *from, const char *to)
{
	while (from < to) {
		char line[LINE_MAX_SHOWN], quoted[LINE_MAX_SHOWN * 4];
		const char *end = line_end(from);

		(void)snprintf(line, sizeof(line), "%.*s", (int)(end - from - (end[-1] == '\n')),
			       from);
		for (char *tab = line; (tab = strchr(tab, '\t')); tab++)
			*tab = ' ';
		(void)printf("       %c %s\n", sign, log_quote(line, quoted, sizeof(quoted)));
		from = end;
	}
}

/* The lines between what both have at their beginnings and at their ends. */
static void print_difference(const char *old, const char *new)
{
	const char *a = old, *b = new, *a_end = old + strlen(old), *b_end = new + strlen(new);

	while (*a && *b && line_end(a) - a == line_end(b) - b &&
	       !strncmp(a, b, (size_t)(line_end(a) - a))) {
		size_t length = (size_t)(line_end(a) - a);

		a += length;
		b += length;
	}
	for (;;) {
		const char *x = a_end, *y = b_end;

		while (x > a && (x == a_end || x[-1] != '\n'))
			x--;
		while (y > b && (y == b_end || y[-1] != '\n'))
			y--;
		if (x == a_end || y == b_end || a_end - x != b_end - y ||
		    strncmp(x, y, (size_t)(a_end - x)) != 0)
			break;
		a_end = x;
		b_end = y;
	}
	print_lines('-', a, a_end);
	print_lines('+', b, b_end);
}

/* ---- text --------------------------------------------------------------------------------------
 */

static void wrap(const char *text, size_t indent)
{
	(void)printf("%*s", (int)indent, "");
	columns_wrap(text, indent, indent, screen_width());
}

static void print_step(const struct setup_step *s, size_t number)
{
	char line[LINE_MAX_SHOWN];

	(void)printf("%4zu ", number);
	if (s->kind == SETUP_COMMAND) {
		columns_wrap(command_of(s, line), 5, 7, screen_width());
		return;
	}
	(void)snprintf(line, sizeof(line), "/%s%s", s->path,
		       !s->old ? ", a new file" : !s->new ? ", which goes" : "");
	columns_wrap(line, 5, 7, screen_width());
	print_difference(s->old ? s->old : "", s->new ? s->new : "");
}

static bool has_steps(const struct setup_plan *plan, size_t need)
{
	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->step[i].need == need)
			return true;
	return false;
}

static void print_need(const struct setup_plan *plan, size_t i)
{
	const struct setup_need *n = &plan->need[i];
	char line[LINE_MAX_SHOWN];

	(void)snprintf(line, sizeof(line), "%s: %s", n->check ? n->check : n->word,
		       n->why ? n->why : "it is not installed, and a VM needs it");
	columns_wrap(line, 0, 2, screen_width());
	if (plan->answer[i].state != SETUP_STEPS) {
		(void)snprintf(line, sizeof(line), "%s%s",
			       plan->answer[i].state == SETUP_REBOOT ? "boot again: " : "",
			       plan->answer[i].text);
		wrap(line, 2);
	} else if (!has_steps(plan, i)) {
		wrap("the steps of another one do it", 2);
	}
	for (size_t k = 0; k < plan->step_count; k++)
		if (plan->step[k].need == i)
			print_step(&plan->step[k], k + 1);
	(void)putchar('\n');
}

static void print_hand(const struct setup_lack *lack)
{
	for (size_t i = 0; i < lack->hand_count; i++) {
		const struct check_result *r = lack->hand[i];
		char line[LINE_MAX_SHOWN];

		(void)snprintf(line, sizeof(line), "%s: %s", r->check, r->detail);
		columns_wrap(line, 0, 2, screen_width());
		(void)snprintf(line, sizeof(line), "by hand: %s",
			       r->remedy ? r->remedy : "there is no remedy");
		wrap(line, 2);
		(void)putchar('\n');
	}
}

/* The packages of a step: the words that installing and removing have in common. */
static const char *packages_of(const struct setup_step *s, char buf[LINE_MAX_SHOWN])
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 1; s->argv[i]; i++)
		for (size_t k = 1; s->undo[k] && used < LINE_MAX_SHOWN; k++)
			if (s->argv[i][0] != '-' && !strcmp(s->argv[i], s->undo[k]))
				used += (size_t)snprintf(buf + used, LINE_MAX_SHOWN - used, "%s%s",
							 used ? " " : "", s->argv[i]);
	return buf;
}

static void print_extra(const struct setup_plan *extra)
{
	char names[LINE_MAX_SHOWN];

	if (!extra->step_count)
		return;
	(void)puts("Packages that only some profiles ask for, and left to you:");
	for (size_t i = 0; i < extra->step_count; i++) {
		const struct setup_step *s = &extra->step[i];

		(void)printf("  %-20s ", packages_of(s, names));
		columns_wrap(extra->need[s->need].why, strlen(names) > 20 ? strlen(names) + 3 : 23,
			     23, screen_width());
	}
	(void)putchar('\n');
}

static void print_end(const struct cli *cli, const struct setup_plan *plan, const struct setup_lack *lack)
{
	const char *profile = cli->word_count ? cli_shown(cli->word[0]) : "";
	char line[256 + CLI_SHOWN_MAX] = "Nothing lacks.";

	if (plan->step_count)
		(void)snprintf(
			line, sizeof(line),
			"`sudo vfio-run setup --apply%s%s` takes %s%zu step%s, after asking once; `--undo` takes %s back.%s",
			*profile ? " " : "", profile, plan->step_count == 1 ? "this " : "these ", plan->step_count,
			plan->step_count == 1 ? "" : "s", plan->step_count == 1 ? "it" : "them",
			!plan->reboot           ? ""
			: plan->step_count == 1 ? " It counts from the next boot on."
						: " They count from the next boot on.");
	else if (!setup_is_ready(lack))
		(void)snprintf(line, sizeof(line), "There is no step that setup could take.");
	columns_wrap(line, 0, 0, screen_width());
}

/** setup_print() - for people: each thing that lacks, why, and the steps; the command names the profile that they are for */
void setup_print(const struct cli *cli, const struct setup_plan *plan, const struct setup_plan *extra,
		 const struct setup_lack *lack)
{
	char line[LINE_MAX_SHOWN];

	(void)snprintf(line, sizeof(line), "%s; boot loader: %s; initramfs: %s", plan->system,
		       plan->loader ? plan->loader : "none that is known",
		       plan->initramfs ? plan->initramfs : "none that is known");
	columns_wrap(
		columns_fit(line, sizeof(line), screen_is_utf8(), (char[COLUMNS_TEXT_MAX]){ "" }),
		0, 2, screen_width());
	columns_wrap(
		"No group and no limit is needed: QEMU gets its nodes and its limits from vfio-run.",
		0, 2, screen_width());
	(void)putchar('\n');
	for (size_t i = 0; i < plan->need_count; i++)
		print_need(plan, i);
	print_hand(lack);
	print_extra(extra);
	print_end(cli, plan, lack);
}

/** setup_print_steps() - for people: the steps, and what there is none for */
void setup_print_steps(const struct setup_plan *plan)
{
	char line[LINE_MAX_SHOWN];

	for (size_t i = 0; i < plan->need_count; i++) {
		if (plan->answer[i].state == SETUP_STEPS)
			continue;
		(void)snprintf(line, sizeof(line), "%s: %s", plan->need[i].word, plan->answer[i].text);
		columns_wrap(line, 0, 2, screen_width());
	}
	for (size_t i = 0; i < plan->step_count; i++)
		print_step(&plan->step[i], i + 1);
}

/* ---- JSON --------------------------------------------------------------------------------------
 */

static void put(struct json_object *o, const char *key, struct json_object *value)
{
	(void)json_object_object_add(o, key, value);
}

static struct json_object *text_or_null(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

static struct json_object *step_json(const struct setup_plan *plan, const struct setup_step *s)
{
	struct json_object *o = json_object_new_object(), *argv;
	char path[SETUP_PATH_MAX + 1], word[SETUP_WORD_MAX + 16];

	if (!o)
		return NULL;
	put(o, "need", json_object_new_string(setup_need_format(&plan->need[s->need], word)));
	if (s->kind == SETUP_FILE) {
		(void)snprintf(path, sizeof(path), "/%s", s->path);
		put(o, "file", json_object_new_string(path));
		put(o, "old", text_or_null(s->old));
		put(o, "new", text_or_null(s->new));
		return o;
	}
	argv = json_object_new_array();
	(void)snprintf(path, sizeof(path), "/%s", s->argv[0]);
	(void)json_object_array_add(argv, json_object_new_string(path));
	for (size_t i = 1; s->argv[i]; i++)
		(void)json_object_array_add(argv, json_object_new_string(s->argv[i]));
	put(o, "command", argv);
	return o;
}

static struct json_object *steps_json(const struct setup_plan *plan)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < plan->step_count; i++)
		(void)json_object_array_add(array, step_json(plan, &plan->step[i]));
	return array;
}

static struct json_object *needs_json(const struct setup_plan *plan)
{
	static const char *const states[] = {
		[SETUP_STEPS] = "steps", [SETUP_REBOOT] = "reboot", [SETUP_BY_HAND] = "by-hand"
	};
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < plan->need_count; i++) {
		struct json_object *o = json_object_new_object();
		char word[SETUP_WORD_MAX + 16];

		put(o, "need", json_object_new_string(setup_need_format(&plan->need[i], word)));
		put(o, "check", text_or_null(plan->need[i].check));
		put(o, "why", text_or_null(plan->need[i].why));
		put(o, "state", json_object_new_string(states[plan->answer[i].state]));
		put(o, "text", text_or_null(*plan->answer[i].text ? plan->answer[i].text : NULL));
		(void)json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *hand_json(const struct setup_lack *lack)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < lack->hand_count; i++) {
		struct json_object *o = json_object_new_object();

		put(o, "check", json_object_new_string(lack->hand[i]->check));
		put(o, "detail", json_object_new_string(lack->hand[i]->detail));
		put(o, "remedy", text_or_null(lack->hand[i]->remedy));
		(void)json_object_array_add(array, o);
	}
	return array;
}

/** setup_print_json() - the same as one object */
void setup_print_json(const struct setup_plan *plan, const struct setup_plan *extra,
		      const struct setup_lack *lack)
{
	struct json_object *o = json_object_new_object();
	char digest[HASH_TEXT];

	if (!o)
		return;
	put(o, "system", json_object_new_string(plan->system));
	put(o, "boot_loader", text_or_null(plan->loader));
	put(o, "initramfs", text_or_null(plan->initramfs));
	put(o, "needs", needs_json(plan));
	put(o, "steps", steps_json(plan));
	put(o, "digest", json_object_new_string(setup_plan_digest(plan, digest)));
	put(o, "by_hand", hand_json(lack));
	put(o, "offered", steps_json(extra));
	put(o, "reboot", json_object_new_boolean(plan->reboot));
	put(o, "ready", json_object_new_boolean(setup_is_ready(lack)));
	screen_print_json(o);
	json_object_put(o);
}
