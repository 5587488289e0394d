/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * asked.c - programs that let go of a card when it is announced as gone, and go on without it
 *
 * Only what was seen to do it has a row; whether it does is looked at each time. A display server
 * that is asked wrongly ends with all its windows, so of these the version counts, and that it is
 * sure to show the desktop on another card.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/devices/nodes.h"
#include "launcher/host/holders/apart.h"
#include "launcher/host/holders/asked.h"
#include "launcher/host/holders/holding.h"
#include "launcher/host/holders/processes.h"
#include "launcher/host/small-file.h"

#define HOLDERS_MAX 64
#define ENVIRONMENT_MAX (1u << 20) /* bytes; of one that has more nothing is known */

/*
 * Seen on Debian 12, kernel 6.1: WirePlumber 0.4 with PipeWire 0.3 lets go, and has the card again
 * when its driver has made it anew. On Debian 13, kernel 6.12: WirePlumber 0.5 with PipeWire 1.4, also
 * after `add`.
 */
static const struct {
	const char *comm, *subsystem;
} table[] = {
	{ "pipewire", "sound" },
	{ "wireplumber", "sound" },
};

/*
 * Seen on Debian 13, kernel 6.12, two emulated cards (bochs-drm): KWin 6.3.6 closes and unmaps its
 * second card, draws on, and opens it again after `add`. Its first one it cannot do without: it
 * quits. Which is the first it finds out when it starts, by the number of built-in panels, of
 * screens, and of connected connectors, or is told by the variable:
 * "/dev/dri/card0:/dev/dri/card1". Of NVIDIA's driver it was reported to keep /dev/nvidia-modeset.
 * Source: KWin 6.3, src/backends/drm/drm_backend.cpp, initialize(), handleUdevEvent();
 * github.com/Bensikrac/VFIO-Nvidia-dynamic-unbind/issues/7
 *
 * Without a row: Weston 14.0.2 keeps descriptors and mappings, and its output stays dead;
 * sway 1.10.1 keeps one descriptor, or crashes; Xorg 21.1.16 lets go, and was gone after the card
 * had come back.
 */
static const struct {
	const char *comm;
	const char *library, *tried; /* a file that it has mapped: its version is in that name, and
					one more digit: 6.3.80 and up are betas of 6.4 */
	const char *variable;
	const char *not_driver;
} servers[] = {
	{ "kwin_wayland", "/libkwin.so.", "6.3.", "KWIN_DRM_DEVICES", "nvidia" },
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

/* ---- which version runs, and what it was told ---- */

/* Both files are in the memory of the process, and are read apart. */
struct look {
	int root, pid;
	size_t server;
	bool tried;     /* it has that version's library mapped, whatever is installed by now */
	bool seen;      /* its environment */
	bool told;      /* that names its cards, */
	char first[64]; /* and this one first; cut */
};

static FILE *open_of(const struct look *l, const char *name)
{
	char path[48];
	int fd;
	FILE *f;

	(void)snprintf(path, sizeof(path), "proc/%d/%s", l->pid, name);
	fd = openat(l->root, path, O_RDONLY | O_CLOEXEC);
	f = fd < 0 ? NULL : fdopen(fd, "r");
	if (fd >= 0 && !f)
		(void)close(fd);
	return f;
}

static bool is_tried(const char *version, const char *tried)
{
	size_t length = strlen(tried);

	return !strncmp(version, tried, length) && strspn(version + length, "0123456789") == 1 &&
	       strchr("\n ", version[length + 1]); /* or its end */
}

static void look_at_maps(struct look *l)
{
	cleanup_fclose FILE *f = open_of(l, "maps");
	cleanup_free char *line = NULL;
	const char *library = servers[l->server].library, *tried = servers[l->server].tried;
	size_t room = 0;

	while (f && getline(&line, &room, f) > 0 && !l->tried) {
		const char *at = strstr(line, library);

		l->tried = at && is_tried(at + strlen(library), tried);
	}
}

static void look_at_environment(struct look *l)
{
	cleanup_fclose FILE *f = open_of(l, "environ");
	cleanup_free char *text = f ? malloc(ENVIRONMENT_MAX + 1) : NULL;
	const char *name = servers[l->server].variable;
	size_t size = text ? fread(text, 1, ENVIRONMENT_MAX, f) : 0, length = strlen(name);

	if (!size || size == ENVIRONMENT_MAX || ferror(f))
		return;
	text[size] = '\0';
	l->seen = true;
	for (const char *at = text; at < text + size && !l->told; at += strlen(at) + 1) {
		if (strncmp(at, name, length) != 0 || at[length] != '=' || !at[length + 1])
			continue;
		l->told = true;
		(void)snprintf(l->first, sizeof(l->first), "%.*s",
			       (int)strcspn(at + length + 1, ":"), at + length + 1);
	}
}

static void look(void *shared)
{
	look_at_maps(shared);
	look_at_environment(shared);
}

/* Return: false when it is no version that was tried, or cannot be seen */
static bool look_into(struct host *h, struct look *l)
{
	struct look *shared;
	bool done;

	if (!host_is_live(h)) {
		look(l);
		return l->tried && l->seen;
	}
	shared = host_apart_room(sizeof(*shared));
	if (!shared)
		return false;
	*shared = *l;
	done = host_apart(look, shared);
	*l = *shared;
	host_apart_free(shared, sizeof(*shared));
	return done && l->tried && l->seen;
}

/* ---- whether it shows the desktop elsewhere ---- */

static bool is_card(const char *name)
{
	return !strncmp(name, "card", 4) && name[4] &&
	       strspn(name + 4, "0123456789") == strlen(name + 4);
}

static bool reads(int root, const char *path, const char *wanted)
{
	char text[HOST_WORD_MAX];

	return sysfs_read(root, path, text, sizeof(text)) > 0 && !strcmp(text, wanted);
}

/* The types of connector that are no plug. Source: KWin, DrmConnector::isInternal() */
static bool is_panel(const char *connector)
{
	return !strncmp(connector, "eDP-", 4) || !strncmp(connector, "LVDS-", 5) ||
	       !strncmp(connector, "DSI-", 4);
}

struct screens {
	bool lit;   /* one that shows something */
	bool panel; /* one that is built in, */
	bool panel_is_there;
};

/* Reading this does not probe the screens. */
static void find_screens(struct host *h, const struct host_device *d, const char *card,
			 struct screens *out)
{
	char path[192], at[256], **name;
	size_t count, length = strlen(card);

	*out = (struct screens){ .lit = false };
	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/drm/%.32s", d->name, card);
	if (host_list(host_root_fd(h), path, &name, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		bool connected, panel;

		if (strncmp(name[i], card, length) || name[i][length] != '-')
			continue;
		panel = is_panel(name[i] + length + 1);
		(void)snprintf(at, sizeof(at), "%s/%.48s/status", path, name[i]);
		connected = reads(host_root_fd(h), at, "connected");
		(void)snprintf(at, sizeof(at), "%s/%.48s/enabled", path, name[i]);
		out->lit |= connected && reads(host_root_fd(h), at, "enabled");
		out->panel |= panel;
		out->panel_is_there |= panel && connected;
	}
	host_list_free(name, count);
}

/* Is this node open in that process? */
static bool has_open(struct host *h, int32_t pid, const struct host_node *node)
{
	const struct holder_target target = { .major = node->major, .minor = node->minor };
	struct holder found[HOLDERS_MAX];
	struct holder_scan scan;
	bool has = false;

	if (host_holders(h, &target, 1, found, HOLDERS_MAX, &scan))
		return false;
	for (size_t i = 0; i < scan.found; i++)
		has |= found[i].pid == pid;
	return has;
}

/* The card's node; a card has one. Return: false when there is none */
static bool find_node(struct host *h, const struct host_device *d, struct host_node *out)
{
	struct host_nodes nodes;
	bool found = false;

	if (host_nodes(h, d, &nodes))
		return false;
	for (size_t i = 0; i < nodes.count && !found; i++) {
		found = !strcmp(nodes.item[i].subsystem, "drm") && is_card(nodes.item[i].name);
		if (found)
			*out = nodes.item[i];
	}
	host_nodes_fini(&nodes);
	return found;
}

/*
 * Since when udev has known it, in microseconds of the monotonic clock; kept when it is announced
 * as changed, and new when it was gone. Source: systemd, device_update_db(), "I:". Return: 0: not
 * known
 */
static uint64_t known_since(struct host *h, const struct host_node *node)
{
	cleanup_free char *text = NULL;
	char path[64], *rest, *line;
	uint64_t since = 0;

	(void)snprintf(path, sizeof(path), "run/udev/data/c%u:%u", node->major, node->minor);
	if (host_text(host_root_fd(h), path, &text))
		return 0;
	for (rest = text; (line = host_next_line(&rest));)
		if (sscanf(line, "I:%" SCNu64, &since) == 1)
			break;
	return since;
}

static uint64_t clock_us(clockid_t clock)
{
	struct timespec t = { 0 };

	(void)clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* The least that its start can be by the monotonic clock, which stands still while the host sleeps.
 */
static uint64_t started_after(struct host *h, int32_t pid)
{
	uint64_t ticks = 0, start, slept, monotonic = clock_us(CLOCK_MONOTONIC);

	if (!host_process_start(h, pid, &ticks))
		return 0;
	start = ticks * 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
	slept = host_is_live(h) ? clock_us(CLOCK_BOOTTIME) - monotonic : 0;
	return start > slept ? start - slept : 0;
}

/*
 * Was it there when the server was started? So it is when it was there longer than the other card,
 * which the server has open too: that it is told of new ones as well changes nothing then.
 */
static bool was_there(struct host *h, int32_t pid, const struct host_node *node,
		      const struct host_node *other)
{
	uint64_t since = known_since(h, node), others = known_since(h, other);

	return since && (since <= started_after(h, pid) || since < others);
}

static bool is_in(const struct host_devices *list, const struct host_device *d)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->item[i] == d)
			return true;
	return false;
}

/* The card that goes. */
struct going {
	struct host_node node;
	struct screens screens;
};

/* Is this one, which stays, the first of the server's, and does it show the desktop? */
static bool is_shown_on(struct host *h, const struct look *l, const struct going *goes,
			const struct host_device *d)
{
	struct host_node node;
	struct screens screens;
	char path[HOST_WORD_MAX + 16];

	if (d->vfio || !find_node(h, d, &node))
		return false;
	find_screens(h, d, node.name, &screens);
	(void)snprintf(path, sizeof(path), "/dev/dri/%s", node.name);
	if (l->told ? strcmp(l->first, path) != 0 : !screens.panel_is_there || goes->screens.panel)
		return false;
	return screens.lit && has_open(h, l->pid, &node) &&
	       was_there(h, l->pid, &node, &goes->node);
}

static bool shows_elsewhere(struct host *h, const struct look *l, const struct host_device *card,
			    const struct host_devices *goes)
{
	struct going going;
	struct host_devices all;
	bool shows = false;

	if (!find_node(h, card, &going.node) || host_all(h, &all))
		return false;
	find_screens(h, card, going.node.name, &going.screens);
	for (size_t i = 0; i < all.count && !shows; i++)
		shows = !is_in(goes, all.item[i]) && is_shown_on(h, l, &going, all.item[i]);
	host_devices_fini(&all);
	return shows;
}

/**
 * host_display_is_asked() - is it a display server that goes on when this card is announced as
 * gone?
 * @f:		holds a node of the card's
 * @goes:	all devices that go with it
 *
 * Return: false also when it is not known
 */
bool host_display_is_asked(struct host *h, const struct holder *f, const struct host_device *card,
			   const struct host_devices *goes)
{
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++) {
		struct look l = { .root = host_root_fd(h), .pid = f->pid, .server = i };

		if (!strcmp(servers[i].comm, f->comm))
			return strcmp(servers[i].not_driver, card->driver) != 0 &&
			       look_into(h, &l) && shows_elsewhere(h, &l, card, goes);
	}
	return false;
}
