/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - reads a description of a VM from the standard input, prints a profile
 *
 * Started by `vfio-run import` as the user, without privileges; the words behind its name are what messages
 * call the description, and the folder that it lies in, which relative paths may start from. Exit status: 0,
 * 2 when it is none that is known, 3 when it cannot be read.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/import/import.h"

#define INPUT_MAX (1u << 20)

/* Return: what was read, with a NUL behind it; NULL: an error was printed */
static char *read_all(const char *name, size_t *size)
{
	char *text = calloc(INPUT_MAX + 2, 1);
	ssize_t n = 0;

	*size = 0;
	while (text && *size <= INPUT_MAX &&
	       (n = read(STDIN_FILENO, text + *size, INPUT_MAX + 1 - *size)) > 0)
		*size += (size_t)n;
	if (text && n == 0 && *size <= INPUT_MAX && *size)
		return text;
	log_error("%s: %s", name,
		  !text        ? "no memory"
		  : n < 0      ? strerror(errno)
		  : *size == 0 ? "the file is empty"
			       : "more than a megabyte: no description of a VM is so long");
	free(text);
	return NULL;
}

static bool begins_a_line(const char *text, const char *word)
{
	for (const char *p = text; (p = strstr(p, word)); p++)
		if (p == text || p[-1] == '\n')
			return true;
	return false;
}

/* By its first sign, or by the second byte of what every description begins with. */
static bool is_utf16(const char *text, size_t size)
{
	return size > 1 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2) || (text[0] == '<' && !text[1]) ||
			    (!text[0] && text[1] == '<'));
}

/* @folder: in which the input lies; NULL: not known */
static int take(struct import *m, char *text, size_t size, const char *folder)
{
	const char *first = text + strspn(text, " \t\r\n\xef\xbb\xbf");

	if (is_utf16(text, size))
		return import_refuse(m, 0, "it is text in UTF-16, as PowerShell's > writes it: `iconv -f UTF-16 -t UTF-8` makes "
				     "what is read here");
	if (strlen(text) != size)
		return import_refuse(m, 0, "it holds bytes that are no text");
	if (*first == '<')
		return import_libvirt(m, text, size);
	if (begins_a_line(text, "disk_img=") || begins_a_line(text, "guest_os="))
		return import_quickemu(m, text, folder);
	if (begins_a_line(text, "memory:") || begins_a_line(text, "hostpci0:"))
		return import_proxmox(m, text);
	if (begins_a_line(text, "[vm]"))
		return import_refuse(m, 0, "it is a profile already: `vfio-run check` says what it lacks");
	return import_script(m, text);
}

/* What is not as it was is said of a profile that is there: of none that a full disk cut short. */
static bool put(const struct import *m)
{
	bool one = m->note_count + m->unsaid == 1;

	import_print(m);
	errno = 0;
	if (fflush(stdout) || ferror(stdout)) {
		/* without an errno it was an earlier part of it: the reason is gone */
		log_error("the output could not be written%s%s", errno ? ": " : " whole",
			  errno ? strerror(errno) : "");
		return false;
	}
	if (m->note_count && !isatty(STDOUT_FILENO))
		log_notice("%zu thing%s not as %s: the profile's head names %s", m->note_count + m->unsaid,
			   one ? " is" : "s are", one ? "it was" : "they were", one ? "it" : "them");
	return true;
}

int main(int argc, char **argv)
{
	struct import m = { .input = argc > 1 ? argv[1] : "the standard input" };
	size_t size;
	char *text;
	int rc;

	log_fit_terminal();
	text = read_all(m.input, &size);
	if (!text)
		return 3;
	rc = take(&m, text, size, argc > 2 ? argv[2] : NULL);
	free(text);
	import_settle(&m);
	if (!rc && m.failed)
		log_error("%s: no memory, or more devices than a profile holds", m.input);
	if (!rc && !m.failed)
		m.failed = !put(&m);
	import_fini(&m);
	if (rc)
		return 2;
	return m.failed ? 3 : 0;
}
