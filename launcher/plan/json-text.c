/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-text.c - JSON as text, the same with every version of the library */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/plan/json-text.h"

struct writer {
	FILE *out;
	enum json_layout layout;
	int depth; /* levels around what is written now */
};

static void write_value(struct writer *w, struct json_object *value);

/* RFC 8259, section 7: what must be escaped, and nothing else. */
static void write_string(const struct writer *w, const char *text, size_t size)
{
	static const char letter[0x20] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'
	};

	(void)putc('"', w->out);
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			(void)fprintf(w->out, "\\%c", c);
		else if (c >= sizeof(letter))
			(void)putc(c, w->out);
		else if (letter[c])
			(void)fprintf(w->out, "\\%c", letter[c]);
		else
			(void)fprintf(w->out, "\\u%04x", c);
	}
	(void)putc('"', w->out);
}

static void write_integer(const struct writer *w, const struct json_object *value)
{
	int64_t number = json_object_get_int64(value);

	if (number < 0)
		(void)fprintf(w->out, "%" PRId64, number);
	else /* get_int64() ends at INT64_MAX */
		(void)fprintf(w->out, "%" PRIu64, json_object_get_uint64(value));
}

static void new_line(const struct writer *w)
{
	if (w->layout == JSON_INDENTED)
		(void)fprintf(w->out, "\n%*s", 2 * w->depth, "");
}

/* A comma before all but the first, and a line of its own. */
static void begin_member(const struct writer *w, bool first)
{
	if (!first)
		(void)putc(',', w->out);
	new_line(w);
}

static void write_array(struct writer *w, const struct json_object *array)
{
	size_t count = json_object_array_length(array);

	(void)putc('[', w->out);
	w->depth++;
	for (size_t i = 0; i < count; i++) {
		begin_member(w, !i);
		write_value(w, json_object_array_get_idx(array, i));
	}
	w->depth--;
	if (count)
		new_line(w);
	(void)putc(']', w->out);
}

static void write_object(struct writer *w, struct json_object *object)
{
	struct json_object_iterator at = json_object_iter_begin(object);
	const struct json_object_iterator end = json_object_iter_end(object);
	bool first = true;

	(void)putc('{', w->out);
	w->depth++;
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *key = json_object_iter_peek_name(&at);

		begin_member(w, first);
		write_string(w, key, strlen(key));
		(void)fputs(w->layout == JSON_INDENTED ? ": " : ":", w->out);
		write_value(w, json_object_iter_peek_value(&at));
		first = false;
	}
	w->depth--;
	if (!first)
		new_line(w);
	(void)putc('}', w->out);
}

static void write_value(struct writer *w, struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_object:
		write_object(w, value);
		break;
	case json_type_array:
		write_array(w, value);
		break;
	case json_type_string:
		write_string(w, json_object_get_string(value),
			     (size_t)json_object_get_string_len(value));
		break;
	case json_type_int:
		write_integer(w, value);
		break;
	case json_type_boolean:
		(void)fputs(json_object_get_boolean(value) ? "true" : "false", w->out);
		break;
	case json_type_null:
	case json_type_double: /* none is made here; how many digits is the library's affair */
		(void)fputs("null", w->out);
		break;
	}
}

/**
 * json_text() - @value and all in it as RFC 8259 has it, in the order it was put together
 * @value:	objects, arrays, strings (UTF-8, passed on as they are), integers, booleans;
 *		NULL is null
 *
 * Return: a new string without a newline at its end; NULL when out of memory
 */
char *json_text(struct json_object *value, enum json_layout layout)
{
	char *text = NULL;
	size_t size = 0;
	struct writer w = { .out = open_memstream(&text, &size), .layout = layout };
	bool failed;

	if (!w.out)
		return NULL;
	write_value(&w, value);
	failed = ferror(w.out);
	if (fclose(w.out) || failed) {
		free(text);
		return NULL;
	}
	return text;
}
