/* SPDX-License-Identifier: GPL-2.0-or-later */
/* values-number.c - values with digits: numbers, sizes, times */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "profiles/message-text.h"
#include "profiles/values.h"

#define LOOKING_GLASS_MAX (UINT64_C(1) << 30) /* as the key `size` has it */

static int wrong_number(const struct profile_setting *s)
{
	static const char *const all[] = { "all", "auto", "max", "host", "*" };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcasecmp(s->text, all[i]))
			return value_wrong(
				s, 0, "a number is needed: `nproc` shows how many the host has");
	return value_wrong(s, 0, NULL);
}

/* "4 cores", and QEMU's "4,threads=2". */
static int wrong_rest(const struct profile_setting *s, const char *p, uint64_t value)
{
	char hint[TEXT_SHORT] = "nothing can follow the number";

	if (*p == ',')
		(void)snprintf(hint, sizeof(hint), "one number; \"threads\" has a line of its own");
	else if (*p == ' ' && isalpha((unsigned char)p[1]) && value <= s->key->max)
		(void)snprintf(hint, sizeof(hint), "did you mean \"%u\"?", (unsigned int)value);
	return value_wrong(s, (size_t)(p - s->text), hint);
}

/** value_set_number() - a decimal number within the range of its key */
int value_set_number(const struct profile_setting *s)
{
	const char *p = s->text;
	uint64_t value;

	if (!value_digits(&p, &value))
		return wrong_number(s);
	if (*p)
		return wrong_rest(s, p, value);
	if (value < s->key->min || value > s->key->max)
		return value_wrong(s, 0, NULL);
	*(unsigned int *)value_field(s) = (unsigned int)value;
	return 0;
}

/* "60", "60 sec" and "2 min" in the one unit that there is. */
static int wrong_duration(const struct profile_setting *s, const char *p, uint64_t value)
{
	size_t offset = (size_t)(p - s->text);
	char hint[TEXT_SHORT] = "the unit is s, for seconds, such as 60s";

	p += strspn(p, " ");
	if (value >= s->key->min && value <= s->key->max && (!*p || !strncasecmp(p, "s", 1)))
		(void)snprintf(hint, sizeof(hint), "did you mean \"%us\"?", (unsigned int)value);
	else if (value && value <= s->key->max / 60 && !strncasecmp(p, "m", 1) &&
		 strncasecmp(p, "ms", 2) != 0)
		(void)snprintf(hint, sizeof(hint), "did you mean \"%us\"?",
			       (unsigned int)value * 60);
	return value_wrong(s, offset, hint);
}

/** value_set_duration() - seconds, with their unit */
int value_set_duration(const struct profile_setting *s)
{
	const char *p = s->text;
	uint64_t value;

	if (!value_digits(&p, &value))
		return value_wrong(s, 0, NULL);
	if (strcmp(p, "s") != 0)
		return wrong_duration(s, p, value);
	if (value < s->key->min || value > s->key->max)
		return value_wrong(s, 0, NULL);
	*(unsigned int *)value_field(s) = (unsigned int)value;
	return 0;
}

/** value_set_latency() - milliseconds, with their unit */
int value_set_latency(const struct profile_setting *s)
{
	const char *p = s->text;
	char hint[TEXT_SHORT] = "the unit is ms, for milliseconds, such as 20ms";
	uint64_t value;

	if (!value_digits(&p, &value))
		return value_wrong(s, 0, NULL);
	if (strcmp(p, "ms") != 0) {
		if (!*p && value >= s->key->min && value <= s->key->max)
			(void)snprintf(hint, sizeof(hint), "did you mean \"%ums\"?",
				       (unsigned int)value);
		return value_wrong(s, (size_t)(p - s->text), hint);
	}
	if (value < s->key->min || value > s->key->max)
		return value_wrong(s, 0, NULL);
	*(unsigned int *)value_field(s) = (unsigned int)value;
	return 0;
}

/* What is behind the digits is no unit: reports it at @p. */
static int wrong_unit(const struct profile_setting *s, const char *p)
{
	size_t digits = strspn(s->text, "0123456789");
	size_t unit = digits + strspn(s->text + digits, " ");
	char hint[TEXT_SHORT] = "the unit is one of K, M, G and T, in powers of 1024";

	if (!*p)
		(void)snprintf(hint, sizeof(hint), "a unit is missing: K, M, G or T");
	else if (p == s->text + digits && (*p == '.' || *p == ','))
		(void)snprintf(hint, sizeof(hint), "write a whole number of the next smaller unit");
	else if (digits < 16 && strchr("KMGTkmgt", s->text[unit]))
		(void)snprintf(hint, sizeof(hint), "did you mean \"%.*s%c\"?", (int)digits, s->text,
			       toupper((unsigned char)s->text[unit]));
	return value_wrong(s, (size_t)(p - s->text), hint);
}

/* A number and its unit, in bytes. */
static int read_size(const struct profile_setting *s, uint64_t *bytes)
{
	static const char unit[] = "KMGT";
	const char *p = s->text, *u;
	uint64_t value;

	if (!value_digits(&p, &value))
		return value_wrong_word(s); /* it has words, too, or none is near */
	u = *p ? strchr(unit, *p) : NULL;
	if (!u)
		return wrong_unit(s, p);
	if (p[1])
		return wrong_unit(s, p + 1);
	if (__builtin_mul_overflow(value, (uint64_t)1 << 10 * (u - unit + 1), bytes) ||
	    *bytes < s->key->min || *bytes > s->key->max)
		return value_wrong(s, 0, NULL);
	return 0;
}

/** value_set_size() - bytes, with the unit K, M, G or T; or a word of the key that stands for some
 */
int value_set_size(const struct profile_setting *s)
{
	const struct profile_word *w = value_find_word(s);
	uint64_t bytes = w ? w->value : 0;
	int rc = w ? 0 : read_size(s, &bytes);

	if (!rc)
		*(uint64_t *)value_field(s) = bytes;
	return rc;
}

/** value_set_resolution() - width and height, as the bytes of shared memory that they take */
int value_set_resolution(const struct profile_setting *s)
{
	const char *p = s->text;
	uint64_t width, height, bytes;

	if (!value_digits(&p, &width))
		return value_wrong(s, 0, NULL);
	if (*p != 'x')
		return value_wrong(s, (size_t)(p - s->text), "an \"x\" stands between them, such as 1920x1080");
	p++;
	if (!value_digits(&p, &height) || *p)
		return value_wrong(s, (size_t)(p - s->text), NULL);
	if (width < s->key->min || width > s->key->max || height < s->key->min ||
	    height > s->key->max)
		return value_wrong(s, 0, NULL);
	bytes = profile_looking_glass_bytes(width, height);
	if (bytes > LOOKING_GLASS_MAX)
		return value_wrong(s, 0, "more than 1G of shared memory would be needed");
	*(uint64_t *)value_field(s) = bytes;
	return 0;
}

/** value_set_hugepages() - a word that stands for a size of pages */
int value_set_hugepages(const struct profile_setting *s)
{
	const struct profile_word *w = value_find_word(s);

	if (!w)
		return value_wrong_word(s);
	*(uint64_t *)value_field(s) = w->value;
	return 0;
}

/** value_set_node() - the number of a NUMA node of the host */
int value_set_node(const struct profile_setting *s)
{
	struct profile *profile = s->record;
	int rc = value_set_number(s);

	if (!rc)
		profile->has_memory_node = true;
	return rc;
}

/** value_set_rebar() - a word, or the size of a BAR */
int value_set_rebar(const struct profile_setting *s)
{
	struct profile_rebar *rebar = value_field(s);
	uint64_t bytes = 0;
	int rc;

	if (value_find_word(s))
		return value_set_choice(s);
	rc = read_size(s, &bytes);
	if (rc)
		return rc;
	if (bytes & (bytes - 1))
		return value_wrong(s, 0, "a BAR's size is a power of two");
	rebar->size = PROFILE_REBAR_SIZE;
	rebar->bytes = bytes;
	return 0;
}
