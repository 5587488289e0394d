/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firmware.c - UEFI for a guest, found through QEMU's firmware descriptors
 *
 * Source: QEMU's docs/interop/firmware.json. A file in /etc replaces one of the same name in
 * /usr/share, an empty one hides it; the names in their order are the order of preference.
 * Directories below a home, which the document has too, are not read: root runs this.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "launcher/host/places.h"
#include "launcher/host/qemu/firmware.h"

#define DESCRIPTOR_MAX 65536 /* bytes; those of distributions are below 2 KiB */
#define DEPTH_MAX 16

static const char *const directories[] = { VFIO_RUN_FIRMWARE_DIRS };

/* A member of an object, of the type that it must have; NULL when it is not there or another. */
static struct json_object *member(struct json_object *o, const char *key, enum json_type type)
{
	struct json_object *value;

	if (!o || !json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

static const char *text(struct json_object *o, const char *key)
{
	struct json_object *value = member(o, key, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

/* Does a list of strings hold this one? */
static bool lists(struct json_object *list, const char *word)
{
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		if (json_object_is_type(item, json_type_string) &&
		    !strcmp(json_object_get_string(item), word))
			return true;
	}
	return false;
}

/* The document's machines are patterns: "pc-q35-*". */
static bool fits_q35(struct json_object *machines)
{
	for (size_t i = 0; machines && i < json_object_array_length(machines); i++) {
		struct json_object *item = json_object_array_get_idx(machines, i);

		if (json_object_is_type(item, json_type_string) &&
		    !fnmatch(json_object_get_string(item), "pc-q35-7.2", 0))
			return true;
	}
	return false;
}

static bool fits_target(struct json_object *descriptor)
{
	struct json_object *targets = member(descriptor, "targets", json_type_array);

	for (size_t i = 0; targets && i < json_object_array_length(targets); i++) {
		struct json_object *t = json_object_array_get_idx(targets, i);
		const char *architecture = text(t, "architecture");

		if (architecture && !strcmp(architecture, "x86_64") &&
		    fits_q35(member(t, "machines", json_type_array)))
			return true;
	}
	return false;
}

/* What is asked of one descriptor after the other. */
struct request {
	int root;
	enum firmware_want want;
	bool keys; /* they must be in it */
};

/* Secure boot needs SMM around it, and at first keys in it; plain UEFI wants neither. */
static bool fits_features(struct json_object *descriptor, const struct request *request)
{
	struct json_object *features = member(descriptor, "features", json_type_array);

	if (request->want == FIRMWARE_SECURE)
		return lists(features, "secure-boot") && lists(features, "requires-smm") &&
		       (lists(features, "enrolled-keys") || !request->keys);
	return !lists(features, "secure-boot") && !lists(features, "requires-smm");
}

static int copy(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return *to ? 0 : from ? -ENOMEM : -ENOENT;
}

static bool is_image(const char *format)
{
	return format && (!strcmp(format, "raw") || !strcmp(format, "qcow2"));
}

/* Return: why a descriptor that fits otherwise cannot be used; NULL: it can */
static const char *unusable(struct json_object *descriptor)
{
	struct json_object *features = member(descriptor, "features", json_type_array);
	struct json_object *mapping = member(descriptor, "mapping", json_type_object);
	struct json_object *code = member(mapping, "executable", json_type_object);
	struct json_object *nvram = member(mapping, "nvram-template", json_type_object);
	const char *device = text(mapping, "device"), *mode = text(mapping, "mode");

	if (lists(features, "host-uefi-vars") || member(mapping, "uefi-vars", json_type_object))
		return "keeps its variables in a JSON file of the device uefi-vars";
	if (!device || strcmp(device, "flash"))
		return "is not made for flash";
	if (mode && !strcmp(mode, "combined"))
		return "has code and variables in one file";
	if (mode && strcmp(mode, "split"))
		return "has no variables";
	if (!is_image(text(code, "format")) || !is_image(text(nvram, "format")))
		return "is neither raw nor qcow2";
	return NULL;
}

/* Code and variables in two files ("split", the default). */
static int take_mapping(struct json_object *descriptor, struct firmware *out)
{
	struct json_object *mapping = member(descriptor, "mapping", json_type_object);
	struct json_object *code = member(mapping, "executable", json_type_object);
	struct json_object *nvram = member(mapping, "nvram-template", json_type_object);
	int r = copy(&out->code, text(code, "filename"));

	if (!r)
		r = copy(&out->code_format, text(code, "format"));
	if (!r)
		r = copy(&out->nvram_template, text(nvram, "filename"));
	if (!r)
		r = copy(&out->nvram_format, text(nvram, "format"));
	return r;
}

/* One that cannot be read is passed over, as is one that fits another purpose. */
static struct json_object *parse(const char *data, size_t size)
{
	struct json_tokener *t = json_tokener_new_ex(DEPTH_MAX);
	struct json_object *o;

	if (!t)
		return NULL;
	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(t, data, (int)size);
	json_tokener_free(t);
	return o;
}

static bool both_exist(int root, const struct firmware *f)
{
	struct stat st;

	return f->code[0] == '/' && f->nvram_template[0] == '/' &&
		!fstatat(root, f->code + 1, &st, 0) &&
		!fstatat(root, f->nvram_template + 1, &st, 0);
}

static void forget(struct firmware *f)
{
	free(f->descriptor);
	free(f->code);
	free(f->code_format);
	free(f->nvram_template);
	free(f->nvram_format);
	*f = (struct firmware){ .passed = f->passed, .why = f->why };
}

/* The first one stays. */
static int pass_over(struct firmware *out, const char *path, const char *why)
{
	forget(out);
	if (out->passed)
		return -ENOENT;
	out->why = why;
	return asprintf(&out->passed, "/%s", path) < 0 ? (out->passed = NULL, -ENOMEM) : -ENOENT;
}

/* Return: of consider(), of one that is for the purpose */
static int judge(const struct request *request, const char *path, struct json_object *o,
		 struct firmware *out)
{
	struct json_object *features = member(o, "features", json_type_array);
	const char *why = unusable(o);
	int r;

	if (why)
		return pass_over(out, path, why);
	r = take_mapping(o, out);
	if (r == -ENOENT || (!r && !both_exist(request->root, out)))
		return pass_over(out, path, "names files that are not there");
	if (!r && asprintf(&out->descriptor, "/%s", path) < 0) {
		out->descriptor = NULL;
		r = -ENOMEM;
	}
	out->no_keys = request->want == FIRMWARE_SECURE && !lists(features, "enrolled-keys");
	return r;
}

/* -ENOENT: not this one. */
static int consider(const struct request *request, const char *path, struct firmware *out)
{
	cleanup_close int fd = openat(request->root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	cleanup_free char *data = malloc(DESCRIPTOR_MAX);
	struct json_object *o;
	ssize_t n;
	int r = -ENOENT;

	if (!data)
		return -ENOMEM;
	n = fd < 0 ? -1 : read(fd, data, DESCRIPTOR_MAX);
	if (n <= 0 || n == DESCRIPTOR_MAX)
		return -ENOENT;
	o = parse(data, (size_t)n);
	if (lists(member(o, "interface-types", json_type_array), "uefi") && fits_target(o) &&
	    fits_features(o, request))
		r = judge(request, path, o, out);
	(void)json_object_put(o);
	return r;
}

struct names {
	char **item;
	size_t count;
};

static int add_name(struct names *names, const char *name)
{
	char **bigger;

	for (size_t i = 0; i < names->count; i++)
		if (!strcmp(names->item[i], name))
			return 0;
	bigger = reallocarray(names->item, names->count + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	names->item = bigger;
	names->item[names->count] = strdup(name);
	return names->item[names->count] ? (names->count++, 0) : -ENOMEM;
}

static int read_names(int root, const char *directory, struct names *names)
{
	int fd = openat(root, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int r = 0;

	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return 0;
	}
	while (!r && (e = readdir(dir)))
		if (!fnmatch("*.json", e->d_name, FNM_PERIOD))
			r = add_name(names, e->d_name);
	return r;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The first directory that has the name decides. */
static int consider_name(const struct request *request, const char *name, struct firmware *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		char path[512];
		struct stat st;

		if ((size_t)snprintf(path, sizeof(path), "%s/%s", directories[i] + 1, name) >=
		    sizeof(path))
			return -ENOENT;
		if (!fstatat(request->root, path, &st, 0))
			return consider(request, path, out);
	}
	return -ENOENT;
}

static int consider_all(const struct request *request, const struct names *names,
			struct firmware *out)
{
	int r = -ENOENT;

	for (size_t i = 0; i < names->count && r == -ENOENT; i++)
		r = consider_name(request, names->item[i], out);
	return r;
}

/**
 * firmware_find() - the preferred UEFI for x86_64, q35, in two flash files
 * @root:	directory that holds etc/ and usr/
 * @want:	with Secure Boot (one with keys, else one without) or without it
 * @out:	overwritten; freed with firmware_fini(), also after an error
 *
 * Return: 0; -ENOENT: none is installed (Debian: ovmf, Fedora: edk2-ovmf); -ENOMEM
 */
int firmware_find(int root, enum firmware_want want, struct firmware *out)
{
	struct request request = { .root = root, .want = want, .keys = true };
	struct names names = { 0 };
	int r = 0;

	*out = (struct firmware){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(directories) && !r; i++)
		r = read_names(root, directories[i] + 1, &names);
	if (!r && names.count)
		qsort(names.item, names.count, sizeof(*names.item), by_text);
	if (!r)
		r = consider_all(&request, &names, out);
	request.keys = false;
	if (r == -ENOENT && want == FIRMWARE_SECURE)
		r = consider_all(&request, &names, out);
	for (size_t i = 0; i < names.count; i++)
		free(names.item[i]);
	free(names.item);
	return r;
}

/** firmware_fini() - free what was found */
void firmware_fini(struct firmware *f)
{
	forget(f);
	free(f->passed);
	*f = (struct firmware){ 0 };
}
