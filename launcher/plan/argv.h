/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * argv.h - builds an argument vector, JSON where QEMU takes JSON
 *
 * Errors stick: the emitters go on without a look, and argv_finish() returns the
 * first. A value given as JSON is one string to QEMU, whatever commas, quotes or
 * newlines it holds; that is why paths are given in no other way.
 */
#ifndef VFIO_RUN_PLAN_ARGV_H
#define VFIO_RUN_PLAN_ARGV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/base/cleanup.h"

struct json_object;

struct argv {
	char **item;
	size_t count, room;
	int error; /* 0, or the first -errno */
};

void argv_add(struct argv *a, const char *text);
void argv_option(struct argv *a, const char *option, const char *format, ...) printf_like(3, 4);
void argv_json(struct argv *a, const char *option, struct json_object *object);
int argv_finish(struct argv *a, char ***out) must_check;
void argv_fini(struct argv *a);
void argv_free(char **vector);
char *argv_double_commas(const char *text);

/* Builders of an object; NULL is passed through, and is an error in argv_json(). */
struct json_object *argv_object(const char *key, const char *value);
void put_text(struct argv *a, struct json_object *o, const char *key, const char *value);
void put_format(struct argv *a, struct json_object *o, const char *key, const char *format, ...)
	printf_like(4, 5);
void put_number(struct argv *a, struct json_object *o, const char *key, uint64_t value);
void put_bool(struct argv *a, struct json_object *o, const char *key, bool value);
void put_object(struct argv *a, struct json_object *o, const char *key, struct json_object *value);

#endif /* VFIO_RUN_PLAN_ARGV_H */
