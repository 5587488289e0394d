/* SPDX-License-Identifier: GPL-2.0-or-later */
/* profile.c - profile_parse() and profile_free(): defaults, what is required, order of errors */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/foreign.h"
#include "profiles/parse.h"
#include "profiles/message-text.h"
#include "profiles/values.h"

static const struct profile_pos nowhere;

static char *elements(const struct profile *p, const struct profile_section *row)
{
	char *array;

	memcpy(&array, (const char *)p + row->array, sizeof(array));
	return array;
}

/** parse_element_count() - where @p counts the elements of a repeatable section */
size_t *parse_element_count(struct profile *p, const struct profile_section *row)
{
	return (size_t *)((char *)p + row->count);
}

/** parse_record() - the struct that the keys of @section are stored in */
void *parse_record(const struct parse *parse, const struct parse_section *section)
{
	const struct profile_section *row = section->row;

	return row->element ? elements(parse->profile, row) + section->index * row->element :
			      (char *)parse->profile;
}

/**
 * parse_next() - the sections of one name, in the order of the file
 * @after:	NULL for the first; then the one returned before
 *
 * Return: NULL when there is no more
 */
struct parse_section *parse_next(const struct parse *parse, const char *name,
				 const struct parse_section *after)
{
	size_t i = after ? (size_t)(after - parse->section) + 1 : 0;

	for (; i < parse->count; i++)
		if (!parse->section[i].surplus && !strcmp(parse->section[i].row->name, name))
			return &parse->section[i];
	return NULL;
}

/** parse_given() - what is known about a key of @section; the key must exist */
struct parse_given *parse_given(struct parse_section *section, const char *key)
{
	return &section->given[profile_key_find(section->row->name, key) -
			       profile_section_keys(section->row)];
}

/**
 * parse_defaults() - the defaults of a section, read as if they had been written
 * @record:	the struct that its keys are stored in
 *
 * Return: 0 or -ENOMEM
 */
int parse_defaults(const struct parse *parse, const struct profile_section *row, void *record)
{
	for (const struct profile_key *k = profile_section_keys(row);
	     k->section && !strcmp(k->section, row->name); k++) {
		struct profile_setting s = { .key = k,
					     .text = k->default_value,
					     .errors = parse->errors,
					     .record = record };
		int rc;

		if (!k->default_value)
			continue;
		s.length = strlen(s.text);
		rc = profile_setting_apply(&s);
		if (rc)
			return rc;
	}
	return 0;
}

/* Sections and keys that must be there. */
static void check_required(struct parse *parse)
{
	char hint[TEXT_MESSAGE];

	for (const struct profile_section *row = profile_sections; row->name; row++)
		if (row->required && !parse->lost_required && !parse_next(parse, row->name, NULL))
			profile_errors_add(parse->errors, nowhere,
					   "a profile has at least \"[vm]\" and \"memory = 16G\" in it",
					   "there is no [%s] section", row->name);
	for (const struct profile_key *k = profile_keys; k->section; k++) {
		struct parse_section *s = NULL;

		(void)snprintf(hint, sizeof(hint), "add a line such as \"%s = %s\"", k->name,
			       k->example ? k->example : "");
		while (k->required && (s = parse_next(parse, k->section, s)))
			if (!parse_given(s, k->name)->count && !parse_given(s, k->name)->meant &&
			    !s->damaged)
				profile_errors_add(parse->errors, s->pos, hint,
						   "this [%s] has no \"%s\", which is required", k->section,
						   k->name);
	}
}

/* The VM is named like the file unless the profile names it. */
static int default_name(struct parse *parse, const char *name)
{
	struct profile_errors unused = { 0 };
	struct parse_section *vm = parse_next(parse, "vm", NULL);
	struct profile_setting s = { .key = profile_key_find("vm", "name"),
				     .text = name ? name : "",
				     .errors = &unused,
				     .record = parse->profile };
	char found[TEXT_SHORT];
	int rc;

	if (!vm || parse_given(vm, "name")->count)
		return 0;
	s.length = strlen(s.text);
	rc = profile_setting_apply(&s);
	profile_errors_fini(&unused);
	if (rc != -EINVAL)
		return rc;
	profile_errors_add(parse->errors, vm->pos, "add a line such as \"name = win10\" to [vm]",
			   "the file's name, %s, cannot be the VM's name: expected %s",
			   text_found(s.text, found), s.key->expected);
	return 0;
}

static int read_profile(struct parse *parse, const char *text, size_t size, const char *name)
{
	int rc = 0;

	for (const struct profile_section *row = profile_sections; !rc && row->name; row++)
		if (!row->element)
			rc = parse_defaults(parse, row, parse->profile);
	if (!rc)
		rc = parse_lines(parse, text, size);
	for (size_t i = 0; i < parse->option_count && !rc; i++)
		rc = parse_option(parse, parse->option[i]);
	if (!rc)
		rc = default_name(parse, name);
	if (rc)
		return rc;
	check_required(parse);
	check_rules(parse);
	check_twice(parse);
	if (parse->profile->looking_glass_device && !parse->profile->looking_glass_pos.line)
		parse->profile->looking_glass_bytes = 0; /* the device has a size of its own */
	return parse->errors->out_of_memory ? -ENOMEM : parse->errors->count ? -EINVAL : 0;
}

static void told_nul(const char *text, const char *nul, struct profile_errors *errors)
{
	struct profile_pos pos = { .line = 1, .column = 1 };

	for (const char *p = text; p < nul; p++) {
		pos.column = *p == '\n' ? 1 : pos.column + (((unsigned char)*p & 0xc0) != 0x80);
		pos.line += *p == '\n';
	}
	profile_errors_add(errors, pos, "a profile is plain text, saved as UTF-8",
			   "a NUL byte, expected UTF-8 text");
}

/* What is no profile at all is reported once, without looking at its lines. */
static bool is_profile(const char *text, size_t size, struct profile_errors *errors)
{
	size_t read = size > PROFILE_SIZE_MAX ? PROFILE_SIZE_MAX : size;
	const char *nul = memchr(text, '\0', read);

	if (foreign_binary(text, read, errors))
		return false;
	if (size > PROFILE_SIZE_MAX) {
		profile_errors_add(errors, nowhere, "long data belongs into a file of its own",
				   "the file has %zu bytes, expected at most %u", size, PROFILE_SIZE_MAX);
		return false;
	}
	if (nul)
		told_nul(text, nul, errors);
	return !nul && !foreign_text(text, size, errors);
}

static bool is_before(const struct profile_pos *a, const struct profile_pos *b)
{
	if (!a->line || !b->line) /* what stands nowhere comes last */
		return a->line && !b->line;
	if (a->option || b->option) /* options after the file, in their order */
		return !a->option;
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/** profile_errors_sort() - by place; errors of one place stay in the order in which they were found */
void profile_errors_sort(struct profile_errors *errors)
{
	for (size_t i = 1; i < errors->count; i++) {
		struct profile_error e = errors->item[i];
		size_t j = i;

		for (; j && is_before(&e.pos, &errors->item[j - 1].pos); j--)
			errors->item[j] = errors->item[j - 1];
		errors->item[j] = e;
	}
}

/**
 * profile_read_with() - read a profile and what the command line overrides
 * @option:	"SECTION.KEY=VALUE" each, @option_count of them; borrowed as long as the profile
 *		lives
 *
 * A key that can be repeated is given once more, any other replaces what the file has.
 *
 * The rest, and the return: as for profile_read()
 */
int profile_read_with(const char *text, size_t size, const char *default_name_,
		      const char *const *option, size_t option_count, struct profile **out,
		      struct profile_errors *errors)
{
	struct parse parse = { .errors = errors, .option = option, .option_count = option_count };
	int rc;

	*out = NULL;
	if (!is_profile(text, size, errors))
		return errors->out_of_memory ? -ENOMEM : -EINVAL;
	parse.profile = calloc(1, sizeof(*parse.profile));
	if (!parse.profile)
		return -ENOMEM;
	rc = read_profile(&parse, text, size, default_name_);
	profile_errors_sort(errors);
	free(parse.section);
	*out = parse.profile;
	return rc;
}

/**
 * profile_read() - read a profile as far as it can be read
 * @text, @size, @default_name_, @errors:	as for profile_parse()
 * @out:	NULL, or owned by the caller; with -EINVAL it holds what could be read, for
 *		further error messages only
 *
 * Return: as profile_parse()
 */
int profile_read(const char *text, size_t size, const char *default_name_, struct profile **out,
		 struct profile_errors *errors)
{
	return profile_read_with(text, size, default_name_, NULL, 0, out, errors);
}

/**
 * profile_parse() - read a profile
 * @text:		borrowed; need not end with a NUL
 * @size:		bytes of the file; when it is longer than PROFILE_SIZE_MAX, only so many are
 *			there to be looked at
 * @default_name:	the VM's name when the profile gives none; NULL or unfit: that is an error
 * @out:		owned by the caller afterwards, for profile_free(); untouched on error
 * @errors:		zeroed by the caller; receives everything that is wrong, by place
 *
 * Return: 0, -EINVAL with @errors filled, or -ENOMEM
 */
int profile_parse(const char *text, size_t size, const char *default_name_, struct profile **out,
		  struct profile_errors *errors)
{
	struct profile *p = NULL;
	int rc = profile_read(text, size, default_name_, &p, errors);

	if (rc)
		profile_free(p);
	else
		*out = p;
	return rc;
}

static void release_section(struct profile *p, const struct profile_section *row)
{
	size_t count = row->element ? *parse_element_count(p, row) : 1;

	for (const struct profile_key *k = profile_section_keys(row);
	     k->section && !strcmp(k->section, row->name); k++)
		for (size_t i = 0; i < count; i++)
			profile_key_release(k, row->element ? elements(p, row) + i * row->element :
							      (char *)p);
}

static void drop_section(struct profile *p, const char *name)
{
	for (const struct profile_section *row = profile_sections; row->name; row++)
		if (!strcmp(row->name, name)) {
			release_section(p, row);
			if (row->element)
				*parse_element_count(p, row) = 0;
		}
}

/**
 * profile_for_trial() - the same VM for a while, with its devices and nothing but firmware
 * @seconds:	how long it runs at most
 *
 * Nothing of the guest's own is touched: no disk, no TPM, and variables that are the trial's. What
 * the host does for it stays: the session that ends, memory, CPUs, hooks.
 */
void profile_for_trial(struct profile *p, unsigned int seconds)
{
	static const char *const dropped[] = {
		"disk",          "cdrom", "net", "usb",   "input",   "audio",
		"looking-glass", "shm",   "tpm", "share", "display", "program",
	};

	for (size_t i = 0; i < sizeof(dropped) / sizeof(*dropped); i++)
		drop_section(p, dropped[i]);
	p->has_audio = p->has_looking_glass = p->has_tpm = false;
	p->display = PROFILE_DISPLAY_NONE;
	p->video = PROFILE_VIDEO_NONE;
	p->pointer = PROFILE_POINTER_NONE;
	p->guest_agent = false;
	if (!p->firmware_image) {
		free(p->nvram);
		p->nvram = NULL;
	}
	p->trial_s = seconds;
}

/** profile_free() - free a profile and all that it owns; NULL is fine */
void profile_free(struct profile *p)
{
	char *array;

	if (!p)
		return;
	for (const struct profile_section *row = profile_sections; row->name; row++)
		release_section(p, row); /* twice for devices: [gpu] and [pci] share an array */
	for (const struct profile_section *row = profile_sections; row->name; row++) {
		if (!row->element)
			continue;
		array = elements(p, row);
		free(array);
		array = NULL; /* [gpu] and [pci] share one */
		memcpy((char *)p + row->array, &array, sizeof(array));
	}
	free(p);
}
