/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-use.c - rows: what the host itself uses the devices for; no option overrides these */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/devices/block-use.h"
#include "launcher/host/devices/card.h"
#include "launcher/host/holders/net-use.h"
#include "launcher/host/seat/console.h"
#include "launcher/host/seat/way-in.h"
#include "launcher/plan/changes/mounts.h"
#include "launcher/plan/checks/checks-rows.h"
#include "launcher/plan/checks/dark.h"
#include "launcher/plan/find.h"

/* What ends the use that the words describe. */
static const struct {
	const char *word, *remedy;
} storage_remedies[] = {
	{ "LVM volume", "`umount` what is on it, and `vgchange -an` its volume group first" },
	{ "encrypted volume", "`umount` what is on it, and `cryptsetup close` it first" },
	{ "device-mapper volume", "`umount` what is on it, and `dmsetup remove` it first" },
	{ " array ", "`umount` what is on it, and `mdadm --stop` it first" },
	{ " is mounted at ", "`umount` it first" },
	{ " is used as swap", "`swapoff` it first" },
	{ "mounted btrfs", "`umount` it first" },
};

/* What a running host cannot unmount. */
static const char *const of_the_host[] = { "/", "/usr", "/var" };

static bool is_at(const char *use, const char *point)
{
	static const char mounted[] = " is mounted at ";
	size_t length = strlen(point);

	for (const char *at = use; (at = strstr(at, mounted));) {
		at += sizeof(mounted) - 1;
		if (!strncmp(at, point, length) && (!at[length] || at[length] == ';'))
			return true;
	}
	return false;
}

/** check_storage_remedy() - what ends a use, by the words of host_block_use() */
const char *check_storage_remedy(const char *use)
{
	for (size_t i = 0; i < ARRAY_SIZE(of_the_host); i++)
		if (is_at(use, of_the_host[i]))
			return "name another one: the host runs from it";
	for (size_t i = 0; i < ARRAY_SIZE(storage_remedies); i++)
		if (strstr(use, storage_remedies[i].word))
			return storage_remedies[i].remedy;
	return "take it out of use first";
}

/* Uses that have a name. Return: how many there are. */
static size_t named_uses(struct checking *c, const struct check_device *d, size_t *disks)
{
	char use[512];
	size_t found = 0;

	for (size_t i = 0; i < d->nodes.count; i++) {
		const struct host_node *n = &d->nodes.item[i];
		int r = !n->block ? 0
			: plan_wants_unmount(c->plan, d->host)
				? host_block_use_beside_mounts(c->host, n, use, sizeof(use))
				: host_block_use(c->host, n, use, sizeof(use));

		*disks += n->block;
		if (r < 0)
			row_file_error(c, "what is mounted", r);
		if (r <= 0)
			continue;
		found++;
		row_failed(c, check_storage_remedy(use), "%s: %s", d->host->name, use);
	}
	return found;
}

/* What its file systems have claimed is free when they are unmounted; the keeper looks again. */
static bool is_unmounted(struct checking *c, const struct check_device *d)
{
	char use[512];

	for (size_t i = 0; plan_wants_unmount(c->plan, d->host) && i < d->nodes.count; i++)
		if (d->nodes.item[i].block &&
		    host_block_use(c->host, &d->nodes.item[i], use, sizeof(use)) > 0)
			return true;
	return false;
}

/* The kernel's answer to an exclusive open, for users that leave no name, such as ZFS. */
static void claimed_disks(struct checking *c, const struct check_device *d)
{
	for (size_t i = 0; i < d->nodes.count; i++) {
		const struct host_node *n = &d->nodes.item[i];
		int r = n->block ? host_block_claimed(n) : 0;

		if (r < 0 && r != -ENOMEDIUM)
			row_file_error(c, n->name, r);
		if (r <= 0)
			continue;
		row_failed(c,
			   "take it out of use first: `zpool export`, `mdadm --stop`, or stop the "
			   "container",
			   "%s: the kernel has claimed %s: for a pool, an array, or a mount in a "
			   "container",
			   d->host->name, n->name);
		return; /* the disk stands for its partitions */
	}
}

void check_storage(struct checking *c)
{
	bool unsure = false;

	for (size_t i = 0; i < c->device_count; i++) {
		const struct check_device *d = &c->device[i];
		size_t disks = 0;

		if (named_uses(c, d, &disks) || !disks)
			continue;
		if (is_unmounted(c, d))
			continue;
		if (row_is_root(c))
			claimed_disks(c, d);
		else
			unsure = true;
		if (d->nodes.truncated)
			row_failed(c, "name a controller with fewer disks",
				   "%s has more disks than can be looked at", d->host->name);
	}
	if (unsure)
		row_skipped(c, "no file system and no swap is seen; RAID and ZFS are not checked: "
			       "that needs root");
}

void check_network(struct checking *c)
{
	char use[320];

	for (size_t i = 0; i < c->device_count; i++)
		for (size_t k = 0; k < c->device[i].nodes.count; k++) {
			const struct host_node *n = &c->device[i].nodes.item[k];
			int r;

			if (strcmp(n->subsystem, "net"))
				continue;
			r = host_net_use(c->host, n->name, use, sizeof(use));
			if (r < 0)
				row_skipped(c, "not checked: there are no routes to look at");
			if (r > 0)
				row_failed(c,
					   "`ip route replace default via GATEWAY dev OTHER`, "
					   "or come in another way, first",
					   "%s: %s", c->device[i].host->name, use);
		}
}

void check_keyboard(struct checking *c)
{
	const struct host_device **list = calloc(c->device_count + 1, sizeof(*list));
	struct host_keyboards k;
	size_t count = 0;
	int r;

	if (!list)
		return;
	for (size_t i = 0; i < c->device_count; i++)
		if (!c->device[i].host->vfio)
			list[count++] = c->device[i].host;
	r = count ? host_keyboards(c->host, list, count, &k) : 0;
	if (r)
		row_file_error(c, "/proc/bus/input/devices", r);
	else if (count && k.below && !k.others)
		row_failed(c,
			   "plug a keyboard into another controller: `vfio-run list` shows "
			   "what is on each",
			   "the host's last keyboard (%s) would go to the guest", k.name);
	free(list);
}

/** check_other_display() - is there another card at all that could show the host, and does not go to the guest? */
bool check_other_display(struct checking *c, const struct host_device *card)
{
	struct host_devices all;
	bool found = false;

	if (host_all(c->host, &all))
		return false;
	for (size_t i = 0; i < all.count; i++)
		found |= all.item[i] != card && host_device_is_display(all.item[i]) &&
			 !host_has_no_outputs(all.item[i]) && !check_moves(c, all.item[i]);
	host_devices_fini(&all);
	return found;
}

static const char *const console_why[] = {
	[HOST_CONSOLE_ONLY] = "it is the only display of this host",
	[HOST_CONSOLE_FIRMWARE] = "only the firmware's framebuffer drives it, which "
				  "cannot be brought back",
	[HOST_CONSOLE_TEXT] = "the host booted on it and has its text console there",
};

/* The kernel takes its text console off by itself, and puts it back with the driver. */
static bool may_lose_console(const struct checking *c)
{
	return c->profile && c->profile->release_console != PROFILE_NO &&
	       (check_has_session(c) || c->profile->release_console == PROFILE_YES);
}

static void refuse_console(struct checking *c, const struct host_device *d, enum host_console console)
{
	static const char over[] = "boot with initcall_blacklist=sysfb_init on the kernel's command "
				   "line, or leave it to its host driver until a VM wants it";
	char label[PLAN_LABEL_MAX];

	(void)plan_label(c->host, d, label);
	if (console == HOST_CONSOLE_OVER)
		row_failed(c, over,
			   "%s: it is on %s, and the firmware's framebuffer still has its memory",
			   label, d->driver);
	else if (console == HOST_CONSOLE_FIRMWARE)
		row_failed(c,
			   "load the card's own driver: with it the picture comes back; or accept "
			   "the loss: `release-console = yes` in [session]",
			   "the host's picture would be lost until it is booted again: %s: %s",
			   label, console_why[console]);
	else
		row_failed(
			c,
			check_other_display(c, d)
				? "let the firmware's setup make another card the primary one, or end "
				  "the desktop for it: a section [session] with `stop = display-manager.service`"
				: CHECK_END_DESKTOP,
			"it is the card of the host's own console: %s: %s", label, console_why[console]);
}

/* The desktop's own card needs its session to end and to start again. */
void check_console(struct checking *c)
{
	enum host_console console;
	char label[PLAN_LABEL_MAX];

	for (size_t i = 0; i < c->device_count; i++) {
		const struct host_device *d = c->device[i].host;

		if (host_console(c->host, d, &console) || console == HOST_CONSOLE_NONE)
			continue;
		if (console == HOST_CONSOLE_FIRMWARE && c->profile &&
		    c->profile->release_console == PROFILE_YES)
			row_remark(c, NULL,
				   "from here on this host has no picture until it is booted again: %s: "
				   "%s (release-console = yes)",
				   plan_label(c->host, d, label), console_why[console]);
		else if (console != HOST_CONSOLE_OVER && console != HOST_CONSOLE_FIRMWARE &&
		    may_lose_console(c))
			row_remark(c, NULL, "this host has no picture while the VM runs: %s: %s",
				   plan_label(c->host, d, label), console_why[console]);
		else
			refuse_console(c, d, console);
	}
}

/* Nothing is refused for it: a person who is told can decide, and is asked before the picture goes. */
void check_way_in(struct checking *c)
{
	char ways[PLAN_WAYS_MAX];
	int r;

	if (!c->plan || !may_lose_console(c) || !plan_is_dark(c->plan, c->host, check_has_session(c)))
		return;
	r = plan_ways_in(c->host, ways);
	if (r < 0)
		row_skipped(c, "not checked: " PLAN_WAYS_UNSEEN);
	else if (r)
		row_remark(c, NULL, "without a picture this host is reached by %s", ways);
	else
		row_remark(c, "start an ssh server, and try it from another machine",
			   PLAN_NO_WAY_IN ", which %s", plan_power_button(c->host));
	if (check_has_session(c) && host_session_link(c->host, ways, sizeof(ways)))
		row_remark(c, PLAN_SESSION_LINK_REMEDY, PLAN_SESSION_LINK, ways);
}

void check_serial(struct checking *c)
{
	char remedy[192];

	for (size_t i = 0; i < c->device_count; i++)
		for (size_t k = 0; k < c->device[i].nodes.count; k++) {
			const struct host_node *n = &c->device[i].nodes.item[k];

			if (strcmp(n->subsystem, "tty") || !host_serial_console(c->host, n->name))
				continue;
			(void)snprintf(remedy, sizeof(remedy),
				       "boot without console=%s on the kernel's command line",
				       n->name);
			row_failed(c, remedy, "%s: the kernel's console is on %s",
				   c->device[i].host->name, n->name);
		}
}
