/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checks-holders.c - rows: which processes have the devices open
 *
 * A device leaves its driver only when no process holds it: some drivers wait for ever for
 * the last descriptor, and some that do not wait break. What is known to let go, or to
 * bear it, is named and not refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/driver-nodes.h"
#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/holders/asked.h"
#include "launcher/host/holders/holding.h"
#include "launcher/host/holders/processes.h"
#include "launcher/host/small-file.h"
#include "launcher/plan/checks/checks-rows.h"

/* ---- what is looked for ---------------------------------------------------------------- */

static void add_target(struct check_holders *h, size_t device, const struct host_node *node,
		       struct holder_target target)
{
	if (h->targets == CHECK_TARGETS_MAX)
		return;
	h->target[h->targets] = target;
	h->device[h->targets] = device;
	h->node[h->targets++] = node;
}

/* A driver's own node, which is not in the device's directory. */
static void add_nvidia(struct checking *c, size_t device)
{
	struct holder_target target[HOST_NVIDIA_TARGETS];
	size_t count = host_nvidia_targets(c->host, c->device[device].host, target);

	for (size_t i = 0; i < count; i++)
		add_target(c->holders, device, NULL, target[i]);
}

static void add_kfd(struct checking *c, size_t device)
{
	static const struct host_node kfd = { .name = "kfd", .subsystem = "kfd" };
	struct holder_target target;

	if (host_kfd_target(c->host, c->device[device].host, &target))
		add_target(c->holders, device, &kfd, target);
}

static void add_targets(struct checking *c)
{
	for (size_t i = 0; i < c->device_count; i++) {
		const struct host_nodes *nodes = &c->device[i].nodes;

		for (size_t k = 0; k < nodes->count; k++) {
			const struct host_node *n = &nodes->item[k];

			if (strcmp(n->subsystem, "net"))
				add_target(c->holders, i, n,
					   (struct holder_target){ .block = n->block,
								   .major = n->major,
								   .minor = n->minor });
		}
		add_nvidia(c, i);
		add_kfd(c, i);
	}
}

/* Once for all rows and all devices. Return: is there anything to go through? */
static bool scan(struct checking *c)
{
	struct check_holders *h = c->holders;

	if (h->scanned)
		return !h->error;
	h->scanned = true;
	add_targets(c);
	h->scan.complete = true;
	if (!h->targets)
		return true;
	h->error =
		host_holders(c->host, h->target, h->targets, h->found, CHECK_HOLDERS_MAX, &h->scan);
	return !h->error;
}

static const char *device_of(const struct checking *c, const struct holder *f)
{
	return c->device[c->holders->device[f->target]].host->name;
}

static const char *subsystem_of(const struct checking *c, const struct holder *f)
{
	const struct host_node *n = c->holders->node[f->target];

	return n ? n->subsystem : "nvidia";
}

static const char *node_of(const struct checking *c, const struct holder *f)
{
	const struct host_node *n = c->holders->node[f->target];

	return n ? n->name : "its NVIDIA node";
}

/* ---- sound ----------------------------------------------------------------------------- */

static bool is_pcm(const struct checking *c, const struct holder *f)
{
	return !strcmp(subsystem_of(c, f), "sound") && !strncmp(node_of(c, f), "pcm", 3);
}

static bool reads_state(struct checking *c, const char *path, const char *state)
{
	char text[512];

	return sysfs_read(c->root, path, text, sizeof(text)) > 0 && strstr(text, state);
}

/* Is any stream of the card running? Needs no root, and sees what plays through a mixer. */
static bool is_running(struct checking *c, const char *card)
{
	char path[640], **pcm, **sub;
	size_t pcms, subs;
	bool running = false;

	(void)snprintf(path, sizeof(path), "proc/asound/%s", card);
	if (host_list(c->root, path, &pcm, &pcms))
		return false;
	for (size_t i = 0; i < pcms && !running; i++) {
		if (strncmp(pcm[i], "pcm", 3))
			continue;
		(void)snprintf(path, sizeof(path), "proc/asound/%s/%s", card, pcm[i]);
		if (host_list(c->root, path, &sub, &subs))
			continue;
		for (size_t k = 0; k < subs && !running; k++) {
			(void)snprintf(path, sizeof(path), "proc/asound/%s/%s/%s/status", card,
				       pcm[i], sub[k]);
			running = reads_state(c, path, "state: RUNNING");
		}
		host_list_free(sub, subs);
	}
	host_list_free(pcm, pcms);
	return running;
}

#define QUIET \
	"stop what plays, or give it another output: `wpctl set-default ID`, `pactl set-default-sink NAME`"

/* Unbinding waits for every descriptor of a stream. Source: sound/core/init.c, snd_card_free(). */
void check_sound(struct checking *c)
{
	char who[512];
	bool named = false;

	if (!scan(c)) {
		row_file_error(c, "/proc", c->holders->error);
		return;
	}
	for (size_t i = 0; i < c->holders->scan.found; i++) {
		const struct holder *f = &c->holders->found[i];

		if (!is_pcm(c, f))
			continue;
		named = true;
		if (check_ends_with_session(c, f))
			continue;
		row_failed(c, QUIET, "%s: /dev/snd/%s is played on by %s", device_of(c, f),
			   node_of(c, f), host_process_describe(c->host, f, who, sizeof(who)));
	}
	for (size_t i = 0; i < c->device_count && !named; i++)
		for (size_t k = 0; k < c->device[i].nodes.count; k++) {
			const struct host_node *n = &c->device[i].nodes.item[k];
			char card[HOST_WORD_MAX];

			if (strcmp(n->subsystem, "sound") || strncmp(n->name, "controlC", 8))
				continue;
			(void)snprintf(card, sizeof(card), "card%.8s", n->name + 8);
			if (is_running(c, card))
				row_failed(c, QUIET, "%s: the sound card %s plays",
					   c->device[i].host->name, card);
		}
}

/* ---- everything else ------------------------------------------------------------------- */

/* How display servers are told to leave a card alone that is not the only one; by the name that the kernel has of them. */
static const struct {
	const char *comm, *remedy;
} compositors[] = {
	{ "kwin_wayland", "set KWIN_DRM_DEVICES to the other card in /etc/environment, and log in "
			  "again" },
	{ "gnome-shell", "a udev rule with TAG+=\"mutter-device-ignore\" for the card, and log in "
			 "again" },
	{ "mutter",
	  "a udev rule with TAG+=\"mutter-device-ignore\" for the card, and log in again" },
	{ "sway", "set WLR_DRM_DEVICES to the other card, and start it again" },
	{ "wayfire", "set WLR_DRM_DEVICES to the other card, and start it again" },
	{ "labwc", "set WLR_DRM_DEVICES to the other card, and start it again" },
	{ "river", "set WLR_DRM_DEVICES to the other card, and start it again" },
	{ "cage", "set WLR_DRM_DEVICES to the other card, and start it again" },
	{ "Hyprland", "set AQ_DRM_DEVICES to the other card, and start it again" },
	{ "niri",
	  "debug { ignore-drm-device \"/dev/dri/...\"; } in its configuration, and start it "
	  "again" },
	{ "cosmic-comp", "set COSMIC_DRM_ALLOW_DEVICES to the other card, and log in again" },
	{ "weston", "start it with --drm-device= and the other card" },
	{ "Xorg",
	  "Option \"AutoAddGPU\" \"off\" in a ServerFlags section of /etc/X11/xorg.conf.d, and "
	  "log in again" },
	{ "Xwayland", "tell the compositor that started it to leave the card alone" },
	{ "seatd", "it holds the card for a compositor: tell that one to leave it alone" },
}, services[] = {
	{ "nvidia-persiste", "`systemctl stop nvidia-persistenced`" },
	{ "nvidia-powerd", "`systemctl stop nvidia-powerd`" },
	{ "nv-fabricmanage", "`systemctl stop nvidia-fabricmanager`" },
	{ "plymouthd", "`plymouth quit`" },
};

#define KEPT "it keeps the card for a session: log out of the desktop that uses it"

/* By the name that the kernel has of it; NULL: none is known. */
static const char *own_switch(const struct holder *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(compositors); i++)
		if (!strcmp(f->comm, compositors[i].comm))
			return compositors[i].remedy;
	return NULL;
}

static bool would_let_go(struct checking *c, const struct holder *f)
{
	const size_t at = c->holders->device[f->target];
	struct host_devices goes = { .item = calloc(c->device_count, sizeof(*goes.item)) };
	bool would;

	for (size_t i = 0; goes.item && i < c->device_count; i++)
		goes.item[goes.count++] = c->device[i].host;
	would = goes.item && c->profile && !strcmp(subsystem_of(c, f), "drm") &&
		host_display_is_asked(c->host, f, c->device[at].host, &goes);
	host_devices_fini(&goes);
	return would;
}

#define ASK "write `holders = ask` for it: this version lets go when it is asked, and goes on; or %s"

static void say_remedy(struct checking *c, const struct holder *f, char buf[CHECK_REMEDY_MAX])
{
	const char *remedy = own_switch(f);

	if (check_own_remedy(c, f->pid, NULL, buf))
		return;
	if (host_keeps_for_others(f)) {
		(void)snprintf(buf, CHECK_REMEDY_MAX, KEPT);
		return;
	}
	if (remedy) {
		const char *words = check_other_display(c, c->device[c->holders->device[f->target]].host) ?
					    remedy : CHECK_END_DESKTOP;

		(void)snprintf(buf, CHECK_REMEDY_MAX, would_let_go(c, f) ? ASK : "%s", words);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(services); i++)
		if (!strcmp(f->comm, services[i].comm)) {
			(void)snprintf(buf, CHECK_REMEDY_MAX, "%s", services[i].remedy);
			return;
		}
	if (!host_process_stop(c->host, f->pid, buf, CHECK_REMEDY_MAX))
		(void)snprintf(buf, CHECK_REMEDY_MAX, "end it: `kill %d`", f->pid);
}

/* Streams are for another row, check_sound(). */
static bool is_borne(const struct checking *c, const struct holder *f)
{
	return is_pcm(c, f) || host_is_borne(subsystem_of(c, f), node_of(c, f));
}

/* One line for each process and device, whatever it has open of it: the first that counts. */
static bool said_before(const struct checking *c, size_t at)
{
	const struct check_holders *h = c->holders;

	for (size_t i = 0; i < at; i++)
		if (h->found[i].pid == h->found[at].pid &&
		    h->device[h->found[i].target] == h->device[h->found[at].target] &&
		    is_borne(c, &h->found[i]) == is_borne(c, &h->found[at]))
			return true;
	return false;
}

static void say_holder(struct checking *c, const struct holder *f)
{
	char who[512], remedy[CHECK_REMEDY_MAX], path[HOLDER_PATH_MAX * 4];

	(void)host_process_describe(c->host, f, who, sizeof(who));
	(void)log_quote(f->path, path, sizeof(path));
	if (is_borne(c, f)) {
		row_remark(c, NULL, "%s: %s is open in %s, which is told when it goes",
			   device_of(c, f), path, who);
		return;
	}
	if (check_is_asked(c, f)) {
		row_remark(c, own_switch(f),
			   "%s: %s is open in %s, which is asked to let go of it, and goes on",
			   device_of(c, f), path, who);
		return;
	}
	if (check_ends_with_session(c, f)) {
		row_remark(c, NULL, "%s: %s is open in %s, which goes before the device does",
			   device_of(c, f), path, who);
		return;
	}
	say_remedy(c, f, remedy);
	row_failed(c, remedy, "%s: %s is open in %s", device_of(c, f), path, who);
}

/*
 * logind and process 1 hold a card for a display server only, which is named itself: to end them
 * would be no remedy. They are named where nobody else is seen.
 */
static bool is_named_otherwise(const struct checking *c, size_t at)
{
	const struct check_holders *h = c->holders;

	if (!host_keeps_for_others(&h->found[at]))
		return false;
	for (size_t i = 0; i < h->scan.found; i++)
		if (h->device[h->found[i].target] == h->device[h->found[at].target] &&
		    !host_keeps_for_others(&h->found[i]) && !is_borne(c, &h->found[i]))
			return true;
	return false;
}

void check_holders(struct checking *c)
{
	const struct check_holders *h = c->holders;
	bool refused = false;

	if (!scan(c)) {
		row_file_error(c, "/proc", h->error);
		return;
	}
	for (size_t i = 0; i < h->scan.found; i++) {
		const struct holder *f = &h->found[i];

		if (f->pid == getpid() || is_pcm(c, f) || said_before(c, i) ||
		    is_named_otherwise(c, i))
			continue;
		refused |= !is_borne(c, f) && !check_is_asked(c, f) && !check_ends_with_session(c, f);
		say_holder(c, f);
	}
	if (h->scan.truncated && !refused)
		row_failed(c, "end some of them",
			   "more processes hold the devices than can be looked at");
	if (!h->scan.complete && !refused)
		row_skipped(c, "not all processes could be looked into: that needs root");
}

/* ---- VFIO itself ----------------------------------------------------------------------- */

/** checks_group_is_open() - is the group open in a process? It can be open once: a second open
 * fails with EBUSY */
bool checks_group_is_open(int group)
{
	cleanup_close int fd = -1;
	char path[32];

	(void)snprintf(path, sizeof(path), "/dev/vfio/%d", group);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 && errno == EBUSY;
}

static void check_one_open(struct checking *c, int group)
{
	struct holder_target target = { 0 };
	struct holder found[4];
	struct holder_scan result = { .found = 0 };
	char path[64], text[32], who[512], remedy[CHECK_REMEDY_MAX];
	cleanup_close int proc = -1;

	(void)snprintf(path, sizeof(path), "sys/class/vfio/%d/dev", group);
	if (sysfs_read(c->root, path, text, sizeof(text)) < 0 ||
	    sscanf(text, "%u:%u", &target.major, &target.minor) != 2)
		return; /* no member is on a vfio driver */
	proc = openat(c->root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0 || holders_scan(proc, &target, 1, found, ARRAY_SIZE(found), &result))
		return;
	for (size_t i = 0; i < result.found; i++) {
		if (!check_own_remedy(c, found[i].pid, NULL, remedy) &&
		    !host_process_stop(c->host, found[i].pid, remedy, sizeof(remedy)))
			(void)snprintf(remedy, sizeof(remedy), "shut that VM down, or `kill %d`",
				       found[i].pid);
		row_failed(c, remedy, "group %d is open in %s", group,
			   host_process_describe(c->host, &found[i], who, sizeof(who)));
	}
	if (!result.found && row_is_root(c) && checks_group_is_open(group))
		row_failed(c, "shut the VM down that has it; it may be in a container",
			   "group %d is open, by a process that is not seen", group);
	else if (!result.found && !result.complete)
		row_skipped(c, "not all processes could be looked into: that needs root");
}

void check_vfio_open(struct checking *c)
{
	for (size_t i = 0; i < c->group_count; i++)
		check_one_open(c, c->group[i]);
}
