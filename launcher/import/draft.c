/* SPDX-License-Identifier: GPL-2.0-or-later */
/* draft.c - sections and lines of the profile, and the list of what was not carried over */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/import/import.h"

/** import_new() - one more section of a kind that can be repeated; never NULL */
struct import_section *import_new(struct import *m, const char *name)
{
	if (m->section_count == IMPORT_SECTIONS_MAX) {
		m->failed = true;
		return &m->section[IMPORT_SECTIONS_MAX - 1];
	}
	m->section[m->section_count].name = name;
	return &m->section[m->section_count++];
}

/** import_first() - the first section of a kind; NULL: there is none yet */
struct import_section *import_first(struct import *m, const char *name)
{
	for (size_t i = 0; i < m->section_count; i++)
		if (!strcmp(m->section[i].name, name))
			return &m->section[i];
	return NULL;
}

/** import_one() - the section of a kind of which there is one */
struct import_section *import_one(struct import *m, const char *name)
{
	struct import_section *s = import_first(m, name);

	return s ? s : import_new(m, name);
}

/** import_doubled() - with each comma twice, as values of QEMU's options have it. Return: to be freed; NULL: no memory */
char *import_doubled(const char *text)
{
	char *doubled = malloc(2 * strlen(text) + 1), *to = doubled;

	for (; doubled && *text; text++) {
		*to++ = *text;
		if (*text == ',')
			*to++ = ',';
	}
	if (doubled)
		*to = '\0';
	return doubled;
}

/* Where a profile's reader would take less than the whole value. */
static bool needs_quotes(const char *value)
{
	size_t length = strlen(value);

	if (!length || value[0] == '"' || value[0] == ' ' || value[length - 1] == ' ')
		return true;
	for (size_t i = 0; i < length; i++)
		if ((value[i] == '#' || value[i] == ';') && (!i || value[i - 1] == ' ' || value[i - 1] == '\t'))
			return true;
	return false;
}

/* Return: the bytes of the character at @p, 0: it is no UTF-8, as 0x9b alone, on which a terminal may act */
static size_t decode(const char *p, unsigned int *code)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *c = (const unsigned char *)p;
	size_t n = c[0] < 0x80 ? 1 : c[0] >> 5 == 6 ? 2 : c[0] >> 4 == 14 ? 3 : c[0] >> 3 == 30 ? 4 : 0;

	*code = n == 1 ? c[0] : n ? c[0] & (0x7fu >> n) : 0;
	for (size_t i = 1; i < n; i++) { /* ends at a NUL */
		if (c[i] >> 6 != 2)
			return 0;
		*code = *code << 6 | (c[i] & 0x3f);
	}
	return n && (*code < least[n] || *code > 0x10ffff || *code >> 11 == 0x1b) ? 0 : n;
}

/* Does a terminal act on the character, or does it turn the direction of what follows? */
static bool moves_cursor(unsigned int code)
{
	return code < ' ' || (code >= 0x7f && code <= 0x9f) || code == 0x61c || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/* What comes from the input is one line, and moves no cursor. */
static void put_text(FILE *out, const char *text, size_t length, const char *escaped)
{
	const char *end = text + length;
	unsigned int code;

	for (size_t n; text < end; text += n ? n : 1) {
		n = decode(text, &code);
		if (!n || moves_cursor(code)) {
			(void)fputc('?', out);
			continue;
		}
		if (strchr(escaped, *text))
			(void)fputc('\\', out);
		(void)fwrite(text, 1, n, out);
	}
}

static void put_value(FILE *out, const char *value)
{
	bool quoted = needs_quotes(value);

	if (quoted)
		(void)fputc('"', out);
	put_text(out, value, strlen(value), quoted ? "\"\\" : "");
	if (quoted)
		(void)fputc('"', out);
}

static bool is_line_of(const char *line, const char *key, size_t length)
{
	return !strncmp(line, key, length) && !strncmp(line + length, " = ", 3);
}

/* Takes the lines of @key out. Return: how many there were */
static size_t cut_lines(struct import_section *s, const char *key)
{
	size_t length = strlen(key), count = 0;
	char *to = s->lines;

	if (!import_has(s, key))
		return 0;
	for (char *line = s->lines, *end; *line; line = end) {
		end = line + strcspn(line, "\n") + 1;
		if (is_line_of(line, key, length)) {
			count++;
		} else {
			memmove(to, line, (size_t)(end - line));
			to += end - line;
		}
	}
	*to = '\0';
	s->length = (size_t)(to - s->lines);
	return count;
}

/* ---- which values a key takes -------------------------------------------------------------------- */

static bool is_number(const char *value)
{
	unsigned long long n;

	return import_number(value, 10, 1000000, &n);
}

static bool is_count(const char *value)
{
	return is_number(value) && strtoull(value, NULL, 10);
}

static bool is_cpu_list(const char *value)
{
	return *value && !value[strspn(value, "0123456789,-")];
}

static bool is_mac(const char *value)
{
	for (size_t i = 0; i < 17; i++)
		if (i % 3 == 2 ? value[i] != ':' : !isxdigit((unsigned char)value[i])) /* ends at a NUL */
			return false;
	return !value[17];
}

static bool is_word_of(const char *value, const char *words)
{
	size_t n = strlen(value);

	for (const char *p = words; *p; p += strcspn(p, " "), p += *p == ' ')
		if (n && !strncmp(p, value, n) && (p[n] == ' ' || !p[n]))
			return true;
	return false;
}

/* Keys whose values come from the input as they stand there: what a profile would refuse is told, and left out. */
static const struct {
	const char *key;
	bool (*is)(const char *value); /* NULL: one of the words of @expected */
	const char *expected;
} judged[] = {
	{ "cpus", is_count, "a number of processors" },
	{ "sockets", is_count, "a number" },
	{ "dies", is_count, "a number" },
	{ "threads", is_count, "a number" },
	{ "queues", is_count, "a number" },
	{ "boot-index", is_count, "a number from 1 on" },
	{ "memory-node", is_number, "a number" },
	{ "affinity", is_cpu_list, "CPUs, such as 2-5,8" },
	{ "mac", is_mac, "six bytes in hexadecimal, with colons" },
	{ "format", NULL, "raw qcow2" },
	{ "cache", NULL, "none writeback directsync writethrough unsafe" },
	{ "aio", NULL, "auto native threads io_uring" },
};

/* Return: can the key have it? false: that is told */
static bool judge(struct import *m, const struct import_section *s, const char *key, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(judged); i++) {
		if (strcmp(judged[i].key, key) != 0 ||
		    (judged[i].is ? judged[i].is(value) : is_word_of(value, judged[i].expected)))
			continue;
		import_note(m, m->at, "`%s = %s` of [%s] is not carried over: expected %s%s", key, value, s->name,
			    judged[i].is ? "" : "one of ", judged[i].expected);
		return false;
	}
	return true;
}

static void add_line(struct import *m, struct import_section *s, const char *key, const char *value)
{
	size_t used = s->lines ? s->length : 0, size;
	char *line = NULL, *grown = NULL;
	FILE *out = open_memstream(&line, &size);

	if (out) {
		(void)fprintf(out, "%s = ", key);
		put_value(out, value);
		(void)fputc('\n', out);
		if (!fclose(out))
			grown = realloc(s->lines, used + size + 1);
	}
	if (grown) {
		memcpy(grown + used, line, size + 1);
		s->lines = grown;
		s->length = used + size;
	} else {
		m->failed = true;
	}
	free(line);
}

/** import_add() - a line `key = value` of a key that can be repeated; the value is quoted where it must be */
void import_add(struct import *m, struct import_section *s, const char *key, const char *format, ...)
{
	cleanup_free char *value = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&value, format, args) < 0)
		m->failed = true;
	else if (judge(m, s, key, value))
		add_line(m, s, key, value);
	va_end(args);
}

/** import_set() - a line `key = value` in the place of one that is there: what is said last counts, as for QEMU */
void import_set(struct import *m, struct import_section *s, const char *key, const char *format, ...)
{
	cleanup_free char *value = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&value, format, args) < 0) {
		m->failed = true;
	} else if (judge(m, s, key, value)) {
		(void)cut_lines(s, key);
		add_line(m, s, key, value);
	}
	va_end(args);
}

/** import_has() - has the section a line of that key? */
bool import_has(const struct import_section *s, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = s->lines; line && *line; line += strcspn(line, "\n") + 1)
		if (is_line_of(line, key, length))
			return true;
	return false;
}

/** import_is() - has the section that line? */
bool import_is(const struct import_section *s, const char *key, const char *value)
{
	size_t length = strlen(key), n = strlen(value);

	for (const char *line = s->lines; line && *line; line += strcspn(line, "\n") + 1)
		if (is_line_of(line, key, length) && !strncmp(line + length + 3, value, n) && line[length + 3 + n] == '\n')
			return true;
	return false;
}

/** import_emulator() - who runs the guest; one of the distribution's is found by itself */
void import_emulator(struct import *m, unsigned int line, const char *path)
{
	static const char *const usual[] = { "/usr/bin/qemu-system-x86_64", "/usr/bin/qemu-system-i386", "/usr/bin/kvm",
					     "/bin/qemu-system-x86_64", "/bin/kvm", "/usr/bin/qemu-kvm", "/usr/libexec/qemu-kvm",
					     "/usr/bin/kvm-spice" };

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (!strcmp(usual[i], path))
			return;
	if (*path != '/' || !strncmp(path, "/nix/", 5) || !strncmp(path, "/run/", 5))
		return;
	if (access(path, X_OK)) { /* another machine's */
		import_note(m, line, "the emulator %s is not here: the distribution's is taken", path);
		return;
	}
	import_set(m, import_one(m, "vm"), "qemu", "%s", path);
	import_note(m, line, "%s: an emulator of one's own; outside the system's folders it is taken from a profile of root's only",
		    path);
}

/** import_is_installed() - is a firmware's image the distribution's, which is found through its descriptor? */
bool import_is_installed(const char *path)
{
	/* Where packages put it. On NixOS libvirt's is at a fixed place in /run. */
	static const char *const folders[] = { "/usr/", "/nix/store/", "/gnu/store/", "/run/current-system/",
					       "/run/libvirt/nix-ovmf/" };

	if (!strncmp(path, "/usr/local/", 11)) /* what somebody built */
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (!strncmp(path, folders[i], strlen(folders[i])))
			return true;
	return false;
}

/** import_serial() - a disk's serial number, where a profile can have it */
void import_serial(struct import *m, struct import_section *s, unsigned int line, const char *serial)
{
	size_t length = strlen(serial);

	if (length && length <= 20 &&
	    strspn(serial, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == length)
		import_set(m, s, "serial", "%s", serial);
	else
		import_note(m, line, "the serial number \"%s\" is none that a disk can have here: 20 letters, digits, _ . or -", serial);
}

/** import_note() - what was not carried over, or is not as it was */
void import_note(struct import *m, unsigned int line, const char *format, ...)
{
	struct import_note *grown;
	va_list args;
	int n;

	if (m->note_count == IMPORT_NOTES_MAX) {
		m->unsaid++;
		return;
	}
	grown = realloc(m->note, (m->note_count + 1) * sizeof(*grown));
	if (!grown) {
		m->failed = true;
		return;
	}
	m->note = grown;
	va_start(args, format);
	n = vasprintf(&grown[m->note_count].text, format, args);
	va_end(args);
	grown[m->note_count].line = line;
	if (n < 0)
		m->failed = true;
	else
		m->note_count++;
}

/**
 * import_refuse() - print why no profile is made of it
 *
 * Return: -EINVAL
 */
int import_refuse(const struct import *m, unsigned int line, const char *format, ...)
{
	cleanup_free char *text = NULL, *plain = NULL;
	size_t size;
	FILE *out;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	out = text ? open_memstream(&plain, &size) : NULL;
	if (out) {
		put_text(out, text, strlen(text), "");
		(void)fclose(out);
	}
	if (line)
		log_error("%s: line %u: %s", m->input, line, plain ? plain : "no memory");
	else
		log_error("%s: %s", m->input, plain ? plain : "no memory");
	return -EINVAL;
}

/* The bytes of the next word; what stands in backquotes is to be typed, and stays in one piece. */
static size_t word_length(const char *p)
{
	bool quoted = false;
	size_t n = 0;

	for (; p[n] && (p[n] != ' ' || quoted); n++)
		quoted ^= p[n] == '`' && (quoted || strchr(p + n + 1, '`'));
	return n;
}

/* Lines are broken between words, for 80 columns. */
static void put_note(const struct import_note *n)
{
	int column = n->line ? printf("#   line %u:", n->line) : printf("#  ");

	for (const char *p = n->text; *p;) {
		int length = (int)word_length(p);

		if (column + 1 + length > 80 && column > 6)
			column = printf("\n#    ") - 1;
		column += 1 + length;
		(void)putchar(' ');
		put_text(stdout, p, (size_t)length, "");
		p += length;
		p += *p == ' ';
	}
	(void)putchar('\n');
}

static bool says(const struct import_section *s, const char *line)
{
	return s->lines && strstr(s->lines, line);
}

/* Keys that the profile has for some networks only, and others have for all. */
static void settle_network(struct import *m, struct import_section *s)
{
	bool user = says(s, "mode = user\n");

	size_t n = user ? 0 : cut_lines(s, "forward");

	if (n)
		import_note(m, s->forward, "%zu forwarded port%s not carried over: that takes `mode = user`, and on a bridge the "
			    "guest has an address of its own", n, n == 1 ? " is" : "s are");
	if ((user || says(s, "mode = none\n") || says(s, "model = ")) && cut_lines(s, "queues"))
		import_note(m, 0, "queues of a network need virtio, and a bridge, a tap or a macvtap");
}

/** import_settle() - what was taken line by line is looked at as a whole */
void import_settle(struct import *m)
{
	for (size_t i = 0; i < m->section_count; i++)
		if (!strcmp(m->section[i].name, "net"))
			settle_network(m, &m->section[i]);
}

/* By their lines, as the input is read beside them; those of one line in the order in which they were found. */
static void put_notes(const struct import *m)
{
	unsigned int line = 0;

	for (;;) {
		unsigned int next = UINT_MAX;

		for (size_t i = 0; i < m->note_count; i++) {
			if (m->note[i].line == line)
				put_note(&m->note[i]);
			else if (m->note[i].line > line && m->note[i].line < next)
				next = m->note[i].line;
		}
		if (next == UINT_MAX)
			return;
		line = next;
	}
}

/** import_print() - the profile, with the notes at its head */
void import_print(const struct import *m)
{
	(void)printf("#!/usr/bin/env -S sudo vfio-run\n#\n# Written by `vfio-run import`; every key is described in vfio-run.profile(5).\n");
	if (m->note_count)
		(void)printf("# What is not as it was, or not carried over:\n");
	put_notes(m);
	if (m->unsaid)
		(void)printf("#   %zu more are not named here\n", m->unsaid);
	for (size_t i = 0; i < m->section_count; i++)
		(void)printf("\n[%s]\n%s", m->section[i].name,
			     m->section[i].lines ? m->section[i].lines : "");
}

/** import_fini() - free it */
void import_fini(struct import *m)
{
	for (size_t i = 0; i < m->section_count; i++)
		free(m->section[i].lines);
	for (size_t i = 0; i < m->note_count; i++)
		free(m->note[i].text);
	free(m->note);
}

/**
 * import_number() - a number, and nothing beside it
 * @base:	as strtoull() has it
 *
 * Return: is it one, and no more than @most?
 */
bool import_number(const char *text, int base, unsigned long long most, unsigned long long *out)
{
	char *end;

	*out = 0;
	if (!isxdigit((unsigned char)*text)) /* neither a sign nor a blank */
		return false;
	errno = 0;
	*out = strtoull(text, &end, base);
	return end != text && !*end && !errno && *out <= most;
}

/** import_forward() - a port of the host's that leads into the guest */
void import_forward(struct import *m, struct import_section *s, unsigned int line, const char *protocol, const char *host,
		    const char *guest)
{
	unsigned long long from, to;

	if (import_number(host, 10, 65535, &from) && import_number(guest, 10, 65535, &to) && from && to &&
	    (!strcmp(protocol, "tcp") || !strcmp(protocol, "udp"))) {
		import_add(m, s, "forward", "%s:%llu:%llu", protocol, from, to);
		s->forward = s->forward ? s->forward : line;
	} else {
		import_note(m, line, "the forward %s:%s:%s is not carried over: expected tcp or udp, and two ports", protocol,
			    host, guest);
	}
}

/* Return: by how many bits the unit shifts; -1: there is no such unit */
static int shift_of(char unit)
{
	static const char units[] = "BKMGT";
	const char *at = unit ? strchr(units, unit & ~0x20) : NULL;

	return at && unit >= 'A' ? 10 * (int)(at - units) : -1;
}

/**
 * import_parse_size() - a size as QEMU has it: "8G", "1.5g", "4096"
 * @shift:	of a number without a unit: 20 for MiB
 *
 * Return: is it one, and not 0?
 */
bool import_parse_size(const char *text, unsigned int shift, unsigned long long *bytes)
{
	size_t digits = strspn(text, "0123456789"), more = 0;
	unsigned long long part = 0, whole = 1;
	const char *end = text + digits;
	int unit;

	if (*end == '.') {
		more = strspn(++end, "0123456789");
		for (size_t i = 0; i < more && i < 6; i++, whole *= 10)
			part = part * 10 + (unsigned int)(end[i] - '0');
		end += more;
	}
	if (!digits || digits > 12 || more > 6)
		return false;
	if (*end) {
		unit = shift_of(*end);
		if (unit < 0 || end[1])
			return false;
		shift = (unsigned int)unit;
	}
	*bytes = strtoull(text, NULL, 10);
	if (*bytes >> (60 - shift))
		return false;
	*bytes = (*bytes << shift) + (part << shift) / whole;
	return *bytes != 0;
}

/** import_size() - of @key, in the largest unit that divides it */
void import_size(struct import *m, struct import_section *s, const char *key, unsigned long long bytes)
{
	if (bytes >> 30 && !(bytes & ((1ull << 30) - 1)))
		import_set(m, s, key, "%lluG", bytes >> 30);
	else
		import_set(m, s, key, "%lluM", (bytes + (1 << 20) - 1) >> 20);
}

/* Return: the class of the device at @address on this machine, such as 0x030000; 0: it has none there */
static unsigned int class_of(const char *address)
{
	char path[128];
	cleanup_fclose FILE *f = NULL;
	unsigned int class_id = 0;

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/class", address);
	f = fopen(path, "re");
	return f && fscanf(f, "%x", &class_id) == 1 ? class_id : 0;
}

/** import_is_card() - is there a display at @address on this machine? false: no, or not here */
bool import_is_card(const char *address)
{
	return class_of(address) >> 16 == 3;
}

/** import_is_other() - is there something on this machine at @address which is no display? */
bool import_is_other(const char *address)
{
	return class_of(address) && !import_is_card(address);
}
