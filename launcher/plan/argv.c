/* SPDX-License-Identifier: GPL-2.0-or-later */
/* argv.c - builds an argument vector, JSON where QEMU takes JSON */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/plan/argv.h"
#include "launcher/plan/json-text.h"

static void fail(struct argv *a, int error)
{
	if (!a->error)
		a->error = error;
}

/* Takes @text, NULL for an allocation that failed. */
static void take(struct argv *a, char *text)
{
	if (a->count + 1 >= a->room) {
		size_t room = a->room ? a->room * 2 : 64;
		char **bigger = reallocarray(a->item, room, sizeof(*bigger));

		if (!bigger) {
			free(text);
			fail(a, -ENOMEM);
			return;
		}
		a->item = bigger;
		a->room = room;
	}
	if (!text) {
		fail(a, -ENOMEM);
		return;
	}
	a->item[a->count++] = text;
	a->item[a->count] = NULL;
}

/** argv_add() - one argument as it stands, copied */
void argv_add(struct argv *a, const char *text)
{
	take(a, strdup(text));
}

/** argv_option() - an option and its value in QEMU's classic form: the caller has doubled commas */
void argv_option(struct argv *a, const char *option, const char *format, ...)
{
	char *value;
	va_list args;
	int n;

	argv_add(a, option);
	va_start(args, format);
	n = vasprintf(&value, format, args);
	va_end(args);
	take(a, n < 0 ? NULL : value);
}

/** argv_json() - an option, if any, and its value @object, which is taken over (NULL: out of
 * memory) */
void argv_json(struct argv *a, const char *option, struct json_object *object)
{
	if (option)
		argv_add(a, option);
	take(a, object ? json_text(object, JSON_ONE_LINE) : NULL);
	(void)json_object_put(object);
}

/**
 * argv_finish() - the vector, when nothing failed
 * @out:	NULL-terminated; freed with argv_free()
 *
 * Return: 0, or the first -errno of all that was added; then @a is emptied
 */
int argv_finish(struct argv *a, char ***out)
{
	if (!a->error && !a->item)
		fail(a, -EINVAL);
	if (a->error) {
		int r = a->error;

		argv_fini(a);
		return r;
	}
	*out = a->item;
	*a = (struct argv){ 0 };
	return 0;
}

/** argv_fini() - free what has been added so far */
void argv_fini(struct argv *a)
{
	argv_free(a->item);
	*a = (struct argv){ 0 };
}

/** argv_free() - free a vector and its strings; NULL is allowed */
void argv_free(char **vector)
{
	for (size_t i = 0; vector && vector[i]; i++)
		free(vector[i]);
	free(vector);
}

/**
 * argv_double_commas() - a value for QEMU's classic form, where a comma ends it
 *
 * Return: a new string, NULL when out of memory
 */
char *argv_double_commas(const char *text)
{
	char *out = malloc(2 * strlen(text) + 1), *o = out;

	if (!out)
		return NULL;
	for (; *text; text++) {
		if (*text == ',')
			*o++ = ',';
		*o++ = *text;
	}
	*o = '\0';
	return out;
}

/** put_object() - add @value, which is taken over (NULL: out of memory) */
void put_object(struct argv *a, struct json_object *o, const char *key, struct json_object *value)
{
	if (!o || !value || json_object_object_add(o, key, value)) {
		(void)json_object_put(value);
		fail(a, -ENOMEM);
	}
}

/** put_text() - add a string */
void put_text(struct argv *a, struct json_object *o, const char *key, const char *value)
{
	put_object(a, o, key, json_object_new_string(value));
}

/** put_format() - add a string made as printf(3) does */
void put_format(struct argv *a, struct json_object *o, const char *key, const char *format, ...)
{
	cleanup_free char *value = NULL;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&value, format, args);
	va_end(args);
	if (n < 0)
		value = NULL;
	put_object(a, o, key, value ? json_object_new_string(value) : NULL);
}

/** put_number() - add an integer below 2^63 */
void put_number(struct argv *a, struct json_object *o, const char *key, uint64_t value)
{
	put_object(a, o, key, json_object_new_int64((int64_t)value));
}

/** put_bool() - add true or false */
void put_bool(struct argv *a, struct json_object *o, const char *key, bool value)
{
	put_object(a, o, key, json_object_new_boolean(value));
}

/**
 * argv_object() - an object with its first member, a string, as "driver" mostly is
 *
 * Return: the object, NULL when out of memory
 */
struct json_object *argv_object(const char *key, const char *value)
{
	struct json_object *o = json_object_new_object();
	struct json_object *first = json_object_new_string(value);

	if (!o || !first || json_object_object_add(o, key, first)) {
		(void)json_object_put(first);
		(void)json_object_put(o);
		return NULL;
	}
	return o;
}
