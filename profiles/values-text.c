/* SPDX-License-Identifier: GPL-2.0-or-later */
/* values-text.c - values that are texts: names, paths, arguments */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/others.h"
#include "profiles/message-text.h"
#include "profiles/utf8.h"
#include "profiles/values.h"

/* The offset of the first byte that the key's text cannot have; its length when all are good. */
static size_t good_length(const struct profile_key *key, const char *text, size_t length)
{
	if (key->also && !strcmp(key->also, "*"))
		return length;
	for (size_t i = 0; i < length; i++) {
		const char *also = i || !key->first ? key->also : key->first;
		unsigned char c = (unsigned char)text[i];

		if (c < 0x80 && isalnum(c))
			continue;
		if (key->also ? !strchr(also, c) : c <= ' ' || c > '~')
			return i;
	}
	return length;
}

static int too_long(const struct profile_setting *s)
{
	char hint[TEXT_MESSAGE];

	(void)snprintf(hint, sizeof(hint), "it has %zu bytes, at most %zu are possible", s->length,
		       (size_t)s->key->max);
	return value_wrong(s, 0, hint);
}

static int wrong_character(const struct profile_setting *s, size_t offset)
{
	char hint[TEXT_SHORT];
	uint32_t c;

	(void)snprintf(hint, sizeof(hint), "\"%.*s\" cannot stand here",
		       (int)utf8_decode(s->text + offset, s->length - offset, &c), s->text + offset);
	return value_wrong(s, offset, s->key->hint ? NULL : hint);
}

static int check_text(const struct profile_setting *s)
{
	size_t good = good_length(s->key, s->text, s->length);

	if (good < s->length)
		return wrong_character(s, good);
	if (s->length < s->key->min)
		return value_wrong(s, 0, NULL);
	if (s->length > s->key->max)
		return too_long(s);
	return 0;
}

/** value_set_text() - a text of the characters that its key allows */
int value_set_text(const struct profile_setting *s)
{
	int rc = s->key->words && !value_find_word(s) ? value_wrong_word(s) : check_text(s);

	return rc ? rc : value_take_text(value_field(s), s->text);
}

static int add_text(struct profile_texts *texts, const char *text, struct profile_pos pos)
{
	struct profile_text *item = profile_array_add(&texts->item, &texts->count, sizeof(*item));

	if (!item)
		return -ENOMEM;
	item->pos = pos;
	item->text = strdup(text);
	if (!item->text) {
		texts->count--; /* its text may never be NULL */
		return -ENOMEM;
	}
	return 0;
}

/** value_set_texts() - one more text of a key that can be repeated */
int value_set_texts(const struct profile_setting *s)
{
	int rc = check_text(s);

	return rc ? rc : add_text(value_field(s), s->text, s->pos);
}

/* C:\VMs\a.vhdx, and \\server\share */
static bool is_of_windows(const char *text)
{
	return (isalpha((unsigned char)text[0]) && text[1] == ':' && (text[2] == '\\' || text[2] == '/')) ||
	       !strncmp(text, "\\\\", 2);
}

/* local-lvm:vm-100-disk-0, local:iso/win11.iso */
static bool is_of_proxmox(const char *text)
{
	size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return name > 1 && text[name] == ':' && text[name + 1];
}

static int wrong_path(const struct profile_setting *s)
{
	const char *text = s->text;

	if (!*text)
		return value_wrong(s, 0, "write the path out, or remove the line");
	if (*text == '~')
		return value_wrong(s, 0, "\"~\" is not expanded: write the path out, such as /home/alice/...");
	if (is_of_windows(text))
		return value_wrong(s, 0, "this is a path on Windows: write where this machine has the file");
	if (!strncmp(text, "file:///", 8))
		return value_wrong(s, 0, "leave \"file://\" out: a path is no URL");
	if (strstr(text, "://"))
		return value_wrong(s, 0, "nothing is fetched: download it, and write where it lies");
	if (is_of_proxmox(text))
		return value_wrong(s, 0, "a volume of Proxmox's: `pvesm path VOLUME` prints its path");
	return value_wrong(s, 0, "a relative path depends on where vfio-run is started: write it out");
}

static int check_path(const struct profile_setting *s)
{
	if (s->text[0] != '/')
		return wrong_path(s);
	return s->length > s->key->max ? too_long(s) : 0;
}

/** value_set_path() - an absolute path */
int value_set_path(const struct profile_setting *s)
{
	int rc = check_path(s);

	return rc ? rc : value_take_text(value_field(s), s->text);
}

/* QEMU separates the files of one -acpitable by colons, and knows no escape. */
static int check_colon(const struct profile_setting *s)
{
	const char *colon = strchr(s->text, ':');

	return colon ? value_wrong(s, (size_t)(colon - s->text),
				   "QEMU takes no path with a colon in it here: rename the file")
		     : 0;
}

/** value_set_paths() - one more absolute path, without a colon, of a key that can be repeated */
int value_set_paths(const struct profile_setting *s)
{
	int rc = check_path(s);

	if (!rc)
		rc = check_colon(s);
	return rc ? rc : add_text(value_field(s), s->text, s->pos);
}

/* Fields by which QEMU would read a file that the jail does not hold. */
static const char *smbios_file(const char *text)
{
	const char *field = strstr(text, ",path=");

	return field ? field : strstr(text, ",file=");
}

/**
 * value_set_smbios() - one more text for -smbios: "type=NUMBER", fields behind commas
 *
 * Source: QEMU's qemu-options.hx; the fields of each type are QEMU's to check.
 */
int value_set_smbios(const struct profile_setting *s)
{
	const char *p = s->text, *file = smbios_file(s->text);
	uint64_t type;
	int rc = check_text(s);

	if (rc)
		return rc;
	if (!strncmp(p, "file=", 5))
		return value_wrong(s, 0, "write the fields out: a file is not read here");
	if (strncmp(p, "type=", 5))
		return value_wrong(s, 0, NULL);
	p += 5;
	if (!value_digits(&p, &type) || type > 127 || (*p && *p != ','))
		return value_wrong(s, 5, "types go from 0 to 127; 1 is the system, 2 the board");
	if (file)
		return value_wrong(s, (size_t)(file + 1 - s->text),
				   "write the text out: a file is not read here");
	return add_text(value_field(s), s->text, s->pos);
}

/** value_set_emulator() - a file name, or an absolute path */
int value_set_emulator(const struct profile_setting *s)
{
	static const struct profile_key name = { .also = "_.-", .first = "_" };
	size_t good;

	if (strchr(s->text, '/') || s->text[0] == '~' || s->text[0] == '$')
		return value_set_path(s);
	good = good_length(&name, s->text, s->length);
	if (good < s->length || !s->length || s->length > 255)
		return value_wrong(s, good < s->length ? good : 0,
				   "arguments for QEMU stand in [qemu], one \"argument = \" each");
	return value_take_text(value_field(s), s->text);
}

/** value_set_rom() - "off", or an absolute path */
int value_set_rom(const struct profile_setting *s)
{
	struct profile_device *device = s->record;

	device->rom_off = false;
	if (!value_find_word(s))
		return other_value_find(s->key, s->text) ? value_wrong_word(s) : value_set_path(s);
	device->rom_off = true;
	return 0;
}

/** value_set_unload() - "auto", "no", or names of modules with commas between */
int value_set_unload(const struct profile_setting *s)
{
	static const struct profile_key name = { .also = "_-", .first = "" };
	const struct profile_word *w = value_find_word(s);
	struct profile *p = s->record;

	p->unload_modules = w ? (enum profile_unload)w->value : PROFILE_UNLOAD_LIST;
	for (size_t at = 0, length; !w && at <= s->length; at += length + 1) {
		char module[65];

		length = strcspn(s->text + at, ",");
		if (!length || length > s->key->max ||
		    good_length(&name, s->text + at, length) < length)
			return value_wrong(s, at, NULL);
		(void)snprintf(module, sizeof(module), "%.*s", (int)length, s->text + at);
		for (char *c = module; *c; c++)
			*c = *c == '-' ? '_' : *c; /* as the kernel has it */
		if (add_text(&p->unload_list, module, s->pos))
			return -ENOMEM;
	}
	return 0;
}

/** value_release_text() - free a text; the field is NULL again */
void value_release_text(void *field)
{
	char **text = field;

	free(*text);
	*text = NULL;
}

/** value_release_texts() - free a struct profile_texts */
void value_release_texts(void *field)
{
	struct profile_texts *texts = field;

	for (size_t i = 0; i < texts->count; i++)
		free(texts->item[i].text);
	free(texts->item);
	*texts = (struct profile_texts){ 0 };
}
