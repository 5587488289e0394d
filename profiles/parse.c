/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse.c - the lines of a profile into its struct: sections, keys, support */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/suggest.h"
#include "profiles/others.h"
#include "profiles/parse.h"
#include "profiles/reader.h"
#include "profiles/message-text.h"
#include "profiles/utf8.h"
#include "profiles/values.h"

/* Reports once per section that nothing of it is built yet. */
static void refuse_unsupported(const struct parse *parse, const struct reader_event *event,
			       const struct profile_section *row)
{
	if (!row->supported && !parse_next(parse, row->name, NULL))
		profile_errors_add(parse->errors, event->pos, "remove the section",
				   "[%s] is not supported yet", row->name);
}

/* "did you mean [gpu]?", and how a section is repeated where its name has a number at its end */
static void section_hint(const char *found, const struct profile_section *meant,
			 char hint[TEXT_MESSAGE])
{
	size_t length = strlen(found);
	bool numbered = length && found[length - 1] >= '0' && found[length - 1] <= '9';

	(void)snprintf(hint, TEXT_MESSAGE, "did you mean [%s]?%s%s%s", meant->name,
		       numbered && meant->repeatable ? " Several of a kind have the same heading"
						     : "",
		       meant->supported ? "" : " It is not supported yet",
		       meant->supported ? "" : ": remove the section");
}

static void list_sections(char *hint, size_t size)
{
	struct text_list list = { .out = hint, .size = size };

	list.used = (size_t)snprintf(hint, size, "the sections are ");
	for (const struct profile_section *s = profile_sections; s->name; s++)
		if (s->supported)
			text_list_add(&list, s->name);
	text_list_end(&list, "and");
}

static void unknown_section(struct parse *parse, const struct reader_event *event)
{
	struct suggestion near = { .word = event->name };
	char hint[TEXT_MESSAGE], found[TEXT_SHORT];
	const char *meant = other_section_find(event->name);

	for (const struct profile_section *s = profile_sections; s->name; s++)
		suggestion_offer(&near, s->name);
	meant = meant ? meant : near.best;
	parse->lost_required |= meant && profile_section_find(meant)->required;
	if (meant)
		section_hint(event->name, profile_section_find(meant), hint);
	else
		list_sections(hint, sizeof(hint));
	profile_errors_add(parse->errors, event->pos, hint, "unknown section %s",
			   text_found(event->name, found));
}

/* Reports a heading that is one too many; false when its keys are not even read. */
static bool check_repetition(const struct parse *parse, const struct reader_event *event,
			     const struct profile_section *row, bool *surplus)
{
	const struct parse_section *first = parse_next(parse, row->name, NULL);
	char hint[TEXT_MESSAGE];
	size_t count = 0;

	*surplus = first && !row->repeatable;
	if (*surplus) {
		(void)snprintf(hint, sizeof(hint), "it is on line %u already: put the keys there",
			       first->pos.line);
		profile_errors_add(parse->errors, event->pos, hint,
				   "[%s] is given twice, expected it once", row->name);
	}
	for (const struct parse_section *s = first; s; s = parse_next(parse, row->name, s))
		count++;
	if (count == PROFILE_SECTION_REPEAT_MAX)
		profile_errors_add(parse->errors, event->pos, NULL,
				   "too many [%s] sections, expected at most %d", row->name,
				   PROFILE_SECTION_REPEAT_MAX);
	return count < PROFILE_SECTION_REPEAT_MAX;
}

/* The element of a repeatable section, with its defaults. */
static int begin_element(struct parse *parse, struct parse_section *section)
{
	const struct profile_section *row = section->row;
	size_t *count = parse_element_count(parse->profile, row);
	char *record = profile_array_add((char *)parse->profile + row->array, count, row->element);

	if (!record)
		return -ENOMEM;
	section->index = *count - 1;
	memcpy(record + row->pos, &section->pos, sizeof(section->pos));
	if (row->array == offsetof(struct profile, device))
		((struct profile_device *)record)->gpu = !strcmp(row->name, "gpu");
	return parse_defaults(parse, row, record);
}

static int begin_section(struct parse *parse, const struct reader_event *event)
{
	const struct profile_section *row = profile_section_find(event->name);
	struct parse_section *section;
	bool surplus;

	parse->current = NULL;
	parse->any_heading = true;
	if (!row && event->name[0])
		unknown_section(parse, event);
	parse->lost |= !row;
	if (!row)
		return 0;
	refuse_unsupported(parse, event, row);
	if (!check_repetition(parse, event, row, &surplus))
		return 0;
	section = profile_array_add(&parse->section, &parse->count, sizeof(*section));
	if (!section)
		return -ENOMEM;
	section->row = row;
	section->pos = event->pos;
	section->surplus = surplus;
	section->damaged = event->broken;
	parse->current = section;
	if (row->present)
		*((bool *)parse->profile + row->present) = true;
	if (row->present_pos)
		*(struct profile_pos *)((char *)parse->profile + row->present_pos) = event->pos;
	return row->element ? begin_element(parse, section) : 0;
}

/* The key that another program's word is here: "did you mean" it, or where it stands. */
static void other_key_hint(const struct parse *parse, const struct other_key *other,
			   char hint[TEXT_MESSAGE])
{
	const char *here = parse->current->row->name;
	const struct profile_section *section;
	const struct profile_key *key;
	bool supported;

	if (!other->key) {
		(void)snprintf(hint, TEXT_MESSAGE, "%s", other->note);
		return;
	}
	section = profile_section_find(other->section);
	key = profile_key_find(other->section, other->key);
	supported = section->supported && !(key->supported && !key->supported[0]);
	if (!strcmp(here, other->section))
		(void)snprintf(hint, TEXT_MESSAGE, "did you mean \"%s\"?", other->key);
	else if (supported && key->example)
		(void)snprintf(hint, TEXT_MESSAGE, "that is \"%s = %s\", in a section [%s]",
			       other->key, key->example, other->section);
	else if (supported)
		(void)snprintf(hint, TEXT_MESSAGE, "that is \"%s\" in a section [%s]", other->key,
			       other->section);
	else
		(void)snprintf(
			hint, TEXT_MESSAGE,
			"that is \"%s\" in [%s], which is not supported yet: remove the line",
			other->key, other->section);
}

/* The key of this section that is meant, by its letters or by what others call it; NULL: none */
static const char *key_hint(const struct parse *parse, const char *name, char hint[TEXT_MESSAGE])
{
	const char *section = parse->current->row->name, *elsewhere = NULL;
	const struct other_key *other = other_key_find(section, name);
	struct suggestion near = { .word = name };

	for (const struct profile_key *k = profile_keys; k->section; k++) {
		if (!strcmp(k->section, section))
			suggestion_offer(&near, k->name);
		else if (!elsewhere && !strcmp(k->name, name))
			elsewhere = k->section;
	}
	(void)snprintf(hint, TEXT_MESSAGE, "vfio-run.profile(5) lists the keys");
	if (other && (near.distance || !near.best))
		other_key_hint(parse, other, hint);
	else if (elsewhere)
		(void)snprintf(hint, TEXT_MESSAGE, "\"%s\" is a key of [%s]", name, elsewhere);
	else if (near.best)
		(void)snprintf(hint, TEXT_MESSAGE, "did you mean \"%s\"?", near.best);
	if (near.best)
		return near.best;
	return other && other->key && !strcmp(other->section, section) ? other->key : NULL;
}

static void unknown_key(const struct parse *parse, const struct reader_event *event)
{
	const char *section = parse->current->row->name, *meant;
	char hint[TEXT_MESSAGE], found[TEXT_SHORT];

	meant = key_hint(parse, event->name, hint);
	if (meant)
		parse_given(parse->current, meant)->meant = true;
	profile_errors_add(parse->errors, event->pos, hint, "unknown key %s in [%s]",
			   text_found(event->name, found), section);
}

/* "supported now: bios and uefi" */
static void list_supported(const struct profile_key *k, struct text_list *list)
{
	list->used = (size_t)snprintf(list->out, list->size, "supported now: ");
	for (const struct profile_word *w = k->words; w && w->word; w++)
		if (profile_key_supports(k, w->word))
			text_list_add(list, w->word);
	text_list_end(list, "and");
}

/* Refuses what is valid but not built yet, by name. */
static void check_support(const struct parse *parse, const struct profile_setting *s)
{
	const struct profile_key *k = s->key;
	char hint[TEXT_MESSAGE];
	struct text_list list = { .out = hint, .size = sizeof(hint) };
	const char *space;

	if (!parse->current->row->supported || profile_key_supports(k, s->text))
		return;
	space = strchr(k->supported, ' '); /* several words */
	if (!k->supported[0])
		(void)snprintf(hint, sizeof(hint), "remove the line");
	else if (!space)
		(void)snprintf(hint, sizeof(hint), "only \"%s = %s\" is supported now", k->name,
			       k->supported);
	else
		list_supported(k, &list);
	if (space)
		profile_errors_add(parse->errors, s->pos, hint, "\"%s = %s\" is not supported yet", k->name,
				   s->text);
	else
		profile_errors_add(parse->errors, s->pos, hint, "\"%s\" is not supported yet", k->name);
}

/* True when the key cannot be given once more in this section, which is reported. */
static bool is_surplus(const struct parse *parse, const struct reader_event *event,
		       const struct profile_key *k, const struct parse_given *given)
{
	char hint[TEXT_MESSAGE];

	if (given->count < (k->repeatable ? PROFILE_KEY_REPEAT_MAX : 1))
		return false;
	(void)snprintf(hint, sizeof(hint), "it is on line %u already: remove one of them",
		       given->key.line);
	if (!k->repeatable)
		profile_errors_add(parse->errors, event->pos, hint,
				   "\"%s\" is given twice in this [%s], expected it once", k->name,
				   k->section);
	else if (given->count == PROFILE_KEY_REPEAT_MAX)
		profile_errors_add(parse->errors, event->pos, NULL,
				   "\"%s\" is given too often, expected at most %d times", k->name,
				   PROFILE_KEY_REPEAT_MAX);
	return true;
}

/* A line without a readable value: whatever it was, it is not missing as well. */
static void note_broken(struct parse *parse, const struct reader_event *event)
{
	const struct profile_key *k = profile_key_find(parse->current->row->name, event->name);

	if (k)
		parse_given(parse->current, k->name)->meant = true;
	else
		parse->current->damaged = true;
}

/*
 * The first one counts where several keys share a position, as the hooks do. But one of the
 * command line's counts more: what only root's file may say is judged by it.
 */
static void note_pos(struct profile_pos *to, struct profile_pos pos)
{
	if (!to->line || pos.option)
		*to = pos;
}

static int read_key(struct parse *parse, const struct reader_event *event)
{
	const struct profile_key *k = profile_key_find(parse->current->row->name, event->name);
	struct profile_setting s = { .key = k,
				     .text = event->value,
				     .length = event->value_length,
				     .event = event,
				     .pos = event->value_pos,
				     .errors = parse->errors,
				     .record = parse_record(parse, parse->current) };
	struct parse_given *given;
	int rc;

	if (!k) {
		unknown_key(parse, event);
		return 0;
	}
	given = parse_given(parse->current, k->name);
	if (is_surplus(parse, event, k, given)) {
		given->count++;
		return 0;
	}
	if (!given->count++) {
		given->key = event->pos;
		given->value = event->value_pos;
	}
	rc = profile_setting_apply(&s);
	given->wrong |= rc != 0;
	if (rc)
		return rc == -EINVAL ? 0 : rc;
	if (k->pos_offset)
		note_pos((struct profile_pos *)((char *)s.record + k->pos_offset), s.pos);
	check_support(parse, &s);
	return 0;
}

/* ---- -o SECTION.KEY=VALUE --------------------------------------------------------------- */

/* The parts of one; the texts are cut out of @copy. */
struct option {
	const char *text; /* the whole */
	char *copy;
	char *section, *key, *value;
	uint64_t number; /* of several sections of a kind, from 1; 0: not given */
};

static struct profile_pos option_pos(const struct option *o, const char *at)
{
	size_t offset = at ? (size_t)(at - o->copy) : 0;

	return (struct profile_pos){ 1, (unsigned int)utf8_count(o->text, offset) + 1, o->text };
}

static bool is_plain(const char *text)
{
	size_t size = strlen(text), length;

	for (size_t i = 0; i < size; i += length) {
		uint32_t c;

		length = utf8_decode(text + i, size - i, &c);
		if (!length || utf8_is_control(c))
			return false;
	}
	return true;
}

/* "disk[2]" into its parts; false when it is something else. */
static bool take_number(struct option *o)
{
	char *bracket = strchr(o->section, '[');
	const char *p = bracket ? bracket + 1 : NULL;

	if (!bracket)
		return true;
	*bracket = '\0';
	return value_digits(&p, &o->number) && o->number && !strcmp(p, "]");
}

static bool split_option(struct option *o)
{
	char *equals = strchr(o->copy, '='), *dot, *end;

	if (!equals || !is_plain(o->text))
		return false;
	o->value = equals + 1 + strspn(equals + 1, " ");
	for (end = equals; end > o->copy && end[-1] == ' ';)
		end--;
	*equals = *end = '\0';
	dot = strchr(o->copy, '.');
	if (!dot)
		return false;
	*dot = '\0';
	o->section = o->copy;
	o->key = dot + 1;
	return *o->section && *o->key && take_number(o);
}

static void wrong_number(struct parse *parse, const struct option *o, size_t count)
{
	char hint[TEXT_MESSAGE], last[TEXT_SHORT] = "";

	if (count > 1)
		(void)snprintf(last, sizeof(last), " to %s[%zu].%s", o->section, count, o->key);
	(void)snprintf(hint, sizeof(hint), "write %s[1].%s%s, in the order of the file", o->section,
		       o->key, last);
	if (o->number)
		profile_errors_add(parse->errors, option_pos(o, o->section), count ? hint : NULL,
				   "there is no [%s] number %" PRIu64 ": the profile has %zu", o->section,
				   o->number, count);
	else
		profile_errors_add(parse->errors, option_pos(o, o->section), hint,
				   "which [%s]? The profile has %zu", o->section, count);
}

/*
 * The section that is meant becomes the current one. One that the file does not have is begun,
 * as if its heading stood at the end.
 */
static int find_section(struct parse *parse, const struct option *o)
{
	const struct reader_event heading = { .kind = READER_SECTION,
					      .name = o->section,
					      .pos = option_pos(o, o->section) };
	struct parse_section *meant = NULL;
	size_t count = 0;

	parse->current = NULL;
	for (struct parse_section *s = NULL; (s = parse_next(parse, o->section, s));)
		if (!s->surplus && (++count == o->number || !o->number))
			meant = s;
	if (!count && o->number <= 1)
		return begin_section(parse, &heading);
	if (o->number ? !meant : count > 1)
		wrong_number(parse, o, count);
	else
		parse->current = meant;
	return 0;
}

/* What the file said of a key that cannot be repeated is forgotten; one that can gets one more. */
static void forget_key(const struct parse *parse, const struct profile_key *k)
{
	struct parse_given *given = parse_given(parse->current, k->name);
	char *record = parse_record(parse, parse->current);

	if (k->repeatable || !given->count)
		return;
	profile_key_release(k, record);
	if (k->pos_offset)
		memset(record + k->pos_offset, 0, sizeof(struct profile_pos));
	*given = (struct parse_given){ 0 };
}

static int set_key(struct parse *parse, const struct option *o)
{
	struct profile_pos pos = option_pos(o, o->value);
	const struct reader_event line = { .kind = READER_KEY,
					   .name = o->key,
					   .pos = option_pos(o, o->key),
					   .value = o->value,
					   .value_length = strlen(o->value),
					   .value_pos = pos,
					   .line_start = o->text,
					   .raw_value = o->text + (o->value - o->copy) };
	const struct profile_key *k = profile_key_find(parse->current->row->name, o->key);

	if (k)
		forget_key(parse, k);
	return read_key(parse, &line);
}

/**
 * parse_option() - one SECTION.KEY=VALUE of the command line, after the lines of the file
 * @option:	borrowed as long as the profile lives: positions point to it
 *
 * Return: 0, also with errors recorded, or -ENOMEM
 */
int parse_option(struct parse *parse, const char *option)
{
	struct option o = { .text = option, .copy = strdup(option) };
	int rc = 0;

	if (!o.copy)
		return -ENOMEM;
	if (split_option(&o)) {
		rc = find_section(parse, &o);
		if (!rc && parse->current)
			rc = set_key(parse, &o);
	} else {
		profile_errors_add(parse->errors, option_pos(&o, NULL),
				   "as in vm.memory=8G, or disk[2].readonly=yes for the second [disk]",
				   "expected SECTION.KEY=VALUE");
	}
	free(o.copy);
	return rc;
}

/**
 * parse_lines() - read the whole text into parse->profile, recording what is wrong
 *
 * Return: 0, also with errors recorded, or -ENOMEM
 */
int parse_lines(struct parse *parse, const char *text, size_t size)
{
	struct reader reader;
	struct reader_event event;
	int rc = reader_init(&reader, text, size, parse->errors);

	while (!rc && reader_next(&reader, &event)) {
		if (event.kind == READER_SECTION)
			rc = begin_section(parse, &event);
		else if (parse->current && event.kind == READER_BROKEN)
			note_broken(parse, &event);
		else if (parse->current)
			rc = read_key(parse, &event);
		else if (!parse->any_heading && event.kind == READER_KEY) {
			parse->any_heading = true; /* once is enough */
			profile_errors_add(parse->errors, event.pos,
					   "put the heading of its section, such as [vm], above it",
					   "\"%s\" stands before the first section", event.name);
		}
	}
	reader_fini(&reader);
	return rc;
}
