/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu.c - where the emulator is, and which version it has */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/host/qemu-cache.h"
#include "launcher/host/qemu.h"

#define VERSION_TEXT 512
#define DEVICES_TEXT (256u << 10) /* 40 KiB with QEMU 7.2 */

/* Where a system keeps it; PATH is the caller's, and is not read. RHEL has qemu-kvm in libexec. */
static const char *const directories[] = { "/usr/bin", "/usr/local/bin", "/usr/libexec",
					   "/usr/sbin" };

/* Can only root change what is here? */
static bool is_roots(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !st.st_uid && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/**
 * host_path_is_system() - is this file, and all that leads to it, root's alone to change?
 * @path:	absolute; links in it are followed
 */
bool host_path_is_system(const char *path)
{
	cleanup_free char *real = realpath(path, NULL);

	if (!real)
		return false;
	for (char *end = real + strlen(real); end; end = strrchr(real, '/')) {
		*end = '\0';
		if (!is_roots(*real ? real : "/"))
			return false;
	}
	return true;
}

/**
 * host_qemu_find() - the emulator behind `qemu =`
 * @name:	a file name, looked for in the system's directories, or an absolute path
 * @path:	absolute; freed by the caller
 *
 * A name must lead to a file that only root can change. A path is taken as it is: who may
 * name one is asked elsewhere (host_path_is_system()).
 *
 * Return: 0; -ENOENT; -EPERM: found, but not root's alone; -EINVAL: a relative path; -ENOMEM
 */
int host_qemu_find(const char *name, char **path)
{
	int r = -ENOENT;

	if (*name == '/') {
		if (access(name, X_OK))
			return -errno;
		*path = strdup(name);
		return *path ? 0 : -ENOMEM;
	}
	if (!*name || strchr(name, '/'))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		cleanup_free char *candidate = NULL;

		if (asprintf(&candidate, "%s/%s", directories[i], name) < 0) {
			candidate = NULL;
			return -ENOMEM;
		}
		if (access(candidate, X_OK))
			continue;
		if (host_path_is_system(candidate)) {
			*path = take_ptr(candidate);
			return 0;
		}
		r = -EPERM;
	}
	return r;
}

/**
 * host_qemu_parse_version() - the version out of what `--version` says
 * @out:	major << 16 | minor << 8 | micro
 *
 * Return: 0, or -EPROTO for other words
 */
int host_qemu_parse_version(const char *text, unsigned int *out)
{
	static const char start[] = "QEMU emulator version ";
	unsigned int major, minor, micro = 0;

	if (strncmp(text, start, sizeof(start) - 1))
		return -EPROTO;
	if (sscanf(text + sizeof(start) - 1, "%3u.%3u.%3u", &major, &minor, &micro) < 2)
		return -EPROTO;
	if (major > 255 || minor > 255 || micro > 255)
		return -EPROTO;
	*out = major << 16 | minor << 8 | micro;
	return 0;
}

/**
 * host_qemu_version() - which version the emulator says it is
 * @user:	who runs it; never root: it may be a file that the user can change
 * @out:	major << 16 | minor << 8 | micro
 *
 * Return: 0; -ETIMEDOUT, -EPROTO: it does not answer as QEMU does; other -errno
 */
int host_qemu_version(const char *path, const struct host_user *user, unsigned int *out)
{
	static const char question[] = "--version";
	char text[VERSION_TEXT], known[QEMU_CACHE_ANSWER_MAX];
	int r;

	if (qemu_cache_get(path, question, known) && !host_qemu_parse_version(known, out))
		return 0;
	r = host_qemu_ask(path, user, (const char *const[]){ question, NULL }, text, sizeof(text));
	if (!r)
		r = host_qemu_parse_version(text, out);
	if (r || !host_path_is_system(path))
		return r;
	(void)snprintf(known, sizeof(known), "QEMU emulator version %u.%u.%u", *out >> 16,
		       *out >> 8 & 0xff, *out & 0xff);
	qemu_cache_put(path, question, known);
	return 0;
}

/**
 * host_qemu_has_device() - does `-device help` name this one?
 * @user:	the name of who runs it; never root
 * @device:	"vfio-pci"
 *
 * Return: 1 yes, 0 no, -EPROTO when it names no device at all, -ETIMEDOUT, other -errno
 */
int host_qemu_has_device(const char *path, const char *user, const char *device)
{
	cleanup_free char *text = malloc(DEVICES_TEXT);
	struct host_user as;
	char wanted[96], known[QEMU_CACHE_ANSWER_MAX];
	int r;

	(void)snprintf(wanted, sizeof(wanted), "name \"%s\"", device);
	if (qemu_cache_get(path, wanted, known))
		return !strcmp(known, "yes");
	r = text ? host_user_named(user, &as) : -ENOMEM;
	if (!r)
		r = host_qemu_ask(path, &as, (const char *const[]){ "-device", "help", NULL }, text,
				  DEVICES_TEXT);
	if (!r && !strstr(text, "name \""))
		r = -EPROTO;
	if (r)
		return r;
	r = strstr(text, wanted) != NULL;
	if (host_path_is_system(path))
		qemu_cache_put(path, wanted, r ? "yes" : "no");
	return r;
}
