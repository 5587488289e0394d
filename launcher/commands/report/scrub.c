/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scrub.c - what identifies a machine or a person, taken out of a text
 *
 * Two ways: words that this machine is asked for (host, users, homes, serial numbers), wherever
 * they stand as a whole; and forms that are recognised whatever they are of (MAC and IP addresses,
 * UUIDs, machine ids, names below by-id, the home of any user). Rather one word too many than one
 * too few: what is lost is told by its sign.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/commands/report/scrub.h"
#include "launcher/host/small-file.h"

#define WORD_LEAST 3 /* shorter ones stand in other words, and identify nobody */

/* ---- words of this machine ------------------------------------------------------------------- */

/* What makers write where there is none: it stands in many machines. */
static const char *const empty_words[] = { "none",
					   "default string",
					   "to be filled by o.e.m.",
					   "not specified",
					   "system serial number",
					   "not applicable",
					   "unknown",
					   "n/a",
					   "0123456789",
					   "123456789",
					   "localhost",
					   "root" };

static bool says_something(const char *text)
{
	if (strlen(text) < WORD_LEAST || strspn(text, "0 .-") == strlen(text))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(empty_words); i++)
		if (!strcasecmp(empty_words[i], text))
			return false;
	return true;
}

/**
 * scrub_add() - a word that must not be shown
 * @text:	copied, without the blanks around it; one that says nothing is left out
 * @sign:	static
 */
void scrub_add(struct scrub *s, const char *text, const char *sign)
{
	const char *from = text + strspn(text, " \t\n");
	size_t length = strlen(from);
	struct scrub_word *bigger;
	char *copy;

	while (length && isspace((unsigned char)from[length - 1]))
		length--;
	copy = strndup(from, length);
	if (copy && !says_something(copy)) {
		free(copy);
		return;
	}
	bigger = copy ? reallocarray(s->word, s->count + 1, sizeof(*bigger)) : NULL;
	if (!bigger) {
		free(copy);
		s->incomplete = true;
		return;
	}
	s->word = bigger;
	bigger[s->count++] = (struct scrub_word){ copy, sign };
}

static void add_file(struct scrub *s, int root, const char *path, const char *sign)
{
	char text[256];

	if (sysfs_read(root, path, text, sizeof(text)) > 0)
		scrub_add(s, text, sign);
}

/* The same file of each member of a class. */
static void add_files(struct scrub *s, int root, const char *folder, const char *file,
		      const char *sign)
{
	char **name, path[320];
	size_t count;

	if (host_list(root, folder, &name, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(path, sizeof(path), "%s/%.100s/%s", folder, name[i], file);
		add_file(s, root, path, sign);
	}
	host_list_free(name, count);
}

/* The full name too: up to the first comma of the field. */
static void add_user(struct scrub *s, char *line)
{
	char *field[7], *save = line;

	for (size_t i = 0; i < ARRAY_SIZE(field); i++) {
		field[i] = strsep(&save, ":");
		if (!field[i])
			return;
	}
	if (strtoul(field[2], NULL, 10) < 1000 || !strcmp(field[0], "nobody"))
		return;
	scrub_add(s, field[5], "<home>");
	scrub_add(s, field[0], "<user>");
	field[4][strcspn(field[4], ",")] = '\0';
	scrub_add(s, field[4], "<user>");
}

static void add_users(struct scrub *s, int root)
{
	cleanup_free char *text = NULL;
	char *rest, *line;

	if (host_text(root, "etc/passwd", &text))
		return;
	rest = text;
	while ((line = host_next_line(&rest)))
		add_user(s, line);
}

/* The whole name, and its first part. */
static void add_host(struct scrub *s, int root)
{
	static const char *const files[] = { "proc/sys/kernel/hostname", "etc/hostname" };
	char text[256];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (sysfs_read(root, files[i], text, sizeof(text)) <= 0)
			continue;
		scrub_add(s, text, "<host>");
		text[strcspn(text, ".\n")] = '\0';
		scrub_add(s, text, "<host>");
	}
}

/**
 * scrub_machine() - the words of a machine: host, users, homes, serial numbers
 * @root:	of it, or of its captured tree
 */
void scrub_machine(struct scrub *s, int root)
{
	static const char *const dmi[] = {
		"product_serial", "product_uuid",    "board_serial",
		"chassis_serial", "board_asset_tag", "chassis_asset_tag"
	};
	static const struct {
		const char *folder, *file;
	} serials[] = {
		{ "sys/bus/usb/devices", "serial" },
		{ "sys/class/nvme", "serial" },
		{ "sys/block", "wwid" },
		{ "sys/block", "device/wwid" },
		{ "sys/block", "device/serial" },
		{ "sys/block", "serial" },
	};
	char path[96];

	add_host(s, root);
	add_users(s, root);
	add_file(s, root, "etc/machine-id", "<id>");
	for (size_t i = 0; i < ARRAY_SIZE(dmi); i++) {
		(void)snprintf(path, sizeof(path), "sys/class/dmi/id/%s", dmi[i]);
		add_file(s, root, path, "<serial>");
	}
	for (size_t i = 0; i < ARRAY_SIZE(serials); i++)
		add_files(s, root, serials[i].folder, serials[i].file, "<serial>");
}

/* ---- forms -------------------------------------------------------------------------------------
 */

static bool is_wordly(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* How many of these, at most @most */
static size_t span(const char *at, int (*is)(int), size_t most)
{
	size_t n = 0;

	while (n < most && at[n] && is((unsigned char)at[n]))
		n++;
	return n;
}

/* "52:54:00:12:34:56", and with dashes */
static size_t form_mac(const char *at)
{
	char between = span(at, isxdigit, 2) == 2 ? at[2] : '\0';

	if (between != ':' && between != '-')
		return 0;
	for (size_t i = 0; i < 6; i++)
		if (span(at + 3 * i, isxdigit, 2) != 2 || (i < 5 && at[3 * i + 2] != between))
			return 0;
	return isxdigit((unsigned char)at[17]) || at[17] == between ? 0 : 17;
}

static size_t form_uuid(const char *at)
{
	static const size_t parts[] = { 8, 4, 4, 4, 12 };
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (span(at + used, isxdigit, parts[i]) != parts[i])
			return 0;
		used += parts[i];
		if (i + 1 < ARRAY_SIZE(parts) && at[used++] != '-')
			return 0;
	}
	return is_wordly(at[used]) ? 0 : used;
}

/* A machine id, a hash of a disk: as long as these and no longer */
static size_t form_id(const char *at)
{
	size_t n = span(at, isxdigit, 65);

	return (n == 32 || n == 64) && !is_wordly(at[n]) ? n : 0;
}

/* Not those of the loopback and of "any": they identify nobody. */
static size_t form_ipv4(const char *at)
{
	size_t used = 0;

	for (size_t i = 0; i < 4; i++) {
		size_t n = span(at + used, isdigit, 3);

		if (!n || strtoul(at + used, NULL, 10) > 255)
			return 0;
		used += n;
		if (i < 3 && at[used++] != '.')
			return 0;
	}
	if (is_wordly(at[used]) || (at[used] == '.' && isdigit((unsigned char)at[used + 1])))
		return 0;
	return !strncmp(at, "127.", 4) || !strncmp(at, "0.0.0.0", 7) ? 0 : used;
}

static size_t form_ipv6(const char *at)
{
	size_t used = strspn(at, "0123456789abcdefABCDEF:"), colons = 0;
	bool twice = false;

	for (size_t i = 0; i < used; i++) {
		colons += at[i] == ':';
		twice |= i && at[i] == ':' && at[i - 1] == ':';
	}
	if (used < 6 || is_wordly(at[used]) || colons > 7 || (!twice && colons != 7) ||
	    at[used - 1] == ':')
		return 0;
	return used;
}

/* What may stand in a path's part: up to where a text goes on. */
static size_t part_length(const char *at)
{
	return strcspn(at, "/ \t\n\"',;:)`");
}

/* Behind "by-id/" and its like: the part with the maker's serial number */
static size_t form_by_id(const char *text, const char *at)
{
	static const char *const folders[] = { "by-id/", "by-uuid/", "by-partuuid/", "by-label/",
					       "by-partlabel/" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		size_t length = strlen(folders[i]);

		if ((size_t)(at - text) >= length && !strncmp(at - length, folders[i], length))
			return part_length(at);
	}
	return 0;
}

static size_t form_home(const char *text, const char *at)
{
	return at - text >= 6 && !strncmp(at - 6, "/home/", 6) ? part_length(at) : 0;
}

/* "serial=...", "serial: ...", "uuid=..." */
static size_t form_key(const char *text, const char *at)
{
	static const char *const keys[] = { "serial=", "serial: ", "serial = ", "uuid=",
					    "password=" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		size_t length = strlen(keys[i]);

		if ((size_t)(at - text) >= length && !strncasecmp(at - length, keys[i], length))
			return strcspn(at, " \t\n\"',;)`");
	}
	return 0;
}

/* ---- the text ----------------------------------------------------------------------------------
 */

/* Of what begins here: its bytes, and the sign for it; 0: nothing does */
static size_t find_form(const char *text, const char *at, const char **sign)
{
	bool begins = at == text || !is_wordly(at[-1]);
	size_t n;

	*sign = "<id>";
	if ((n = form_by_id(text, at)) || (n = form_key(text, at)))
		return n;
	*sign = "<user>";
	if ((n = form_home(text, at)))
		return n;
	if (!begins)
		return 0;
	*sign = "<mac>";
	if ((at == text || (at[-1] != ':' && at[-1] != '-')) && (n = form_mac(at)))
		return n;
	*sign = "<id>";
	if ((n = form_uuid(at)) || (n = form_id(at)))
		return n;
	*sign = "<ip>";
	if ((at == text || (at[-1] != '.' && at[-1] != '-')) && (n = form_ipv4(at)))
		return n;
	return at == text || at[-1] != ':' ? form_ipv6(at) : 0;
}

/* A word of the machine's, as a whole: not as a part of another */
static size_t find_word(const struct scrub *s, const char *text, const char *at, const char **sign)
{
	for (size_t i = 0; i < s->count; i++) {
		const char *word = s->word[i].text;
		size_t length = strlen(word);

		if (strncasecmp(at, word, length) != 0)
			continue;
		if (at > text && is_wordly(at[-1]) && is_wordly(*word))
			continue;
		if (is_wordly(at[length]) && is_wordly(word[length - 1]))
			continue;
		*sign = s->word[i].sign;
		return length;
	}
	return 0;
}

static int longest_first(const void *a, const void *b)
{
	size_t x = strlen(((const struct scrub_word *)a)->text),
	       y = strlen(((const struct scrub_word *)b)->text);

	return x < y ? 1 : x > y ? -1 : 0;
}

/**
 * scrub_text() - a text without them
 *
 * Return: a copy that the caller frees; NULL without memory, and when a word could not be kept
 */
char *scrub_text(struct scrub *s, const char *text)
{
	char *out = NULL;
	size_t size;
	FILE *to = s->incomplete ? NULL : open_memstream(&out, &size);

	if (!to)
		return NULL;
	if (s->count)
		qsort(s->word, s->count, sizeof(*s->word), longest_first);
	for (const char *at = text; *at;) {
		const char *sign;
		size_t n = find_word(s, text, at, &sign);

		if (!n)
			n = find_form(text, at, &sign);
		if (n)
			(void)fputs(sign, to);
		else
			(void)fputc(*at, to);
		at += n ? n : 1;
	}
	if (!fclose(to))
		return out;
	free(out);
	return NULL;
}

/** scrub_fini() - free the words */
void scrub_fini(struct scrub *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->word[i].text);
	free(s->word);
	*s = (struct scrub){ .count = 0 };
}
