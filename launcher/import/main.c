/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - reads a description of a VM from the standard input, prints a profile
 *
 * Started by `vfio-run import` as the user, without privileges; the word behind its name is the folder that
 * the description lies in, which relative paths may start from. Exit status: 0, 2 when it is none
 * that is known, 3 when it cannot be read.
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
static char *read_all(size_t *size)
{
	char *text = calloc(INPUT_MAX + 2, 1);
	ssize_t n = 0;

	*size = 0;
	while (text && *size <= INPUT_MAX &&
	       (n = read(STDIN_FILENO, text + *size, INPUT_MAX + 1 - *size)) > 0)
		*size += (size_t)n;
	if (text && n == 0 && *size <= INPUT_MAX && *size)
		return text;
	log_error("%s", !text        ? "no memory"
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

/* @folder: in which the input lies; NULL: not known */
static int take(struct import *m, char *text, size_t size, const char *folder)
{
	const char *first = text + strspn(text, " \t\r\n\xef\xbb\xbf");

	if (strlen(text) != size)
		log_error("it holds bytes that are no text");
	else if (*first == '<')
		return import_libvirt(m, text, size);
	else if (begins_a_line(text, "disk_img=") || begins_a_line(text, "guest_os="))
		return import_quickemu(m, text, folder);
	else if (begins_a_line(text, "memory:") || begins_a_line(text, "hostpci0:"))
		return import_proxmox(m, text);
	else if (strstr(text, "qemu-system") || strstr(text, "qemu-kvm"))
		return import_script(m, text);
	else
		log_error("expected a libvirt domain (virsh dumpxml), a .conf of quickemu's or one of "
			  "Proxmox's, or a script that starts QEMU");
	return -EINVAL;
}

/* What is not as it was is said of a profile that is there: of none that a full disk cut short. */
static bool put(const struct import *m)
{
	import_print(m);
	errno = 0;
	if (fflush(stdout) || ferror(stdout)) {
		/* without an errno it was an earlier part of it: the reason is gone */
		log_error("the output could not be written%s%s", errno ? ": " : " whole",
			  errno ? strerror(errno) : "");
		return false;
	}
	if (m->note_count && !isatty(STDOUT_FILENO))
		log_notice("%zu things are not as they were: the profile's head names them",
			   m->note_count + m->unsaid);
	return true;
}

int main(int argc, char **argv)
{
	struct import m = { .section_count = 0 };
	size_t size;
	char *text;
	int rc;

	log_fit_terminal();
	text = read_all(&size);
	if (!text)
		return 3;
	rc = take(&m, text, size, argc > 1 ? argv[1] : NULL);
	free(text);
	import_settle(&m);
	if (!rc && m.failed)
		log_error("no memory, or more devices than a profile holds");
	if (!rc && !m.failed)
		m.failed = !put(&m);
	import_fini(&m);
	if (rc)
		return 2;
	return m.failed ? 3 : 0;
}
