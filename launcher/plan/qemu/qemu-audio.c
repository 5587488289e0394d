/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-audio.c - QEMU's arguments for the sound card, and where its sound goes */
#include <string.h>

#include <json-c/json.h>

#include "launcher/plan/qemu/qemu.h"
#include "profiles/profile.h"

#define PLACE "0x1b"	/* of the root bus, where the chipset has its sound */
#define TIMER_US 10000u /* QEMU's own period, at which it moves sound on */

/* clang-format off */
/* By QEMU's names; one that has a controller hangs on its bus. */
static const struct {
	const char *controller, *bus, *card, *with_microphone;
} cards[] = {
	[PROFILE_CARD_HDA]    = { "ich9-intel-hda", "sound.0", "hda-output", "hda-duplex" },
	[PROFILE_CARD_USB]    = { "qemu-xhci", "sound.0", "usb-audio", "usb-audio" },
	[PROFILE_CARD_VIRTIO] = { NULL, NULL, "virtio-sound-pci", "virtio-sound-pci" },
	[PROFILE_CARD_AC97]   = { NULL, NULL, "AC97", "AC97" },
};
/* clang-format on */

/**
 * plan_audio_card() - the QEMU device of the sound card
 *
 * Return: its name, NULL when there is none
 */
const char *plan_audio_card(const struct profile *p)
{
	if (!p->has_audio)
		return NULL;
	return p->microphone ? cards[p->audio_card].with_microphone : cards[p->audio_card].card;
}

/* The name that a mixer of the host shows; how long sound may wait. */
static struct json_object *direction(struct qemu *q, const char *driver)
{
	struct json_object *o = json_object_new_object();
	unsigned int us = q->profile->latency_ms * 1000;
	bool server = !strcmp(driver, "pa") || !strcmp(driver, "pipewire");

	if (server)
		put_text(&q->argv, o, "stream-name", q->plan->name);
	if (us && server)
		put_number(&q->argv, o, "latency", us);
	else if (us && !strcmp(driver, "alsa"))
		put_number(&q->argv, o, "buffer-length", us);
	if (q->facts->audio.device)
		put_text(&q->argv, o, "dev", q->facts->audio.device);
	return o;
}

/* A card that has a microphone in any case hears nothing: QEMU opens no stream that records. */
static struct json_object *input(struct qemu *q, const char *driver)
{
	struct json_object *o;

	if (q->profile->microphone)
		return direction(q, driver);
	o = json_object_new_object();
	put_number(&q->argv, o, "voices", 0);
	return o;
}

static void backend(struct qemu *q)
{
	const struct plan_audio *audio = &q->facts->audio;
	const char *driver = audio->driver ? audio->driver : "none";
	struct json_object *o = argv_object("driver", driver);
	unsigned int us = q->profile->latency_ms * 1000;

	put_text(&q->argv, o, "id", "audio");
	if (audio->socket && !strcmp(driver, "pa"))
		put_format(&q->argv, o, "server", "unix:%s", audio->socket);
	if (us && us / 2 < TIMER_US)
		put_number(&q->argv, o, "timer-period", us / 2);
	put_object(&q->argv, o, "out", direction(q, driver));
	put_object(&q->argv, o, "in", input(q, driver));
	argv_json(&q->argv, "-audiodev", o);
}

/* What is no PCI Express device in the chipset either is on the root bus, as there. */
static void put_place(struct qemu *q, struct json_object *o, bool express)
{
	if (express) {
		put_format(&q->argv, o, "bus", "port%u", qemu_port(q));
	} else {
		put_text(&q->argv, o, "bus", "pcie.0");
		put_text(&q->argv, o, "addr", PLACE);
	}
}

static void controller(struct qemu *q, enum profile_audio_card card)
{
	struct json_object *o;

	if (!cards[card].controller)
		return;
	o = argv_object("driver", cards[card].controller);
	put_text(&q->argv, o, "id", "sound");
	put_place(q, o, card == PROFILE_CARD_USB);
	argv_json(&q->argv, "-device", o);
}

/** qemu_audio() - the sound card and its backend; nothing without [audio] */
void qemu_audio(struct qemu *q)
{
	enum profile_audio_card card = q->profile->audio_card;
	struct json_object *o;

	if (!q->profile->has_audio)
		return;
	backend(q);
	controller(q, card);
	o = argv_object("driver", plan_audio_card(q->profile));
	put_text(&q->argv, o, "id", "sound-card");
	if (cards[card].bus)
		put_text(&q->argv, o, "bus", cards[card].bus);
	else
		put_place(q, o, card == PROFILE_CARD_VIRTIO);
	if (card == PROFILE_CARD_VIRTIO && !q->profile->microphone)
		put_number(&q->argv, o, "streams", 1); /* the first is for playing */
	put_text(&q->argv, o, "audiodev", "audio");
	argv_json(&q->argv, "-device", o);
}
