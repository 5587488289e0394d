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

/* ("a" "b"): each of them. */
static void take_list(struct import *m, const struct line *l,
		      void (*take)(struct import *, const struct line *, const char *))
{
	char *save = NULL;

	for (char *w = strtok_r(l->value, "()\"' \t", &save); w; w = strtok_r(NULL, "()\"' \t", &save))
		take(m, l, w);
}

static void take_forward(struct import *m, const struct line *l, const char *ports)
{
	int host = (int)strcspn(ports, ":");

	if (ports[host])
		import_add(m, import_one(m, "net"), "forward", "tcp:%.*s:%s", host, ports, ports + host + 1);
	else
		import_note(m, l->number, "the forward %s is not carried over", ports);
}

static void take_usb(struct import *m, const struct line *l, const char *id)
{
	(void)l;
	import_set(m, import_new(m, "usb"), "device", "%s", id);
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

static void take_boot(struct import *m, const struct line *l, const char *v)
{
	struct import_section *vm = import_one(m, "vm");

	if (!strcmp(l->key, "secureboot") && !strcmp(v, "on"))
		import_set(m, vm, "firmware", "uefi-secure");
	else if (!strcmp(l->key, "boot") && !strcmp(v, "legacy"))
		import_set(m, vm, "firmware", "bios");
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
	(void)l;
	import_add(m, import_one(m, "net"), "forward", "tcp:%s:22", v);
}

static void take_arguments(struct import *m, const struct line *l, const char *v)
{
	import_argument_text(m, v, l->number);
}

static void take_nothing(struct import *m, const struct line *l, const char *v)
{
	(void)m, (void)l, (void)v;
}

static const struct {
	const char *name;
	const char *section, *key; /* the value is that of a key; else: */
	void (*take)(struct import *m, const struct line *l, const char *v);
	bool list; /* of each of ("a" "b") */
} rows[] = {
	{ "ram", "vm", "memory", NULL, false },
	{ "cpu_cores", "vm", "cpus", NULL, false },
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
	/* of a disk that is there */
	{ "disk_size", NULL, NULL, take_nothing, false },
	{ "preallocation", NULL, NULL, take_nothing, false },
};

static void take_quickemu(struct import *m, struct line *l, const char *folder)
{
	if (!strcmp(l->key, "disk_img")) {
		set_image(m, l, import_one(m, "disk"), unquoted(l->value), folder);
		return;
	}
	if (!strcmp(l->key, "iso") || !strcmp(l->key, "fixed_iso")) {
		set_image(m, l, import_new(m, "cdrom"), unquoted(l->value), folder);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(l->key, rows[i].name) != 0)
			continue;
		if (rows[i].key)
			import_set(m, import_one(m, rows[i].section), rows[i].key, "%s", unquoted(l->value));
		else if (rows[i].list)
			take_list(m, l, rows[i].take);
		else
			rows[i].take(m, l, unquoted(l->value));
		return;
	}
	import_note(m, l->number, "%s=%s is not carried over", l->key, unquoted(l->value));
}

/** import_quickemu() - read a .conf of quickemu's; @text is cut up. @folder: where it lies; NULL: not known */
int import_quickemu(struct import *m, char *text, const char *folder)
{
	struct import_section *vm = import_one(m, "vm");
	struct line l = { .number = 0 };

	import_set(m, import_one(m, "net"), "mode", "user");
	while (lines_next(&text, '=', &l))
		take_quickemu(m, &l, folder);
	if (!import_has(vm, "memory")) {
		import_set(m, vm, "memory", "4G");
		import_note(m, 0, "quickemu takes as much memory and as many processors as it finds fit: here they are 4G and 2");
	}
	return 0;
}
