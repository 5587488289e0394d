/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arguments.c - what the arguments that a user added need of the jail
 *
 * QEMU's syntax is not parsed here: a path is what looks like one, and the network is needed by
 * the options that are known to need it. One that is overlooked fails at QEMU's start, with
 * QEMU's message.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/plan/programs/arguments.h"
#include "profiles/profile.h"

/* Up to a comma, of which two are one, or the end of a text in JSON; freed by the caller. */
static char *cut_path(const char *at, bool quoted)
{
	char *path = malloc(strlen(at) + 1), *to = path;

	for (; path && *at && !(quoted && *at == '"'); at++) {
		if (*at == ',' && !quoted && *++at != ',')
			break;
		*to++ = *at;
	}
	if (path)
		*to = '\0';
	return path;
}

/**
 * arguments_each_path() - every absolute path in an argument of QEMU's
 * @argument:	"/a", "file=/a,format=raw", "file:/a", "{\"filename\":\"/a\"}"
 *
 * Return: 0, what @fn returned, or -ENOMEM
 */
int arguments_each_path(const char *argument, arguments_path_fn fn, void *context)
{
	int r = 0;

	for (const char *at = argument; *at && !r; at++) {
		cleanup_free char *path = NULL;

		if (*at != '/' || at[1] == '/' || !at[1])
			continue; /* "nbd://host" is none */
		if (at != argument && (at[-1] == '/' || !strchr("=:\",", at[-1])))
			continue;
		path = cut_path(at, at != argument && at[-1] == '"');
		r = path ? fn(context, path) : -ENOMEM;
	}
	return r;
}

/* Options, without their dashes. */
static const char *const options[] = { "net", "netdev", "nic", "vnc", "spice", "gdb" };

/* Anywhere in what follows one. Source: qemu-options.hx, the block drivers' protocols. */
static const char *const words[] = {
	"tcp:",	  "udp:",   "telnet:", "tn3270:", "websocket:", "host=",  "port=",  "\"inet\"",
	"\"host\"", "nbd:",   "nbd+",    "nbd://",  "http://",    "https://", "ftp://", "ftps://",
	"ssh://", "iscsi:", "nfs://",  "rbd:",    "gluster",    "type=inet",
};

static bool reaches_network(const char *argument)
{
	const char *option = argument + strspn(argument, "-");

	if (option != argument)
		for (size_t i = 0; i < ARRAY_SIZE(options); i++)
			if (!strcmp(option, options[i]))
				return true;
	for (size_t i = 0; i < ARRAY_SIZE(words) && option == argument; i++)
		if (strstr(argument, words[i]))
			return true;
	return false;
}

/**
 * arguments_reach_network() - could what the user added by hand need the host's network?
 * @extra:	behind "--", NULL-terminated or NULL
 */
bool arguments_reach_network(const struct profile *profile, char *const *extra)
{
	for (size_t i = 0; i < profile->qemu_argument.count; i++)
		if (reaches_network(profile->qemu_argument.item[i].text))
			return true;
	for (size_t i = 0; extra && extra[i]; i++)
		if (reaches_network(extra[i]))
			return true;
	return false;
}
