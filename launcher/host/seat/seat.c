/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seat.c - whose seat a device belongs to
 *
 * udev writes down which seat a device is of, logind who is active there; both files are root's.
 * Without either there is no seat, and nobody's own device.
 * Source: sd-device's device_get_seat(), systemd's seat_save()
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/seat/seat.h"
#include "launcher/host/small-file.h"

#define SEAT_DEFAULT "seat0"

/* The value of the line that begins with @key; "" when there is none. */
static void value_of(struct host *h, const char *path, const char *key, char *buf, size_t size)
{
	cleanup_free char *text = NULL;
	char *rest, *line;

	*buf = '\0';
	if (host_text(host_root_fd(h), path, &text))
		return;
	for (rest = text; (line = host_next_line(&rest));)
		if (!strncmp(line, key, strlen(key)))
			(void)snprintf(buf, size, "%s", line + strlen(key));
}

/**
 * host_is_of_seat() - is this character device of the seat at which the user is active?
 * @major, @minor:	0, 0: one that is not there yet: of the first seat
 */
bool host_is_of_seat(struct host *h, uint32_t major, uint32_t minor, uid_t uid)
{
	char path[96], seat[HOST_WORD_MAX] = "", active[32], *end;

	(void)snprintf(path, sizeof(path), "run/udev/data/c%u:%u", major, minor);
	if (major)
		value_of(h, path, "E:ID_SEAT=", seat, sizeof(seat));
	if (strchr(seat, '/') || *seat == '.')
		return false;
	(void)snprintf(path, sizeof(path), "run/systemd/seats/%s", *seat ? seat : SEAT_DEFAULT);
	value_of(h, path, "ACTIVE_UID=", active, sizeof(active));
	return *active && strtoul(active, &end, 10) == uid && !*end;
}
