/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sound.h - the sound server of a user's session, and sound cards that the user may open */
#ifndef VFIO_RUN_HOST_SOUND_H
#define VFIO_RUN_HOST_SOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "launcher/host/user/user.h"

#define HOST_SOUND_NODES 4 /* control, playing, recording, timer */

/* A server: by the socket at which it listens. */
struct host_sound_server {
	char path[64];
	int error; /* 0: it answers; -ENOENT: there is none; other -errno of connecting */
};

struct host_sound_node {
	char name[32]; /* below /dev/snd */
	uint32_t major, minor;
};

struct host_sound {
	struct host_sound_server pipewire, pulse;
};

/* A card as ALSA has it. */
struct host_sound_card {
	int error; /* 0, -ENOENT: there is none; -EACCES: the user may not open one */
	unsigned int card, device;
	struct host_sound_node node[HOST_SOUND_NODES];
	unsigned int node_count;
};

void host_sound_places(const struct host_user *user, struct host_sound *out);
int host_sound(const struct host_user *user, struct host_sound *out) must_check;
int host_sound_card(const struct host_user *user, bool microphone,
		    struct host_sound_card *out) must_check;

#endif /* VFIO_RUN_HOST_SOUND_H */
