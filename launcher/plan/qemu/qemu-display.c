/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-display.c - QEMU's arguments for what is shown of the guest, and how it is reached */
#include <string.h>

#include <json-c/json.h>

#include "launcher/host/host.h"
#include "launcher/plan/qemu/qemu.h"
#include "profiles/profile.h"

#define VIDEO_PLACE "0x1" /* of the root bus, where guests look for a graphics card first */

/* clang-format off */
/* What each kind of card is to QEMU: with VGA, and beside a passed card that has the VGA ranges. */
static const struct { const char *vga, *beside; } cards[] = {
	[PROFILE_VIDEO_VIRTIO] = { "virtio-vga", "virtio-gpu-pci" },
	[PROFILE_VIDEO_QXL]    = { "qxl-vga", "qxl" },
	[PROFILE_VIDEO_STD]    = { "VGA", "secondary-vga" },
};

static const char *const backends[] = {
	[PROFILE_DISPLAY_NONE] = "none",
	[PROFILE_DISPLAY_GTK] = "gtk",
	[PROFILE_DISPLAY_SDL] = "sdl",
	[PROFILE_DISPLAY_SPICE] = "none",
	[PROFILE_DISPLAY_VNC] = "none",
	[PROFILE_DISPLAY_EGL_HEADLESS] = "egl-headless",
};
/* clang-format on */

/**
 * plan_render() - the render node that QEMU draws by
 *
 * Return: one of a card that stays with the host; NULL: none is known
 */
const struct plan_render *plan_render(const struct plan *plan, const struct plan_host_facts *facts)
{
	for (size_t i = 0; facts && i < facts->render_count; i++) {
		bool stays = true;

		for (size_t k = 0; k < plan->device_count; k++)
			stays &= strcmp(plan->device[k].host->name, facts->render[i].device) != 0;
		if (stays)
			return &facts->render[i];
	}
	return NULL;
}

/* Read by QEMU itself: on a command line any user of the host could read it. */
static const char *password(struct qemu *q)
{
	struct json_object *o;

	if (!q->profile->display_password)
		return "";
	o = argv_object("qom-type", "secret");
	put_text(&q->argv, o, "id", "display-password");
	put_text(&q->argv, o, "file", q->profile->display_password);
	argv_json(&q->argv, "-object", o);
	return ",password-secret=display-password";
}

/*
 * SPICE and VNC have no socket in the jail: vfio-qmp accepts their clients and hands each over.
 * `-vga none`: what a guest sees is said with -device alone.
 */
void qemu_display(struct qemu *q)
{
	const struct plan_render *render = plan_render(q->plan, q->facts);
	enum profile_display type = profile_display_type(q->profile);

	if (type == PROFILE_DISPLAY_EGL_HEADLESS && render)
		argv_option(&q->argv, "-display", "egl-headless,rendernode=/dev/dri/%s", render->node);
	else
		argv_option(&q->argv, "-display", "%s", backends[type]);
	if (type == PROFILE_DISPLAY_VNC)
		argv_option(&q->argv, "-vnc", "none%s", password(q));
	if (type == PROFILE_DISPLAY_SPICE)
		argv_option(&q->argv, "-spice", "disable-ticketing=%s,disable-copy-paste=%s%s",
			    q->profile->display_password ? "off" : "on",
			    q->profile->clipboard ? "off" : "on", password(q));
	argv_option(&q->argv, "-vga", "none");
}

/**
 * plan_video() - the QEMU device of the emulated graphics card
 *
 * Return: its name, NULL when there is none
 */
const char *plan_video(const struct profile *p)
{
	bool shown = profile_display_type(p) != PROFILE_DISPLAY_NONE, primary = false;
	enum profile_video video = p->video;

	if (video == PROFILE_VIDEO_AUTO)
		video = shown ? PROFILE_VIDEO_VIRTIO : PROFILE_VIDEO_NONE;
	for (size_t i = 0; i < p->device_count; i++)
		primary |= p->device[i].primary;
	if (video == PROFILE_VIDEO_NONE)
		return NULL;
	return primary ? cards[video].beside : cards[video].vga;
}

/* Never auto. */
static enum profile_pointer pointer_kind(const struct profile *p)
{
	bool shown = profile_display_type(p) != PROFILE_DISPLAY_NONE;

	if (p->pointer != PROFILE_POINTER_AUTO)
		return p->pointer;
	return shown ? PROFILE_POINTER_USB : PROFILE_POINTER_NONE; /* every guest has its drivers */
}

/**
 * plan_pointer() - the QEMU device of the emulated pointer
 *
 * Return: its name; NULL when there is none, or it is the machine's own
 */
const char *plan_pointer(const struct profile *p)
{
	enum profile_pointer kind = pointer_kind(p);

	return kind == PROFILE_POINTER_USB      ? "usb-tablet"
	       : kind == PROFILE_POINTER_VIRTIO ? "virtio-tablet-pci"
						: NULL;
}

static void video(struct qemu *q)
{
	const char *driver = plan_video(q->profile);
	struct json_object *o;

	if (!driver)
		return;
	o = argv_object("driver", driver);
	put_text(&q->argv, o, "id", "video");
	put_text(&q->argv, o, "bus", "pcie.0");
	put_text(&q->argv, o, "addr", VIDEO_PLACE);
	argv_json(&q->argv, "-device", o);
}

static void on_port(struct qemu *q, const char *driver, const char *id)
{
	struct json_object *o = argv_object("driver", driver);

	put_text(&q->argv, o, "id", id);
	put_format(&q->argv, o, "bus", "port%u", qemu_port(q));
	argv_json(&q->argv, "-device", o);
}

static void on_usb(struct qemu *q, const char *driver, const char *id)
{
	struct json_object *o = argv_object("driver", driver);

	put_text(&q->argv, o, "id", id);
	put_text(&q->argv, o, "bus", "shown-usb.0");
	argv_json(&q->argv, "-device", o);
}

/* A tablet, not a mouse: the pointer is where the client's is. PS/2 is the machine's own. */
static void pointer(struct qemu *q)
{
	enum profile_pointer kind = pointer_kind(q->profile);

	if (kind == PROFILE_POINTER_USB) {
		on_port(q, "qemu-xhci", "shown-usb");
		on_usb(q, "usb-kbd", "keyboard");
		on_usb(q, "usb-tablet", "pointer");
	} else if (kind == PROFILE_POINTER_VIRTIO) {
		on_port(q, "virtio-keyboard-pci", "keyboard");
		on_port(q, "virtio-tablet-pci", "pointer");
	}
}

/* The channel that a SPICE agent in the guest looks for. Source: spice-space.org, vdagent. */
static void clipboard(struct qemu *q)
{
	struct json_object *o;

	if (!q->profile->clipboard)
		return;
	on_port(q, "virtio-serial-pci", "agents");
	argv_option(&q->argv, "-chardev", "spicevmc,id=clipboard,name=vdagent");
	o = argv_object("driver", "virtserialport");
	put_text(&q->argv, o, "bus", "agents.0");
	put_text(&q->argv, o, "chardev", "clipboard");
	put_text(&q->argv, o, "name", "com.redhat.spice.0");
	argv_json(&q->argv, "-device", o);
}

/** qemu_shown() - the devices by which a guest is seen, and typed to; behind all others */
void qemu_shown(struct qemu *q)
{
	video(q);
	pointer(q);
	clipboard(q);
}
