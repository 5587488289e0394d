/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-audio.c - the check "audio": where the guest's sound goes, and whether anybody is there */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/cli.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/host/user/sound.h"
#include "launcher/inspect/facts-files.h"
#include "launcher/inspect/looking.h"
#include "launcher/setup/packages.h"

/* clang-format off */
/* What each backend is to QEMU, and where Debian has it. Source: debian/control of qemu 7.2 and 10.0. */
static const struct { const char *driver, *shown, *package; } backends[] = {
	[PROFILE_AUDIO_AUTO]     = { "pa",       "PulseAudio", "qemu-system-gui" }, /* the most have it */
	[PROFILE_AUDIO_PIPEWIRE] = { "pipewire", "PipeWire",   "qemu-system-gui" },
	[PROFILE_AUDIO_PULSE]    = { "pa",       "PulseAudio", "qemu-system-gui" },
	[PROFILE_AUDIO_ALSA]     = { "alsa",     "ALSA",       "qemu-system-x86" },
	[PROFILE_AUDIO_SPICE]    = { "spice",    "SPICE",      "qemu-system-modules-spice" },
	[PROFILE_AUDIO_NONE]     = { "none",     "none",       "qemu-system-x86" },
};
/* clang-format on */

static int failed(const struct looking *l, const char *remedy, const char *what)
{
	check_add(l->results, "audio", CHECK_FAILED, remedy, "%s: %s",
		  opened_place(l->o, &l->o->profile->audio_pos), what);
	return EXIT_HOST;
}

/* What it does not answer now it reports when it starts. */
static bool qemu_has(const struct looking *l, enum profile_audio backend)
{
	return !l->f->qemu ||
	       host_qemu_has_audio(l->f->qemu, &l->f->user, backends[backend].driver) != 0;
}

static const char *socket_of(const struct looking *l, enum profile_audio backend)
{
	return backend == PROFILE_AUDIO_PIPEWIRE ? l->f->sound.pipewire.path
	       : backend == PROFILE_AUDIO_PULSE  ? l->f->sound.pulse.path
						 : NULL;
}

static void take(const struct looking *l, enum profile_audio backend)
{
	l->f->plan.audio.driver = backends[backend].driver;
	l->f->plan.audio.socket = socket_of(l, backend);
}

/* A VM that is started at boot can be before its user: it goes on, and keeps its card. */
static void remark(const struct looking *l)
{
	bool server = !l->f->sound.pipewire.error || !l->f->sound.pulse.error;
	char linger[256], install[SETUP_INSTALL_MAX];
	const char *remedy = linger;

	(void)snprintf(linger, sizeof(linger),
		       "log in as that user before; for a VM that starts without: "
		       "`loginctl enable-linger %s`", l->f->user.name);
	if (server)
		remedy = setup_install_part(SETUP_HERE, "qemu-system-gui", install);
	check_add(l->results, "audio", CHECK_OK, remedy,
		  server ? "%s: the guest is not heard: this QEMU cannot reach the sound server of user %s"
			 : "%s: the guest is not heard: no sound server of user %s answers",
		  opened_place(l->o, &l->o->profile->audio_pos), l->f->user.name);
}

static void choose(const struct looking *l)
{
	bool spice = profile_display_type(l->o->profile) == PROFILE_DISPLAY_SPICE;

	if (!l->f->sound.pipewire.error && qemu_has(l, PROFILE_AUDIO_PIPEWIRE)) {
		take(l, PROFILE_AUDIO_PIPEWIRE);
	} else if (!l->f->sound.pulse.error && qemu_has(l, PROFILE_AUDIO_PULSE)) {
		take(l, PROFILE_AUDIO_PULSE);
	} else if (spice && qemu_has(l, PROFILE_AUDIO_SPICE)) {
		take(l, PROFILE_AUDIO_SPICE);
	} else {
		take(l, PROFILE_AUDIO_NONE);
		remark(l);
	}
}

static int look_at_qemu(const struct looking *l, enum profile_audio backend)
{
	char what[512], remedy[SETUP_INSTALL_MAX + 64], install[SETUP_INSTALL_MAX];

	if (qemu_has(l, backend))
		return 0;
	(void)snprintf(what, sizeof(what), "%s has no %s%s", l->f->qemu, backends[backend].shown,
		       backend == PROFILE_AUDIO_PIPEWIRE ? ", which came with QEMU 8.1" : "");
	(void)snprintf(remedy, sizeof(remedy), "%s, or write `backend = auto`",
		       setup_install_part(SETUP_HERE, backends[backend].package, install));
	return failed(l, remedy, what);
}

static int look_at_server(const struct looking *l, enum profile_audio backend)
{
	const struct host_sound_server *s = backend == PROFILE_AUDIO_PIPEWIRE ? &l->f->sound.pipewire
									      : &l->f->sound.pulse;
	char what[256], remedy[256];

	if (!s->error)
		return 0;
	(void)snprintf(what, sizeof(what), "no %s of user %s answers: %s: %s",
		       backends[backend].shown, l->f->user.name, s->path, strerror(-s->error));
	(void)snprintf(remedy, sizeof(remedy),
		       "log in as that user before; for a VM that starts without: `loginctl "
		       "enable-linger %s`; or write `backend = auto`", l->f->user.name);
	return failed(l, remedy, what);
}

/* By group or by seat: what QEMU gets, its user could open as well. */
static int look_at_card(const struct looking *l)
{
	bool microphone = l->o->profile->microphone;
	struct host_user all = l->f->user;
	struct host_sound_card card;
	struct facts *f = l->f;
	int r;

	all.alone = false;
	r = host_sound_card(&all, microphone, &card);
	if (r || card.error)
		return failed(l,
			      card.error == -EACCES ? "`usermod -aG audio` that user, and log in again"
						    : "`ls /dev/snd` shows what there is; or write `backend = auto`",
			      card.error == -EACCES ? "the VM's user may not open a sound card"
			      : microphone ? "there is no sound card that plays and records"
					   : "there is no sound card");
	for (unsigned int i = 0; i < card.node_count; i++) {
		f->sound_node[i] = (struct plan_node){ .major = card.node[i].major,
						       .minor = card.node[i].minor };
		(void)snprintf(f->sound_node[i].path, sizeof(f->sound_node[i].path), "snd/%s",
			       card.node[i].name);
	}
	(void)snprintf(f->sound_device, sizeof(f->sound_device), "plughw:%u,%u", card.card,
		       card.device);
	f->plan.audio.device = f->sound_device;
	f->plan.audio.node = f->sound_node;
	f->plan.audio.node_count = card.node_count;
	return 0;
}

static int look(const struct looking *l, enum profile_audio backend)
{
	int code = look_at_qemu(l, backend);

	if (backend == PROFILE_AUDIO_PIPEWIRE || backend == PROFILE_AUDIO_PULSE)
		code |= look_at_server(l, backend);
	if (backend == PROFILE_AUDIO_ALSA)
		code |= look_at_card(l);
	return code;
}

/**
 * facts_assume_audio() - as a session has it, of another machine or for another user
 * @f:		its user is known
 */
void facts_assume_audio(const struct opened_profile *o, struct facts *f)
{
	const struct looking l = { o, NULL, f, NULL };
	enum profile_audio backend = o->profile->audio;

	if (!o->profile->has_audio)
		return;
	host_sound_places(&f->user, &f->sound);
	take(&l, backend == PROFILE_AUDIO_AUTO ? PROFILE_AUDIO_PULSE : backend);
}

/**
 * facts_look_at_audio() - the backend, for the plan, and whether it can work here
 *
 * Return: 0 or EXIT_HOST
 */
int facts_look_at_audio(const struct opened_profile *o, struct host *host, struct facts *f,
			struct check_results *results)
{
	const struct looking l = { o, host, f, results };
	const struct profile *p = o->profile;
	int code, r;

	facts_assume_audio(o, f);
	if (!p->has_audio || (geteuid() && geteuid() != f->user.uid))
		return 0; /* "files" has reported it */
	code = facts_need_device(&l, &p->audio_card_pos, plan_audio_card(p), "write `card = hda`, or name a newer QEMU with `qemu =`");
	r = host_sound(&f->user, &f->sound);
	if (r)
		f->sound.pipewire.error = f->sound.pulse.error = r;
	if (p->audio == PROFILE_AUDIO_AUTO)
		choose(&l);
	else
		code |= look(&l, p->audio);
	return code;
}
