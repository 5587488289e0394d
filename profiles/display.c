/* SPDX-License-Identifier: GPL-2.0-or-later */
/* display.c - what a [display] means: its default, and where it listens */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "profiles/keys.h"
#include "profiles/profile.h"
#include "profiles/values.h"

/** profile_display_type() - the display that a VM has: a window, when no device shows the guest */
enum profile_display profile_display_type(const struct profile *p)
{
	if (p->display != PROFILE_DISPLAY_DEFAULT)
		return p->display;
	return p->device_count ? PROFILE_DISPLAY_NONE : PROFILE_DISPLAY_GTK;
}

/**
 * profile_without_devices() - the same VM without its [gpu] and [pci], shown in a window
 *
 * A server that clients connect to stays what it is.
 */
void profile_without_devices(struct profile *p)
{
	for (size_t i = 0; i < p->device_count; i++)
		for (const struct profile_key *k = profile_keys; k->section; k++)
			if (!strcmp(k->section, p->device[i].gpu ? "gpu" : "pci"))
				profile_key_release(k, &p->device[i]);
	p->device_count = 0;
	for (const struct profile_key *k = profile_keys; k->section; k++)
		if (!strcmp(k->section, "session")) /* nothing needs its card */
			profile_key_release(k, p);
	if (p->display == PROFILE_DISPLAY_NONE)
		p->display = PROFILE_DISPLAY_DEFAULT;
	if (p->video == PROFILE_VIDEO_NONE)
		p->video = PROFILE_VIDEO_AUTO;
	if (p->pointer == PROFILE_POINTER_NONE)
		p->pointer = PROFILE_POINTER_AUTO;
}

static bool is_port(const char *text, uint16_t *port)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !n || n > UINT16_MAX)
		return false;
	*port = (uint16_t)n;
	return true;
}

/* 127.0.0.0/8, RFC 1122 3.2.1.3; ::1, RFC 4291 2.5.3 */
static bool is_loopback(const char *address)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, address, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, address, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/**
 * profile_loopback() - is this a port of the loopback, as `listen =` wants it?
 * @text:	"127.0.0.1:5900", "[::1]:5900", "localhost:5900"
 * @address:	receives the address without brackets, as inet_pton(3) takes it
 * @port:	from 1
 */
bool profile_loopback(const char *text, char *address, size_t size, uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;
	bool v6 = length > 2 && text[0] == '[' && colon[-1] == ']';
	int n;

	if (!length || !is_port(colon + 1, port))
		return false;
	n = snprintf(address, size, "%.*s", (int)(v6 ? length - 2 : length), v6 ? text + 1 : text);
	if (n < 0 || (size_t)n >= size)
		return false;
	if (!strcmp(address, "localhost"))
		(void)snprintf(address, size, "127.0.0.1");
	return strchr(address, ':') ? v6 && is_loopback(address) : !v6 && is_loopback(address);
}
