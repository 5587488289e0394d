/* SPDX-License-Identifier: GPL-2.0-or-later */
/* asked.c - programs that let go of a card when it is announced as gone, and go on without it */
#include <string.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/holders/asked.h"

/*
 * Only what was seen to do it has a row; whether it does is looked at each time. Seen on Debian 13,
 * kernel 6.12: WirePlumber 0.5 with PipeWire 1.4 lets go, and has the card again after `add`.
 * Weston 14.0.2 has none: of a second card it keeps descriptors and mappings, and its output stays
 * dead.
 */
static const struct {
	const char *comm, *subsystem;
} table[] = {
	{ "pipewire", "sound" },
	{ "wireplumber", "sound" },
};

/**
 * host_is_asked() - does this program let go of a card that is announced as gone?
 * @comm:	its name, as the kernel has it
 * @subsystem:	of the node that it has open
 */
bool host_is_asked(const char *comm, const char *subsystem)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (!strcmp(table[i].comm, comm) && !strcmp(table[i].subsystem, subsystem))
			return true;
	return false;
}
