/* SPDX-License-Identifier: GPL-2.0-or-later */
/* values.c - the types of values: reading one into its field, freeing it */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/suggest.h"
#include "profiles/others.h"
#include "profiles/reader.h"
#include "profiles/message-text.h"
#include "profiles/values.h"

/** value_field() - the field that the value is for */
void *value_field(const struct profile_setting *s)
{
	return (char *)s->record + s->key->offset;
}

/**
 * value_wrong() - record that a value is not what its key expects
 * @offset:	the byte of the value at which it goes wrong
 * @hint:	NULL: none
 *
 * Return: -EINVAL
 */
int value_wrong(const struct profile_setting *s, size_t offset, const char *hint)
{
	char expected[TEXT_MESSAGE], found[TEXT_SHORT] = "\"\"";

	if (hint && !strncmp(hint, "did you", 7))
		; /* it was understood */
	else if (s->text[0] == '\'')
		hint = "only double quotes quote a value";
	else if (s->text[0] == '[')
		hint = s->key->repeatable ? "write a line for each"
					  : "a value has no brackets around it";
	else if (strchr(s->text, '$') && s->key->type != PROFILE_KEY_TEXTS)
		hint = "variables are not expanded: write the value out";

	if (s->length)
		(void)text_found(s->text, found);
	profile_errors_add(s->errors, s->event ? reader_value_pos(s->event, offset) : s->pos,
			   hint ? hint : s->key->hint,
			   "\"%s\": expected %s, found %s", s->key->name,
			   profile_key_expected(s->key, expected, sizeof(expected)), found);
	return -EINVAL;
}

/** value_digits() - read a decimal number at *@p; one that is too large becomes UINT64_MAX */
bool value_digits(const char **p, uint64_t *out)
{
	const char *start = *p;
	uint64_t value = 0;

	for (; isdigit((unsigned char)**p); (*p)++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(**p - '0'), &value))
			value = UINT64_MAX / 10 + 1; /* overflows at the next digit, too */
	*out = value;
	return *p != start;
}

/** value_hex() - read @min to @max hexadecimal digits at *@p */
bool value_hex(const char **p, unsigned int min, unsigned int max, uint32_t *out)
{
	unsigned int n = 0;

	for (*out = 0; n < max && isxdigit((unsigned char)**p); n++, (*p)++) {
		int c = tolower((unsigned char)**p);

		*out = *out << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return n >= min;
}

/** value_take_text() - put a copy into *@field and free what was there (a default) */
int value_take_text(char **field, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

/**
 * profile_array_add() - room for one more element at the end
 * @array:	the address of the array's pointer, of whatever type
 * @count:	grows by one
 * @element:	bytes of an element
 *
 * Return: the new element, zeroed; NULL without memory
 */
void *profile_array_add(void *array, size_t *count, size_t element)
{
	char *items, *bigger;

	memcpy(&items, array, sizeof(items));
	if (!(*count & (*count - 1))) { /* full: 0, 1, 2, 4, 8 ... elements */
		bigger = reallocarray(items, *count ? *count * 2 : 1, element);
		if (!bigger)
			return NULL; /* the old ones stay the profile's, to be freed with it */
		items = bigger;
		memcpy(array, &items, sizeof(items));
	}
	return memset(items + element * (*count)++, 0, element);
}

/** value_find_word() - the value's row among the words of its key, NULL when it is none of them */
const struct profile_word *value_find_word(const struct profile_setting *s)
{
	for (const struct profile_word *w = s->key->words; w && w->word; w++)
		if (!strcmp(w->word, s->text))
			return w;
	return NULL;
}

/** value_wrong_word() - value_wrong(), with the word of the key that is meant as its hint */
int value_wrong_word(const struct profile_setting *s)
{
	struct suggestion near = { .word = s->text };
	const char *meant = other_value_find(s->key, s->text);
	char hint[TEXT_MESSAGE];

	for (const struct profile_word *w = s->key->words; w && w->word; w++)
		suggestion_offer(&near, w->word);
	meant = meant ? meant : near.best;
	if (meant)
		(void)snprintf(hint, sizeof(hint), "did you mean \"%s\"?%s", meant,
			       profile_key_supports(s->key, meant)
				       ? ""
				       : " It is not supported yet: remove the line");
	return value_wrong(s, 0, meant ? hint : NULL);
}

/** value_set_choice() - one of the words of the key, into an enum */
int value_set_choice(const struct profile_setting *s)
{
	const struct profile_word *w = value_find_word(s);
	unsigned int value;

	if (!w)
		return value_wrong_word(s);
	value = (unsigned int)w->value;
	memcpy(value_field(s), &value, sizeof(value)); /* into an enum of any type */
	return 0;
}

static int set_yes_no(const struct profile_setting *s)
{
	if (strcmp(s->text, "yes") != 0 && strcmp(s->text, "no") != 0)
		return value_wrong_word(s);
	*(bool *)value_field(s) = s->text[0] == 'y';
	return 0;
}

static int set_mark(const struct profile_setting *s)
{
	return value_find_word(s) ? 0 : value_wrong_word(s);
}

static int set_format(const struct profile_setting *s)
{
	struct profile_disk *disk = s->record;
	int rc = value_set_choice(s);

	if (!rc)
		disk->format_given = true;
	return rc;
}

/* clang-format off */
const struct profile_type profile_types[PROFILE_KEY_TYPE_MAX] = {
	[PROFILE_KEY_TEXT]	= { "text", NULL, value_set_text, value_release_text },
	[PROFILE_KEY_TEXTS]	= { "text", NULL, value_set_texts, value_release_texts },
	[PROFILE_KEY_PATH]	= { "path", NULL, value_set_path, value_release_text },
	[PROFILE_KEY_PATHS]	= { "path", NULL, value_set_paths, value_release_texts },
	[PROFILE_KEY_SMBIOS]	= { "text", NULL, value_set_smbios, value_release_texts },
	[PROFILE_KEY_CHOICE]	= { "word", NULL, value_set_choice, NULL },
	[PROFILE_KEY_YES_NO]	= { "yes or no", "yes or no", set_yes_no, NULL },
	[PROFILE_KEY_NUMBER]	= { "number", NULL, value_set_number, NULL },
	[PROFILE_KEY_SIZE]	= { "size", NULL, value_set_size, NULL },
	[PROFILE_KEY_RESOLUTION] = { "resolution", "width and height in pixels such as 2560x1440, each up to 16384",
				    value_set_resolution, NULL },
	[PROFILE_KEY_DURATION]	= { "seconds", NULL, value_set_duration, NULL },
	[PROFILE_KEY_LATENCY]	= { "milliseconds", NULL, value_set_latency, NULL },
	[PROFILE_KEY_CPUS]	= { "CPU list", "CPUs such as 4-7,12-15, none twice, each from 0 to 8191",
				    value_set_cpus, value_release_cpus },
	[PROFILE_KEY_DEVICE]	= { "device", "a PCI address such as 0000:01:00.0, or "
				    "vendor:device such as 10de:2486",
				    value_set_device, value_release_device },
	[PROFILE_KEY_ID]	= { "ids", "vendor:device such as 10de:2486", value_set_id, NULL },
	[PROFILE_KEY_SHOWN_ID]	= { "ids", "vendor:device such as 10de:1f91", value_set_shown_id, NULL },
	[PROFILE_KEY_USB]	= { "USB device", "vendor:product such as 046d:c52b, or "
				    "bus-port such as 1-2.3", value_set_usb, value_release_text },
	[PROFILE_KEY_LISTEN]	= { "address:port", "a port of this machine's loopback, 127.0.0.1:PORT or [::1]:PORT",
				    value_set_listen, value_release_text },
	[PROFILE_KEY_MAC]	= { "MAC address", "a MAC address such as 52:54:00:12:34:56 whose "
				    "first byte is even", value_set_mac, NULL },
	[PROFILE_KEY_FORWARD]	= { "port forward", "tcp or udp and two ports from 1 to 65535, the "
				    "host's and the guest's, such as tcp:2222:22",
				    value_set_forward, value_release_text },
	[PROFILE_KEY_KVMFR]	= { "path", "a device of the module kvmfr, /dev/kvmfr and a number",
				    value_set_kvmfr, value_release_text },
	[PROFILE_KEY_HUGEPAGES]	= { "word", NULL, value_set_hugepages, NULL },
	[PROFILE_KEY_NODE]	= { "number", NULL, value_set_node, NULL },
	[PROFILE_KEY_EMULATOR]	= { "program", NULL, value_set_emulator, value_release_text },
	[PROFILE_KEY_ROM]	= { "path or off", NULL, value_set_rom, value_release_text },
	[PROFILE_KEY_REBAR]	= { "word or size", NULL, value_set_rebar, NULL },
	[PROFILE_KEY_FORMAT]	= { "word", NULL, set_format, NULL },
	[PROFILE_KEY_UNLOAD]	= { "word or list", NULL, value_set_unload, value_release_texts },
	[PROFILE_KEY_MARK]	= { "word", NULL, set_mark, NULL },
};
/* clang-format on */

/**
 * profile_setting_apply() - read a value into its field
 *
 * Return: 0; -EINVAL when the value is wrong, which is recorded then; -ENOMEM
 */
int profile_setting_apply(const struct profile_setting *s)
{
	return profile_types[s->key->type].set(s);
}

/** profile_key_release() - free what the field of @key in @record owns; may be called twice */
void profile_key_release(const struct profile_key *key, void *record)
{
	if (profile_types[key->type].release)
		profile_types[key->type].release((char *)record + key->offset);
}
