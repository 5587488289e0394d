/* SPDX-License-Identifier: GPL-2.0-or-later */
/* change-mount.c - how a file system was mounted, in the words of a change */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "launcher/base/change.h"

#ifndef MS_NOSYMFOLLOW /* since Linux 5.10 */
#define MS_NOSYMFOLLOW 256
#endif

/* As mountinfo has them, of the mount and of the file system. Source: mount(2), proc(5). */
static const struct {
	const char *word;
	unsigned long flag;
} words[] = {
	{ "ro", MS_RDONLY },         { "nosuid", MS_NOSUID },
	{ "nodev", MS_NODEV },       { "noexec", MS_NOEXEC },
	{ "noatime", MS_NOATIME },   { "nodiratime", MS_NODIRATIME },
	{ "relatime", MS_RELATIME }, { "nosymfollow", MS_NOSYMFOLLOW },
	{ "sync", MS_SYNCHRONOUS },  { "dirsync", MS_DIRSYNC },
	{ "lazytime", MS_LAZYTIME }, { "rw", 0 },
};

/** change_mount_flag() - an option's flag of mount(2); false: it is the file system's own */
bool change_mount_flag(const char *word, size_t length, unsigned long *flag)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strncmp(words[i].word, word, length) && !words[i].word[length]) {
			*flag |= words[i].flag;
			return true;
		}
	return false;
}

/** change_mount_words() - "ext4 on /dev/disk/by-uuid/1234: nosuid,relatime,private;
 * errors=remount-ro" */
void change_mount_words(const struct change_mount *m, char *buf, size_t size)
{
	char flags[128] = "";
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].flag && (m->flags & words[i].flag))
			used += (size_t)snprintf(flags + used, sizeof(flags) - used, ",%s",
						 words[i].word);
	(void)snprintf(buf, size, "%s on %s: %s%s%s%s%s", m->type, m->source,
		       m->flags & MS_RDONLY ? "" : "rw",
		       m->flags & MS_RDONLY && *flags ? flags + 1 : flags,
		       m->is_private ? ",private" : "", *m->data ? "; " : "", m->data);
}

static bool take_flags(char *list, struct change_mount *out)
{
	char *save = NULL;

	for (char *w = strtok_r(list, ",", &save); w; w = strtok_r(NULL, ",", &save))
		if (!strcmp(w, "private"))
			out->is_private = true;
		else if (!change_mount_flag(w, strlen(w), &out->flags))
			return false;
	return true;
}

/** change_mount_parse() - the same back; false: these are no such words, in the one form they have
 */
bool change_mount_parse(const char *text, struct change_mount *out)
{
	char again[2 * CHANGE_TEXT_MAX], copy[CHANGE_TEXT_MAX], *on, *colon, *data;

	*out = (struct change_mount){ .flags = 0 };
	if (strlen(text) >= sizeof(copy) || !change_is_line(text))
		return false;
	(void)snprintf(copy, sizeof(copy), "%s", text);
	on = strstr(copy, " on /dev/");
	colon = on ? strstr(on, ": ") : NULL;
	data = colon ? strstr(colon, "; ") : NULL;
	if (!colon || strstr(on, ".."))
		return false;
	*on = *colon = '\0';
	if (data)
		*data = '\0';
	(void)snprintf(out->type, sizeof(out->type), "%.31s", copy);
	(void)snprintf(out->source, sizeof(out->source), "%.127s", on + strlen(" on "));
	(void)snprintf(out->data, sizeof(out->data), "%s", data ? data + 2 : "");
	if (!change_is_word(out->type) || !take_flags(colon + 2, out))
		return false;
	change_mount_words(out, again, sizeof(again));
	return !strcmp(again, text);
}
