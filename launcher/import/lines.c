/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines.c - formats of a line a setting, and the one of quickemu's .conf
 *
 * It is shell in name: assignments are read, nothing of it is executed or expanded. Sources:
 * quickemu(1), quickemu_conf(5).
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/import/lines.h"

/** lines_next() - cuts the next `KEY @sign VALUE` off; false: no more. Comments and empty lines are passed over */
bool lines_next(char **rest, char sign, struct line *l)
{
	while (**rest) {
		char *line = *rest, *end = line + strcspn(line, "\n"), *at;

		*rest = *end ? end + 1 : end;
		*end = '\0';
		l->number++;
		while (isspace((unsigned char)*line))
			line++;
		while (end > line && isspace((unsigned char)end[-1]))
			*--end = '\0';
		at = strchr(line, sign);
		if (*line == '#' || !at)
			continue;
		*at++ = '\0';
		while (*at == ' ')
			at++;
		l->key = line;
		l->value = at;
		return true;
	}
	return false;
}

/** lines_is_one_of() - is it a word of the list, whose end is NULL? */
bool lines_is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

/* "a" and 'a' are a; a comment may follow. */
static char *unquoted(char *value)
{
	bool quoted = *value == '"' || *value == '\'';
	char *end = quoted ? strchr(value + 1, *value) : strstr(value, " #");

	if (end)
		*end = '\0';
	return value + (end && quoted);
}

/* Relative paths start in the .conf's own folder. */
static void set_image(struct import *m, const struct line *l, struct import_section *s, const char *path, const char *folder)
{
	if (*path == '/' || !folder)
		import_set(m, s, "path", "%s", path);
	else
		import_set(m, s, "path", "%s/%s", folder, path);
	if (*path != '/' && !folder)
		import_note(m, l->number, "%s: the path is relative to quickemu's folder: write it from / on", path);
}

typedef void take_value(struct import *m, const struct line *l, const char *v);

static bool is_known(struct import *m, const struct line *l, const char *value)
{
	if (!strpbrk(value, "$`"))
		return true;
	import_note(m, l->number, "%s=%s: not known without running it: write what it is", l->key, value);
	return false;
}

/* Cuts the next element off @text, which it moves on. Return: NULL: no more in this line; *@closed: in none behind it */
static char *next_element(char **text, bool *closed)
{
	char *p = *text + strspn(*text, " \t\r"), *begin = p, quote;

	*closed = *p == ')';
	if (!*p || *p == '#' || *p == ')')
		return NULL;
	quote = *p == '"' || *p == '\'' ? *p : '\0';
	begin += quote != '\0';
	p = begin + (quote ? strcspn(begin, quote == '"' ? "\"" : "'") : strcspn(begin, " \t\r)"));
	*closed = !quote && *p == ')';
	*text = p + (*p && !*closed);
	*p = '\0';
	return begin;
}

/* ("a" "b"): each of them, up to the ), which may be in a later line; one that is not in brackets is alone. */
static void take_list(struct import *m, struct line *l, char **rest, take_value *take)
{
	bool closed = *l->value != '(';
	char *text = l->value + !closed, *element;

	if (closed) {
		element = unquoted(text);
		if (*element && is_known(m, l, element))
			take(m, l, element);
		return;
	}
	for (;;) {
		while ((element = next_element(&text, &closed))) {
			if (*element && is_known(m, l, element))
				take(m, l, element);
			if (closed)
				return;
		}
		if (closed)
			return;
		if (!**rest)
			break;
		text = *rest;
		*rest += strcspn(*rest, "\n");
		if (**rest)
			*(*rest)++ = '\0';
		l->number++;
	}
	import_note(m, l->number, "the list %s has no end", l->key);
}

static void take_forward(struct import *m, const struct line *l, const char *ports)
{
	int host = (int)strcspn(ports, ":");

	cleanup_free char *from = strndup(ports, (size_t)host);

	m->failed |= !from;
	if (from && ports[host])
		import_forward(m, import_one(m, "net"), l->number, "tcp", from, ports + host + 1);
	else
		import_note(m, l->number, "the forward %s is not carried over", ports);
}

static void take_usb(struct import *m, const struct line *l, const char *id)
{
	unsigned long long vendor, product;
	cleanup_free char *text = strdup(id);
	char *colon = text ? strchr(text, ':') : NULL;

	m->failed |= !text;
	if (colon)
		*colon = '\0';
	if (colon && import_number(text, 16, 0xffff, &vendor) && import_number(colon + 1, 16, 0xffff, &product))
		import_set(m, import_new(m, "usb"), "device", "%04llx:%04llx", vendor, product);
	else
		import_note(m, l->number, "a USB device is not carried over: %s is none's id", id);
}

static void take_display(struct import *m, const struct line *l, const char *v)
{
	static const char *const same[] = { "sdl", "gtk", "spice", "none", NULL };

	if (lines_is_one_of(v, same))
		import_set(m, import_one(m, "display"), "type", "%s", v);
	else if (!strcmp(v, "spice-app"))
		import_set(m, import_one(m, "display"), "type", "spice");
	else
		import_note(m, l->number, "a display of the kind %s: what is fit is taken", v);
}

static void take_network(struct import *m, const struct line *l, const char *v)
{
	struct import_section *s = import_one(m, "net");

	if (!strcmp(v, "none")) {
		import_set(m, s, "mode", "none");
	} else if (!strcmp(v, "restrict")) {
		import_note(m, l->number, "network=restrict: the guest reaches the network here");
	} else {
		import_set(m, s, "mode", "bridge");
		import_set(m, s, "bridge", "%s", v);
	}
}

static void take_public_dir(struct import *m, const struct line *l, const char *v)
{
	struct import_section *s;

	if (!strcmp(v, "none"))
		return;
	s = import_new(m, "share");
	import_set(m, s, "path", "%s", v);
	import_set(m, s, "tag", "Public");
	import_note(m, l->number, "the public folder is by virtiofs now: a Linux guest mounts it with `-t virtiofs Public`");
}

static void take_sound_card(struct import *m, const struct line *l, const char *v)
{
	bool usb = !strncmp(v, "usb", 3), same = !strcmp(v, "ac97") || usb || strstr(v, "hda");

	if (!strcmp(v, "none"))
		return;
	import_set(m, import_one(m, "audio"), "card", "%s", !strcmp(v, "ac97") ? v : usb ? "usb" : "hda");
	if (!same)
		import_note(m, l->number, "a sound card of the kind %s is hda now", v);
}

static void take_guest_os(struct import *m, const struct line *l, const char *v)
{
	if (!strncmp(v, "windows", 7)) {
		import_set(m, import_one(m, "vm"), "hyperv", "yes");
		import_set(m, import_one(m, "vm"), "rtc", "localtime");
	} else if (!strcmp(v, "macos")) {
		import_note(m, l->number, "macOS wants a boot loader on a disk of its own, and `apple-smc`: see the example macos.profile");
	}
}

/* quickemu itself takes "auto" for what it finds fit. */
static void take_ram(struct import *m, const struct line *l, const char *v)
{
	unsigned long long bytes;

	if (import_parse_size(v, 20, &bytes))
		import_size(m, import_one(m, "vm"), "memory", bytes);
	else
		import_note(m, l->number, "ram=%s is no size of the memory", v);
}

static void take_cores(struct import *m, const struct line *l, const char *v)
{
	unsigned long long n;

	if (import_number(v, 10, 4096, &n) && n)
		import_set(m, import_one(m, "vm"), "cpus", "%s", v);
	else
		import_note(m, l->number, "cpu_cores=%s is no number of processors", v);
}

static void take_boot(struct import *m, const struct line *l, const char *v)
{
	struct import_section *vm = import_one(m, "vm");

	bool secure = !strcmp(l->key, "secureboot") && !strcmp(v, "on");
	bool legacy = !strcmp(l->key, "boot") && !strcmp(v, "legacy");

	if (secure ? import_is(vm, "firmware", "bios") : legacy && import_is(vm, "firmware", "uefi-secure"))
		import_note(m, l->number, "Secure Boot is not carried over: boot=legacy starts without UEFI");
	if (legacy)
		import_set(m, vm, "firmware", "bios");
	else if (secure && !import_is(vm, "firmware", "bios"))
		import_set(m, vm, "firmware", "uefi-secure");
	else if (!strcmp(l->key, "boot") && !import_has(vm, "firmware"))
		import_set(m, vm, "firmware", "uefi");
}

static void take_tpm(struct import *m, const struct line *l, const char *v)
{
	(void)l;
	if (!strcmp(v, "on"))
		import_set(m, import_one(m, "tpm"), "version", "2.0");
}

static void take_ssh_port(struct import *m, const struct line *l, const char *v)
{
	import_forward(m, import_one(m, "net"), l->number, "tcp", v, "22");
}

static void take_arguments(struct import *m, const struct line *l, const char *v)
{
	import_argument_text(m, v, l->number);
}

/* It can be told only once: the reader goes on. */
static void take_arch(struct import *m, const struct line *l, const char *v)
{
	if (strcmp(v, "x86_64") != 0 && !m->refused)
		m->refused = import_refuse(m, l->number, "a machine of the kind %s: the guest of an x86-64 host is one of x86_64", v);
}

static void take_nothing(struct import *m, const struct line *l, const char *v)
{
	(void)m, (void)l, (void)v;
}

static const struct {
	const char *name;
	const char *section, *key; /* the value is that of a key; else: */
	take_value *take;
	bool list; /* of each of ("a" "b") */
} rows[] = {
	{ "ram", NULL, NULL, take_ram, false },
	{ "cpu_cores", NULL, NULL, take_cores, false },
	{ "disk_format", "disk", "format", NULL, false },
	{ "boot", NULL, NULL, take_boot, false },
	{ "secureboot", NULL, NULL, take_boot, false },
	{ "tpm", NULL, NULL, take_tpm, false },
	{ "guest_os", NULL, NULL, take_guest_os, false },
	{ "display", NULL, NULL, take_display, false },
	{ "network", NULL, NULL, take_network, false },
	{ "public_dir", NULL, NULL, take_public_dir, false },
	{ "sound_card", NULL, NULL, take_sound_card, false },
	{ "ssh_port", NULL, NULL, take_ssh_port, false },
	{ "extra_args", NULL, NULL, take_arguments, false },
	{ "port_forwards", NULL, NULL, take_forward, true },
	{ "usb_devices", NULL, NULL, take_usb, true },
	{ "arch", NULL, NULL, take_arch, false },
	/* of a disk that is there */
	{ "preallocation", NULL, NULL, take_nothing, false },
};

static void take_quickemu(struct import *m, struct line *l, char **rest, const char *folder)
{
	bool disk = !strcmp(l->key, "disk_img"), cd = !strcmp(l->key, "iso") || !strcmp(l->key, "fixed_iso");
	size_t i = 0;
	char *value;
	bool asks; /* of QEMU's words their own reader sees which are known */

	while (i < ARRAY_SIZE(rows) && strcmp(l->key, rows[i].name))
		i++;
	if (i < ARRAY_SIZE(rows) && rows[i].list) {
		take_list(m, l, rest, rows[i].take);
		return;
	}
	value = unquoted(l->value);
	asks = disk || cd || (i < ARRAY_SIZE(rows) && rows[i].take != take_nothing && rows[i].take != take_arguments);
	if (asks && !is_known(m, l, value))
		return;
	if (disk || cd)
		set_image(m, l, disk ? import_one(m, "disk") : import_new(m, "cdrom"), value, folder);
	else if (i == ARRAY_SIZE(rows))
		import_note(m, l->number, "%s=%s is not carried over", l->key, value);
	else if (rows[i].key)
		import_set(m, import_one(m, rows[i].section), rows[i].key, "%s", value);
	else
		rows[i].take(m, l, value);
}

/** import_quickemu() - read a .conf of quickemu's; @text is cut up. @folder: where it lies; NULL: not known */
int import_quickemu(struct import *m, char *text, const char *folder)
{
	struct import_section *vm = import_one(m, "vm");
	struct line l = { .number = 0 };

	import_set(m, import_one(m, "net"), "mode", "user");
	while (lines_next(&text, '=', &l)) {
		m->at = l.number;
		take_quickemu(m, &l, &text, folder);
	}
	m->at = 0;
	if (!import_has(vm, "memory")) {
		import_set(m, vm, "memory", "4G");
		import_note(m, 0, "quickemu takes as much memory and as many processors as it finds fit: here they are 4G and 2");
	}
	return m->refused ? -EINVAL : 0;
}
