/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foreign.c - files that are no profile, recognised by what is in them
 *
 * For a disk image or another program's configuration one error names what it is: errors in
 * its lines as lines of a profile would not help.
 */
#include <ctype.h>
#include <string.h>

#include "profiles/foreign.h"
#include "profiles/keys.h"
#include "profiles/others.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define DISK "write a profile that names it: \"path = FILE\" in a section [disk]"
#define PACKED "unpack it first"
#define IMPORT "`vfio-run import FILE >NAME.profile` makes a profile of it"
#define NO_PROFILE \
	"a profile is a text with headings such as [vm]: vfio-run.profile(5) has examples"

static const struct profile_pos nowhere;

/* ---- no text ------------------------------------------------------------------------------ */

static const struct {
	size_t offset, length;
	const char *magic, *what, *hint;
} magics[] = {
	{ 0, 4, "QFI\xfb", "a qcow2 disk image", DISK },
	{ 0, 4, "KDMV", "a VMDK disk image", "`qemu-img convert -O qcow2` makes a qcow2 of it" },
	{ 0, 8, "vhdxfile", "a VHDX disk image",
	  "`qemu-img convert -O qcow2` makes a qcow2 of it" },
	{ 0, 8, "conectix", "a VHD disk image", "`qemu-img convert -O qcow2` makes a qcow2 of it" },
	{ 0, 19, "<<< Oracle VM Virtu", "a VDI disk image",
	  "`qemu-img convert -O qcow2` makes a qcow2 of it" },
	{ 32769, 5, "CD001", "a CD or DVD image (ISO 9660)",
	  "a profile names it: \"path = FILE\" in a section [cdrom]" },
	{ 0, 4,
	  "\x7f"
	  "ELF",
	  "a program (ELF)", NO_PROFILE },
	{ 0, 2, "MZ", "a program for Windows or UEFI", NO_PROFILE },
	{ 0, 2, "\x1f\x8b", "compressed by gzip", PACKED },
	{ 0, 6,
	  "\xfd"
	  "7zXZ\0",
	  "compressed by xz", PACKED },
	{ 0, 4, "\x28\xb5\x2f\xfd", "compressed by zstd", PACKED },
	{ 0, 3, "BZh", "compressed by bzip2", PACKED },
	{ 0, 4, "PK\x03\x04", "a zip archive", PACKED },
	{ 257, 5, "ustar", "a tar archive", PACKED },
	{ 512, 8, "EFI PART", "a raw disk image", DISK },
	{ 40, 4, "_FVH", "a UEFI firmware or its variables",
	  "a profile names variables as \"nvram = FILE\" in [vm]" },
	{ 510, 2, "\x55\xaa", "a raw disk image", DISK },
	{ 0, 2, "\x55\xaa", "an option ROM",
	  "a profile names it as \"rom = FILE\" in a section [gpu]" },
};

/* With its mark at the start, or without: every second byte of plain letters is zero. */
static bool is_utf16(const char *text, size_t size)
{
	return size >= 4 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2) ||
			     (!text[1] && !text[3] && text[0] && text[2]) ||
			     (!text[0] && !text[2] && text[1] && text[3]));
}

/**
 * foreign_binary() - is it something else than text?
 * @errors:	receives one error then
 */
bool foreign_binary(const char *text, size_t size, struct profile_errors *errors)
{
	for (size_t i = 0; i < COUNT(magics); i++)
		if (size >= magics[i].offset + magics[i].length &&
		    !memcmp(text + magics[i].offset, magics[i].magic, magics[i].length)) {
			profile_errors_add(errors, nowhere, magics[i].hint,
					   "this is no profile but %s", magics[i].what);
			return true;
		}
	if (!is_utf16(text, size))
		return false;
	profile_errors_add(errors, nowhere, "`iconv -f UTF-16 -t UTF-8 FILE >NEW` converts it",
			   "the text is UTF-16, expected UTF-8");
	return true;
}

/* ---- texts of other programs -------------------------------------------------------------- */

/* What the lines look like, counted without the empty ones and comments. */
struct lines {
	size_t count, with_equals, with_colon;
	bool profile; /* a heading that a profile can have, or nearly */
	bool systemd, desktop, readconfig, qemu, proxmox, quickemu;
};

static bool starts(const char *line, size_t length, const char *with)
{
	size_t n = strlen(with);

	return length >= n && !memcmp(line, with, n);
}

static bool contains(const char *line, size_t length, const char *word)
{
	return memmem(line, length, word, strlen(word)) != NULL;
}

static size_t word_length(const char *line, size_t length)
{
	size_t n = 0;

	while (n < length && (isalnum((unsigned char)line[n]) || line[n] == '_' || line[n] == '-'))
		n++;
	return n;
}

static void look_at_heading(struct lines *l, const char *line, size_t length)
{
	char name[32];
	size_t n = word_length(line + 1, length - 1);

	l->systemd |= starts(line, length, "[Unit]") || starts(line, length, "[Service]");
	l->desktop |= starts(line, length, "[Desktop Entry]");
	l->readconfig |= starts(line, length, "[device \"") || starts(line, length, "[drive \"");
	n = n < sizeof(name) ? n : sizeof(name) - 1;
	memcpy(name, line + 1, n);
	name[n] = '\0';
	l->profile |= other_section_find(name) != NULL;
}

static void look_at_line(struct lines *l, const char *line, size_t length)
{
	static const char *const proxmox[] = { "ostype:", "scsihw:", "hostpci0:", "vmgenid:",
					       "smbios1:" };
	static const char *const quickemu[] = { "guest_os=", "disk_img=", "fixed_iso=" };
	size_t n = word_length(line, length);

	l->count++;
	l->with_equals += memchr(line, '=', length) != NULL;
	l->with_colon +=
		n && n < length && line[n] == ':' && (n + 1 == length || line[n + 1] == ' ');
	l->qemu |= contains(line, length, "qemu-system-") || starts(line, length, "-device ");
	for (size_t i = 0; i < COUNT(proxmox); i++)
		l->proxmox |= starts(line, length, proxmox[i]);
	for (size_t i = 0; i < COUNT(quickemu); i++)
		l->quickemu |= starts(line, length, quickemu[i]);
}

static void look(const char *text, size_t size, struct lines *l)
{
	for (const char *end = text + size, *next; text < end; text = next) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;

		next = newline ? newline + 1 : end;
		while (text < stop && isspace((unsigned char)*text))
			text++;
		while (stop > text && isspace((unsigned char)stop[-1]))
			stop--;
		if (text == stop || *text == '#' || *text == ';')
			continue;
		if (*text == '[')
			look_at_heading(l, text, (size_t)(stop - text));
		else
			look_at_line(l, text, (size_t)(stop - text));
	}
}

/* A script's first line, unless it is the one that makes a profile a command. */
static bool is_script(const char *text, size_t size)
{
	const char *newline = memchr(text, '\n', size);
	size_t length = newline ? (size_t)(newline - text) : size;

	return starts(text, size, "#!") && !contains(text, length, "vfio-run");
}

/* What it is, and what to do with it. */
struct kind {
	const char *what, *hint;
};

static bool is_json(const char *text, size_t size)
{
	return size > 1 && (*text == '{' || (*text == '[' && strchr("{\n\"", text[1])));
}

/* The first row whose condition holds; a text with a heading of ours is a profile for the later
 * ones. */
static struct kind find_kind(const char *text, size_t size, const struct lines *l)
{
	const struct {
		bool holds;
		struct kind kind;
	} rows[] = {
		{ starts(text, size, "<") && contains(text, size, "<domain"),
		  { "libvirt XML (a domain)", IMPORT } },
		{ starts(text, size, "<"), { "XML or HTML", NO_PROFILE } },
		{ is_json(text, size) && !l->profile, { "JSON", NO_PROFILE } },
		{ l->quickemu && !l->profile, { "a configuration of quickemu", IMPORT } },
		{ is_script(text, size) && l->qemu, { "a script that starts QEMU", IMPORT } },
		{ is_script(text, size), { "a script", NO_PROFILE } },
		{ l->systemd, { "a unit of systemd", NO_PROFILE } },
		{ l->desktop, { "a desktop entry", NO_PROFILE } },
		{ l->readconfig, { "a configuration of QEMU's own (-readconfig)", NO_PROFILE } },
		{ l->profile, { NULL, NULL } },
		{ l->proxmox, { "a configuration of Proxmox VE", IMPORT } },
		{ l->qemu, { "a QEMU command line", IMPORT } },
		{ l->with_colon > 1 && l->with_colon * 2 > l->count, { "YAML", NO_PROFILE } },
		{ l->count > 2 && !l->with_equals,
		  { "another text: no line of it is a heading or \"key = value\"", NO_PROFILE } },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].holds)
			return rows[i].kind;
	return (struct kind){ NULL, NULL };
}

/**
 * foreign_text() - is it a text of another program?
 * @text:	@size bytes without a NUL
 * @errors:	receives one error then
 */
bool foreign_text(const char *text, size_t size, struct profile_errors *errors)
{
	struct lines l = { .count = 0 };
	struct kind kind;

	if (starts(text, size, "\xef\xbb\xbf")) {
		text += 3;
		size -= 3;
	}
	while (size && isspace((unsigned char)*text)) {
		text++;
		size--;
	}
	look(text, size, &l);
	kind = find_kind(text, size, &l);
	if (kind.what)
		profile_errors_add(errors, nowhere, kind.hint, "this is no profile but %s",
				   kind.what);
	return kind.what != NULL;
}
