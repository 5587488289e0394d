/* SPDX-License-Identifier: GPL-2.0-or-later */
/* asked.c - programs that let go of a card when it is announced as gone, and go on without it */
#include <string.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/asked.h"

/*
 * Only what was seen to do it has a row; whether it does is looked at each time. Seen in tests/lab,
 * kernel 6.1, scenario asked:
 * PipeWire 0.3.65 with WirePlumber 0.4.13, and PulseAudio 16.1: a stream goes on without the card, and the
 * card is there again afterwards.
 */
static const struct {
	const char *comm, *subsystem;
} table[] = {
	{ "pipewire", "sound" },
	{ "wireplumber", "sound" },
	{ "pulseaudio", "sound" },
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
