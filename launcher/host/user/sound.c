/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sound.c - the sound server of a user's session, and sound cards that the user may open
 *
 * Looked for as the user, by connecting and by opening: QEMU gets nothing that the user has not.
 * Source: pulseaudio, pa_runtime_path(); pipewire, "remote.name"; ALSA, /usr/share/alsa/alsa.conf.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/user/as-user.h"
#include "launcher/host/user/sound.h"

#define SND_DIR "/dev/snd"
#define CARDS_MAX 32
#define DEVICES_MAX 32

/* Not blocking: a server whose queue is full is there. */
static int try_server(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) && errno != EAGAIN)
		return -errno;
	return 0;
}

/** host_sound_places() - where servers of a session listen, whether there are any or not */
void host_sound_places(const struct host_user *user, struct host_sound *out)
{
	unsigned int uid = (unsigned int)user->uid;

	*out = (struct host_sound){ .pipewire = { .error = 0 } };
	(void)snprintf(out->pipewire.path, sizeof(out->pipewire.path), "/run/user/%u/pipewire-0", uid);
	(void)snprintf(out->pulse.path, sizeof(out->pulse.path), "/run/user/%u/pulse/native", uid);
}

static int do_servers(const void *request, void *reply)
{
	struct host_sound *out = reply;

	host_sound_places(request, out);
	out->pipewire.error = try_server(out->pipewire.path);
	out->pulse.error = try_server(out->pulse.path);
	return -1;
}

/**
 * host_sound() - which sound servers answer in the user's session?
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_sound(const struct host_user *user, struct host_sound *out)
{
	host_sound_places(user, out);
	return as_user_call(user, do_servers, user, out, sizeof(*out), NULL);
}

/* ---- ALSA --------------------------------------------------------------------------------- */

/* access(2) and not open(2): a card that plays is busy. */
static bool add_node(struct host_sound_card *out, const char *name)
{
	struct host_sound_node *node = &out->node[out->node_count];
	char path[64];
	struct stat st;

	(void)snprintf(path, sizeof(path), SND_DIR "/%s", name);
	if (stat(path, &st) || !S_ISCHR(st.st_mode))
		return false;
	if (access(path, R_OK | W_OK)) {
		out->error = -errno;
		return false;
	}
	(void)snprintf(node->name, sizeof(node->name), "%s", name);
	node->major = major(st.st_rdev);
	node->minor = minor(st.st_rdev);
	out->node_count++;
	return true;
}

static bool take_card(struct host_sound_card *out, unsigned int card, unsigned int device,
		      bool microphone)
{
	char name[32];

	*out = (struct host_sound_card){ .error = out->error, .card = card, .device = device };
	(void)snprintf(name, sizeof(name), "pcmC%uD%up", card, device);
	if (!add_node(out, name))
		return false;
	(void)snprintf(name, sizeof(name), "controlC%u", card);
	if (!add_node(out, name))
		return false;
	(void)snprintf(name, sizeof(name), "pcmC%uD%uc", card, device);
	if (microphone && !add_node(out, name))
		return false;
	(void)add_node(out, "timer"); /* without it sound is only less even */
	out->error = 0;
	return true;
}

/* Outputs of screens have higher numbers: the first device of a card is what has a socket. */
static int do_card(const void *request, void *reply)
{
	struct host_sound_card *out = reply;
	bool microphone = *(const bool *)request;

	*out = (struct host_sound_card){ .error = -ENOENT };
	for (unsigned int device = 0; device < DEVICES_MAX; device++)
		for (unsigned int card = 0; card < CARDS_MAX; card++)
			if (take_card(out, card, device, microphone))
				return -1;
	out->node_count = 0;
	return -1;
}

/**
 * host_sound_card() - the first sound card that the user may open
 * @microphone:	with what it records from
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_sound_card(const struct host_user *user, bool microphone, struct host_sound_card *out)
{
	*out = (struct host_sound_card){ .error = -ENOENT };
	return as_user_call(user, do_card, &microphone, out, sizeof(*out), NULL);
}
