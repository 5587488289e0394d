/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-asked.c - which programs are asked to let go of a card, and that no display server is asked that
 * would end
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/holders/asked.h"
#include "tests/sysfs/tree.h"

#define PID 4242
#define BOOT "sys/bus/pci/devices/0000:00:02.0"
#define CARD "sys/bus/pci/devices/0000:01:00.0"
#define MAPS(library) \
	"proc/4242/maps=7f00-7f10 r-xp 00000000 08:01 9   /usr/lib/x86_64-linux-gnu/libQt6Core.so.6.8.2\n" \
	"7f20-7f30 r-xp 00000000 08:01 9   /usr/lib/x86_64-linux-gnu/" library "\n"
#define TOLD "KWIN_DRM_DEVICES=/dev/dri/card0:/dev/dri/card1"
#define PANEL BOOT "/drm/card0/card0-eDP-1/status=connected\n"
#define STAT(start) "proc/4242/stat=4242 (kwin) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 " start " 1 1\n"

/* A KWin that has two cards open, and was told that the other one is its first. */
static const char *const machine[] = {
	BOOT "/drm/card0/dev=1:5\n", BOOT "/drm/card0/subsystem>../../drm",
	BOOT "/drm/card0/card0-DP-1/status=disconnected\n", BOOT "/drm/card0/card0-DP-1/enabled=disabled\n",
	BOOT "/drm/card0/card0-HDMI-A-1/status=connected\n", BOOT "/drm/card0/card0-HDMI-A-1/enabled=enabled\n",
	CARD "/drm/card1/dev=1:7\n", CARD "/drm/card1/subsystem>../../drm",
	"proc/4242/comm=kwin_wayland\n", STAT("900"), "proc/4242/exe>/usr/bin/true",
	"proc/4242/fd/3>/dev/zero", "proc/4242/fd/4>/dev/full",
	MAPS("libkwin.so.6.3.6"), "proc/4242/environ=" TOLD,
	"run/udev/data/c1:5=S:dri/by-path/x\nI:8000000\nE:ID_SEAT=seat0\n", "run/udev/data/c1:7=I:7000000\n",
	NULL,
};

static char root[64];

static void make_parents(char *path)
{
	for (char *c = path + 1; *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		(void)mkdir(path, 0755);
		*c = '/';
	}
}

/* "PATH=TEXT", "PATH>TARGET", "!PATH" */
static void put(const char *file)
{
	const char *end = file + strcspn(file, "=>");
	cleanup_free char *path = NULL;
	cleanup_fclose FILE *f = NULL;

	assert_true(asprintf(&path, "%s/%.*s", root, (int)(end - file) - (*file == '!'), file + (*file == '!')) > 0);
	if (*file == '!') {
		assert_int_equal(unlink(path), 0);
		return;
	}
	make_parents(path);
	if (*end == '>') {
		assert_int_equal(symlink(end + 1, path), 0);
		return;
	}
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(end + 1, f) >= 0);
}

static const struct host_device *device(struct host *h, const char *address)
{
	const struct host_device *d = NULL;
	struct pci_address a;

	assert_true(pci_address_parse(address, &a));
	assert_int_equal(host_device(h, &a, &d), 0);
	return d;
}

struct asking {
	const char *what;
	bool asked;
	bool with_boot; /* the other card goes too */
	const char *comm;
	const char *file[4];
};

static bool is_asked(const struct asking *a)
{
	struct holder holder = { .pid = PID };
	const struct host_device *list[2];
	struct host_devices goes = { .item = list, .count = 1 };
	struct host *h;
	bool asked;

	tree_make("checks", root);
	for (size_t i = 0; machine[i]; i++)
		put(machine[i]);
	for (size_t i = 0; a->file[i]; i++)
		put(a->file[i]);
	assert_int_equal(host_open(root, &h), 0);
	(void)snprintf(holder.comm, sizeof(holder.comm), "%s", a->comm ? a->comm : "kwin_wayland");
	list[0] = device(h, "0000:01:00.0");
	if (a->with_boot)
		list[goes.count++] = device(h, "0000:00:02.0");
	asked = host_display_is_asked(h, &holder, list[0], &goes);
	host_close(h);
	tree_remove(root);
	return asked;
}

static void a_display_server_is_asked_when_it_is_sure_to_go_on(void **state)
{
	static const struct asking cases[] = {
		{ "as it is", true, .file = { NULL } },
		{ "another one of that version", true, .file = { MAPS("libkwin.so.6.3.5 (deleted)") } },
		{ "a beta of the next version", false, .file = { MAPS("libkwin.so.6.3.90 (deleted)") } },
		{ "one of another kind", false, .file = { MAPS("libkwin.so.6.3.6.1") } },
		{ "none", false, .file = { MAPS("libkwin.so.6.3.") } },
		{ "an older version", false, .file = { MAPS("libkwin.so.6.2.5") } },
		{ "a newer version", false, .file = { MAPS("libkwin.so.6.30.1") } },
		{ "no version that is seen", false, .file = { MAPS("libkwin.so.6") } },
		{ "nothing of it is seen", false, .file = { "!proc/4242/maps" } },
		{ "another program", false, .comm = "weston", .file = { NULL } },
		{ "this card is its first one", false,
		  .file = { "proc/4242/environ=KWIN_DRM_DEVICES=/dev/dri/card1:/dev/dri/card0" } },
		{ "its first one is told of in other words", false,
		  .file = { "proc/4242/environ=KWIN_DRM_DEVICES=/dev/dri/by-path/x:/dev/dri/card1" } },
		{ "it has found out itself, by screens", false, .file = { "proc/4242/environ=XDG_SEAT=seat0" } },
		{ "it has found out itself, by a panel", true, .file = { "proc/4242/environ=XDG_SEAT=seat0", PANEL } },
		{ "told nothing", true, .file = { "proc/4242/environ=KWIN_DRM_DEVICES=", PANEL } },
		{ "the panel is not connected", false,
		  .file = { "proc/4242/environ=XDG_SEAT=seat0", BOOT "/drm/card0/card0-eDP-1/status=disconnected\n" } },
		{ "both cards have a panel", false,
		  .file = { "proc/4242/environ=XDG_SEAT=seat0", PANEL, CARD "/drm/card1/card1-LVDS-1/status=disconnected\n" } },
		{ "a panel, and told that it is not the first", false,
		  .file = { "proc/4242/environ=KWIN_DRM_DEVICES=/dev/dri/card1", PANEL } },
		{ "one whose environment is not seen", false, .file = { "!proc/4242/environ" } },
		{ "the other card goes too", false, .with_boot = true, .file = { NULL } },
		{ "it has not opened the other card", false, .file = { "!proc/4242/fd/3" } },
		{ "the other card has no screen", false,
		  .file = { BOOT "/drm/card0/card0-HDMI-A-1/status=disconnected\n" } },
		{ "the other card's screen is dark", false,
		  .file = { BOOT "/drm/card0/card0-HDMI-A-1/enabled=disabled\n" } },
		{ "the other card came when it ran, after this one", false, .file = { STAT("700") } },
		{ "the other card is older than this one", true,
		  .file = { STAT("700"), "run/udev/data/c1:7=I:8000001\n" } },
		{ "udev does not know the other card", false, .file = { "run/udev/data/c1:5=E:X=y\n" } },
		{ "it is not known when it was started", false, .file = { "!proc/4242/stat" } },
		{ "NVIDIA's driver", false, .file = { "!" CARD "/driver", CARD "/driver>../../../drivers/nvidia" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (is_asked(&cases[i]) != cases[i].asked)
			fail_msg("%s: %s", cases[i].what, cases[i].asked ? "not asked" : "asked");
}

/* Its end may say something else; and who asks is root, whose memory it would take. */
static void a_large_environment_is_not_read(void **state)
{
	static const char path[] = "proc/4242/environ=" TOLD;
	const size_t size = 1u << 20;
	cleanup_free char *text = malloc(sizeof(path) + size);
	struct asking a = { .file = { text } };

	(void)state;
	assert_non_null(text);
	memset(text, 'x', sizeof(path) + size);
	memcpy(text, path, sizeof(path) - 1);
	text[sizeof(path) - 1] = ':';
	text[sizeof(path) - 1 + size / 2] = '\0';
	assert_true(is_asked(&a));
	text[sizeof(path) - 1 + size / 2] = 'x';
	text[sizeof(path) - 1 + size] = '\0';
	assert_false(is_asked(&a));
}

static void sound_servers_are_asked(void **state)
{
	(void)state;
	assert_true(host_is_asked("wireplumber", "sound"));
	assert_true(host_is_asked("pipewire", "sound"));
	assert_false(host_is_asked("wireplumber", "drm"));
	assert_false(host_is_asked("kwin_wayland", "drm"));
	assert_false(host_is_asked("mpv", "sound"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_display_server_is_asked_when_it_is_sure_to_go_on),
		cmocka_unit_test(a_large_environment_is_not_read),
		cmocka_unit_test(sound_servers_are_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
