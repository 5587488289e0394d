/* SPDX-License-Identifier: GPL-2.0-or-later */
/* values.h - reading the value of a key into its field, by the key's type */
#ifndef VFIO_RUN_VALUES_H
#define VFIO_RUN_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profiles/keys.h"
#include "profiles/profile.h"

struct reader_event;

/* A value on its way into @record, the struct that @key->offset counts from. */
struct profile_setting {
	const struct profile_key *key;
	const char *text;
	size_t length;
	const struct reader_event *event; /* NULL: it is a default */
	struct profile_pos pos;		  /* of the value; line 0 for a default */
	struct profile_errors *errors;
	void *record;
};

/* A type of value. Both functions: see profile_setting_apply() and profile_key_release(). */
struct profile_type {
	const char *name;     /* one word, as the manual page calls it */
	const char *expected; /* for messages; NULL: follows from the key's words and range */
	int (*set)(const struct profile_setting *s);
	void (*release)(void *field);
};
extern const struct profile_type profile_types[PROFILE_KEY_TYPE_MAX];

int profile_setting_apply(const struct profile_setting *s) __attribute__((warn_unused_result));
void profile_key_release(const struct profile_key *key, void *record);

/* For the setters. */
int value_wrong(const struct profile_setting *s, size_t offset, const char *hint)
	__attribute__((warn_unused_result));
void *value_field(const struct profile_setting *s);
void *profile_array_add(void *array, size_t *count, size_t element)
	__attribute__((warn_unused_result));
bool value_digits(const char **p, uint64_t *out) __attribute__((warn_unused_result));
bool value_hex(const char **p, unsigned int min, unsigned int max, uint32_t *out)
	__attribute__((warn_unused_result));
int value_take_text(char **field, const char *text) __attribute__((warn_unused_result));
const struct profile_word *value_find_word(const struct profile_setting *s);
int value_wrong_word(const struct profile_setting *s) __attribute__((warn_unused_result));

int value_set_choice(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_number(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_duration(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_kvmfr(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_latency(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_resolution(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_size(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_hugepages(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_node(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_rebar(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_text(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_texts(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_path(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_paths(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_smbios(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_emulator(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_rom(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_unload(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_cpus(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_device(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_id(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_shown_id(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_usb(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_listen(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_mac(const struct profile_setting *s) __attribute__((warn_unused_result));
int value_set_forward(const struct profile_setting *s) __attribute__((warn_unused_result));
void value_release_text(void *field);
void value_release_texts(void *field);
void value_release_device(void *field);
void value_release_cpus(void *field);

#endif /* VFIO_RUN_VALUES_H */
