/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quirks.c - which rows of what is known apply to a device of this machine
 *
 * The rows stand in quirks-table.inc. Those of the administrator's file come before them:
 *
 *	NAME WORD=VALUE... : SENTENCE
 *	-NAME			takes a row of the table out
 *
 * The words are driver, ids (with commas between), kernel, version, if, reset and unload; what they
 * mean is said in quirks.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/change.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/devices/quirks.h"
#include "launcher/host/devices/vendor-reset.h"
#include "launcher/host/small-file.h"
#include "launcher/host/trusted.h"

static const struct quirk table[] = {
#define QUIRK(...) { __VA_ARGS__ },
#include "launcher/host/devices/quirks-table.inc"
#undef QUIRK
};

/* ---- versions, ids -------------------------------------------------------------------------- */

/**
 * quirk_parse_version() - "6.12.23-amd64" is 6, 12, 23
 *
 * Return: false when it does not begin with a number
 */
bool quirk_parse_version(const char *text, struct quirk_version *out)
{
	*out = (struct quirk_version){ .count = 0 };
	while (out->count < QUIRK_NUMBERS && *text >= '0' && *text <= '9') {
		char *end;
		unsigned long n = strtoul(text, &end, 10);

		out->number[out->count++] = n > 100000 ? 100000 : (unsigned int)n;
		text = end + (*end == '.');
		if (*end != '.')
			break;
	}
	return out->count > 0;
}

/** quirk_parse_range() - "6.14.2", "6.0..6.4", "..589", "595.."; false: it is none of these */
bool quirk_parse_range(const char *text, struct quirk_range *out)
{
	const char *dots = strstr(text, "..");
	char from[32];

	*out = (struct quirk_range){ .from.count = 0 };
	if (strspn(text, "0123456789.") != strlen(text) || strlen(text) >= sizeof(from))
		return false;
	if (!dots) {
		out->to = out->from;
		return quirk_parse_version(text, &out->from) && quirk_parse_version(text, &out->to);
	}
	(void)snprintf(from, sizeof(from), "%.*s", (int)(dots - text), text);
	return (!*from || quirk_parse_version(from, &out->from)) &&
	       (!dots[2] || quirk_parse_version(dots + 2, &out->to)) && (*from || dots[2]);
}

/* By as many numbers as the limit has. */
static int compare(const struct quirk_version *version, const struct quirk_version *limit)
{
	for (unsigned int i = 0; i < limit->count; i++)
		if (version->number[i] != limit->number[i])
			return version->number[i] < limit->number[i] ? -1 : 1;
	return 0;
}

/** quirk_is_in() - is a version within a range? One that is not known is in none. */
bool quirk_is_in(const struct quirk_range *range, const char *version)
{
	struct quirk_version v;

	return quirk_parse_version(version, &v) && compare(&v, &range->from) >= 0 &&
	       compare(&v, &range->to) <= 0;
}

/* "1002:744c", "1002:74*": @length bytes of it */
static bool is_id(const char *text, size_t length)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++)
		if (i == 4           ? text[i] != ':'
		    : text[i] == '*' ? i < 5 || i + 1 != length
				     : !strchr(digits, text[i]))
			return false;
	return length > 5 && length <= 9 && (length == 9 || text[length - 1] == '*');
}

/** quirk_ids_valid() - are these ids, with blanks or commas between? */
bool quirk_ids_valid(const char *ids)
{
	size_t n = strcspn(ids, " ,");

	while (is_id(ids, n)) {
		if (!ids[n])
			return true;
		ids += n + 1;
		n = strcspn(ids, " ,");
	}
	return false;
}

/** quirk_ids_match() - is a device one of them? */
bool quirk_ids_match(const char *ids, uint16_t vendor, uint16_t device)
{
	char own[10];

	(void)snprintf(own, sizeof(own), "%04x:%04x", vendor, device);
	while (*ids) {
		size_t n = strcspn(ids, " ,"), compared = n && ids[n - 1] == '*' ? n - 1 : n;

		if (n && !strncmp(ids, own, compared) && (compared < n || n == strlen(own)))
			return true;
		ids += n + (ids[n] != '\0');
	}
	return false;
}

/* ---- the administrator's file --------------------------------------------------------------- */

static const struct {
	const char *word;
	size_t field;
} words[] = {
	{ "driver", offsetof(struct quirk, driver) },
	{ "ids", offsetof(struct quirk, ids) },
	{ "kernel", offsetof(struct quirk, kernel) },
	{ "version", offsetof(struct quirk, version) },
	{ "if", offsetof(struct quirk, condition) },
	{ "unload", offsetof(struct quirk, unload) },
	{ "reset", offsetof(struct quirk, reset) },
};

#define EXPECTED_ROW \
	"a name, words such as driver=amdgpu, a colon by itself, and a sentence; or -NAME"
#define EXPECTED_WORD "one of driver=, ids=, kernel=, version=, if=, reset=, unload="

static bool is_condition(const char *text)
{
	static const char *const whole[] = { "boot_vga", "virtual" };

	text += *text == '!';
	for (size_t i = 0; i < ARRAY_SIZE(whole); i++)
		if (!strcmp(text, whole[i]))
			return true;
	if (!strncmp(text, "module:", 7) || !strncmp(text, "class:", 6))
		return change_is_word(strchr(text, ':') + 1);
	return !strncmp(text, "parameter:", 10) && strchr(text, '/') && !strstr(text, "..");
}

static const char *wrong(const struct quirk *q)
{
	struct quirk_range range;

	if ((q->kernel && !quirk_parse_range(q->kernel, &range)) ||
	    (q->version && !quirk_parse_range(q->version, &range)))
		return "a version or a range of versions: 6.14.2, 6.0..6.4, 595..";
	if (q->ids && !quirk_ids_valid(q->ids))
		return "ids with commas between: 1002:744c,1002:74*";
	if (q->condition && !is_condition(q->condition))
		return "if= with boot_vga, virtual, module:NAME, class:NAME or parameter:MODULE/NAME, a ! before it for not";
	if (q->unload && strcmp(q->unload, "yes") != 0)
		return "unload=yes, or no such word";
	if (q->reset && !change_is_word(q->reset))
		return "the name of a reset method";
	return NULL;
}

/* Return: NULL; else what was expected */
static const char *set_word(struct quirk *q, char *word)
{
	char *value = strchr(word, '=');

	if (!value || !value[1])
		return EXPECTED_WORD;
	*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(word, words[i].word)) {
			memcpy((char *)q + words[i].field, &value, sizeof(value));
			return NULL;
		}
	return EXPECTED_WORD;
}

/* Return: NULL; else what was expected */
static const char *parse_row(char *line, struct quirk *out)
{
	char *save = NULL, *word = strtok_r(line, " \t\r", &save);
	const char *error = NULL;

	*out = (struct quirk){ .name = word };
	if (!word || (*word == '-' ? !change_is_word(word + 1) : !change_is_word(word)))
		return EXPECTED_ROW;
	if (*word == '-')
		return strtok_r(NULL, " \t\r", &save) ? EXPECTED_ROW : NULL;
	while ((word = strtok_r(NULL, " \t\r", &save)) && strcmp(word, ":") != 0 && !error)
		error = set_word(out, word);
	if (error)
		return error;
	if (!word || !save || !save[strspn(save, " \t\r")] || !change_is_line(save))
		return EXPECTED_ROW;
	out->text = save + strspn(save, " \t\r");
	return wrong(out);
}

static int append(struct quirks *q, const struct quirk *row)
{
	struct quirk *bigger = reallocarray(q->item, q->count + 1, sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	q->item = bigger;
	q->item[q->count++] = *row;
	return 0;
}

static int parse_file(struct quirks *q)
{
	char *rest = q->text, *line;
	unsigned int number = 0;
	int r = 0;

	while (!r && (line = host_next_line(&rest))) {
		struct quirk row;
		const char *error;

		number++;
		line += strspn(line, " \t\r");
		if (!*line || *line == '#')
			continue;
		error = parse_row(line, &row);
		if (error && !q->error) {
			q->error = error;
			q->line = number;
		}
		if (!error)
			r = append(q, &row);
	}
	return r;
}

/* Of another machine, in its files; of this one only what nobody but root can have written. */
static int read_file(struct host *h, struct quirks *q)
{
	struct trusted_error error = { .what = NULL };
	cleanup_close int fd = -1;
	int r = host_is_live(h) ? trusted_open(QUIRKS_FILE, 0, &fd, &error) : 0;

	if (!r)
		r = host_text(host_root_fd(h), &QUIRKS_FILE[1], &q->text);
	if (r == -ENOMEM)
		return r;
	if (r && r != -ENOENT && (r != -EACCES || !geteuid()))
		q->error =
			r == -EPERM
				? "a file that only root can change, like the directories above it"
				: "a file that can be read";
	return r ? 0 : parse_file(q);
}

static bool is_replaced(const struct quirks *q, size_t own, const char *name)
{
	for (size_t i = 0; i < own; i++)
		if (!strcmp(q->item[i].name + (*q->item[i].name == '-'), name))
			return true;
	return false;
}

/**
 * host_quirks() - the rows of the file, then those of the table that it leaves
 * @out:	filled; host_quirks_fini() in any case
 *
 * A file that cannot be used, or a line of it, is told in @out->error: the other rows are there.
 *
 * Return: 0 or -ENOMEM
 */
int host_quirks(struct host *h, struct quirks *out)
{
	size_t own;
	int r;

	*out = (struct quirks){ .item = NULL };
	r = read_file(h, out);
	own = out->count;
	for (size_t i = 0; i < ARRAY_SIZE(table) && !r; i++)
		if (!is_replaced(out, own, table[i].name))
			r = append(out, &table[i]);
	return r;
}

/** host_quirks_fini() - free the rows */
void host_quirks_fini(struct quirks *q)
{
	free(q->item);
	free(q->text);
	*q = (struct quirks){ .item = NULL };
}

/* ---- does a row apply? ----------------------------------------------------------------------- */

static bool class_exists(struct host *h, const char *class)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "sys/class/%.64s", class);
	return sysfs_exists(host_root_fd(h), path);
}

static bool parameter_is_on(struct host *h, const char *text)
{
	const char *slash = strchr(text, '/');
	char path[160], value[16] = "";

	(void)snprintf(path, sizeof(path), "sys/module/%.*s/parameters/%s", (int)(slash - text),
		       text, slash + 1);
	return sysfs_read(host_root_fd(h), path, value, sizeof(value)) > 0 &&
	       (*value == 'Y' || *value == '1');
}

static bool holds(struct host *h, const char *condition, const struct host_device *d)
{
	bool wanted = *condition != '!', is;

	condition += !wanted;
	if (!strcmp(condition, "boot_vga"))
		is = d->boot_vga;
	else if (!strcmp(condition, "virtual"))
		is = d->sriov_numvfs > 0;
	else if (!strncmp(condition, "module:", 7))
		is = host_module_loaded(h, condition + 7);
	else if (!strncmp(condition, "class:", 6))
		is = class_exists(h, condition + 6);
	else
		is = parameter_is_on(h, condition + 10);
	return is == wanted;
}

static bool version_fits(struct host *h, const char *range_text, const char *path)
{
	struct quirk_range range;
	char version[96] = "";

	return quirk_parse_range(range_text, &range) &&
	       sysfs_read(host_root_fd(h), path, version, sizeof(version)) > 0 &&
	       quirk_is_in(&range, version);
}

/* A row without ids is one of graphics cards. */
static bool is_of(const struct quirk *q, const struct host_device *d)
{
	if (q->driver && strcmp(q->driver, d->driver) != 0)
		return false;
	return q->ids ? quirk_ids_match(q->ids, d->vendor, d->device) : host_device_is_display(d);
}

/** host_quirk_applies() - is a row about this device, on this machine? */
bool host_quirk_applies(struct host *h, const struct quirk *q, const struct host_device *d)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "sys/module/%s/version", d->module);
	return *q->name != '-' && is_of(q, d) &&
	       (!q->kernel || version_fits(h, q->kernel, "proc/sys/kernel/osrelease")) &&
	       (!q->version || (*d->module && version_fits(h, q->version, path))) &&
	       (!q->condition || holds(h, q->condition, d));
}

/**
 * host_quirk_reset() - the reset method that a device has to have, where the kernel would take
 * another
 * @buf:	receives it; "" none
 *
 * Return: @buf
 */
const char *host_quirk_reset(struct host *h, const struct host_device *d, char *buf, size_t size)
{
	struct quirks q;
	int r = host_quirks(h, &q);

	*buf = '\0';
	for (size_t i = 0; !r && i < q.count && !*buf; i++)
		if (q.item[i].reset && host_quirk_applies(h, &q.item[i], d))
			(void)snprintf(buf, size, "%s", q.item[i].reset);
	host_quirks_fini(&q);
	return buf;
}

/** host_quirk_unloads() - has what uses this device's driver to be unloaded before it lets go? */
bool host_quirk_unloads(struct host *h, const struct host_device *d)
{
	bool unloads = false;
	struct quirks q;
	int r = host_quirks(h, &q);

	for (size_t i = 0; !r && i < q.count; i++)
		unloads |= q.item[i].unload && host_quirk_applies(h, &q.item[i], d);
	host_quirks_fini(&q);
	return unloads;
}
