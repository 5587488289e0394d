/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apple-smc.c - the string of an Apple SMC, from a file of the user's to QEMU
 *
 * On a command line every user of the host would see it. A child that is the user reads the
 * file, and makes a file without a name that says it in QEMU's language of settings; QEMU reads
 * that. Nothing of it passes through a process of root's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "launcher/host/user/apple-smc.h"
#include "launcher/host/user/as-user.h"

static size_t without_end_of_line(const char *text, size_t length)
{
	while (length && (text[length - 1] == '\n' || text[length - 1] == '\r'))
		length--;
	return length;
}

/* Printable, and nothing that would end it in a file of settings. */
static bool is_string(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~' || text[i] == '"')
			return false;
	return length == APPLE_SMC_LENGTH;
}

static int write_settings(const char *string, struct apple_smc *out)
{
	int fd = memfd_create("settings", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && dprintf(fd, "[device \"apple-smc\"]\n  driver = \"isa-applesmc\"\n  osk = \"%.*s\"\n",
			       APPLE_SMC_LENGTH, string) > 0 &&
	    !fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL))
		return fd;
	out->error = -errno;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static int do_smc(const void *request, void *reply)
{
	struct apple_smc *out = reply;
	int fd = open(request, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char text[512];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (n < 0)
		out->error = -errno;
	if (fd >= 0)
		(void)close(fd);
	if (n < 0)
		return -1;
	out->length = without_end_of_line(text, (size_t)n);
	out->fits = is_string(text, out->length);
	return out->fits ? write_settings(text, out) : -1;
}

/**
 * host_apple_smc() - read the file as the user
 * @out:	overwritten; a path that does not open is no error of the call but @out->error
 * @fd_out:	QEMU's settings, sealed, closed by the caller; -1 when @out does not fit
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_apple_smc(const struct host_user *user, const char *path, struct apple_smc *out, int *fd_out)
{
	*out = (struct apple_smc){ 0 };
	return as_user_call(user, do_smc, path, out, sizeof(*out), fd_out);
}
