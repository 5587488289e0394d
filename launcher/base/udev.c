/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * udev.c - has udev done what the kernel has told it of?
 *
 * Whose a node is that the kernel has just made, and of which seat its device, is udev's to say:
 * what is started before finds a node of root's, and no card. udev has the file `queue` while it
 * has anything to do, and a record of each device that has a node, written when owner and mode of
 * the node are set. What else it is busy with then, such as a sound card's mixer, need not be
 * waited for. Source: udevadm-settle(8); systemd, src/udev/udev-event.c,
 * udev_event_execute_rules(), src/udev/udev-node.c, node_permissions_apply(),
 * sd-device/device-private.c, device_update_db()
 */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "launcher/base/entries.h"
#include "launcher/base/sysfs.h"
#include "launcher/base/udev.h"

#define PATIENCE_MS 30000
#define STEP_MS 100
#define IDLE_MS 300 /* udev takes a moment to hear of what the kernel has just done */
#define RECORDLESS_MS                                                                             \
	15000 /* a busy one hears of a card late; of one that it never looked at it has no record \
	       */

#define RECORD_MAX 8192 /* bytes; a sound card's has some hundred */

struct search {
	int root;
	bool all;
};

/*
 * Not one of a card that has gone, whose number this one has now: udev touches a node before it
 * writes its record, and the kernel's time on a new node is later than any old record's.
 */
static bool is_of_node(int root, const char *record, const char *name)
{
	struct stat of_node, of_record;
	char node[64];

	(void)snprintf(node, sizeof(node), "dev/dri/%.48s", name);
	if (fstatat(root, record, &of_record, 0))
		return false;
	if (fstatat(root, node, &of_node, 0))
		return true; /* the nodes are elsewhere here */
	return of_record.st_mtim.tv_sec != of_node.st_mtim.tv_sec
		       ? of_record.st_mtim.tv_sec > of_node.st_mtim.tv_sec
		       : of_record.st_mtim.tv_nsec >= of_node.st_mtim.tv_nsec;
}

/* "card0" and "renderD128", and not the connectors below: "card0-HDMI-A-1" */
static int visit_card(void *context, int dir, const char *name, unsigned int type)
{
	struct search *s = context;
	char path[SYSFS_PATH_MAX], number[32], record[64];

	(void)type;
	if (strchr(name, '-'))
		return 0;
	(void)snprintf(path, sizeof(path), "%.64s/dev", name);
	if (sysfs_read(dir, path, number, sizeof(number)) <= 0)
		return 0; /* no node, or it has gone meanwhile */
	(void)snprintf(record, sizeof(record), "run/udev/data/c%s", number);
	s->all = is_of_node(s->root, record, name);
	return s->all ? 0 : 1;
}

static bool knows_cards(int root, const char *none)
{
	cleanup_close int dir = openat(root, "sys/class/drm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct search s = { .root = root, .all = true };

	(void)none;
	return dir < 0 || entries_each(dir, visit_card, &s) < 0 || s.all;
}

/*
 * "E:SOUND_INITIALIZED=1" of a sound card is written when udev is done with all of its nodes, and goes with
 * the record when the card is announced as gone. Source: systemd, rules.d/78-sound-card.rules
 */
static bool knows_sound(int root, const char *card)
{
	char path[64], text[RECORD_MAX] = "\n";
	int length;

	(void)snprintf(path, sizeof(path), "run/udev/data/+sound:%.32s", card);
	length = sysfs_read(root, path, text + 1, sizeof(text) - 2);
	if (length <= 0)
		return false;
	(void)memcpy(text + 1 + length, "\n", 2); /* which was cut off */
	return strstr(text, "\nE:SOUND_INITIALIZED=1\n");
}

/* What comes and goes there wakes who waits. Without it steps are all there is. */
static int watch(int root)
{
	static const char *const folders[] = { "run/udev", "run/udev/data" };
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	for (size_t i = 0; fd >= 0 && i < ARRAY_SIZE(folders); i++) {
		cleanup_close int dir = sysfs_open_dir(root, folders[i]);
		char path[32];

		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
		if (dir >= 0)
			(void)inotify_add_watch(fd, path,
						IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_ONLYDIR);
	}
	return fd;
}

static void sleep_until_change(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char events[4096];

	if (poll(&p, 1, STEP_MS) > 0)
		while (read(fd, events, sizeof(events)) > 0)
			continue;
}

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* @knows: has it all that is waited for, @of this one? NULL: that cannot be asked; it is idle for long
 * enough then */
static bool wait_for(int root, bool (*knows)(int root, const char *of), const char *of, int idle_ms)
{
	int64_t began = now_ms(), busy = began;
	cleanup_close int fd = watch(root);

	while (sysfs_exists(root, "run/udev/control")) {
		if (knows && knows(root, of))
			return true;
		if (sysfs_exists(root, "run/udev/queue"))
			busy = now_ms();
		else if (now_ms() - busy >= idle_ms)
			return true;
		if (now_ms() - began >= PATIENCE_MS)
			return false;
		sleep_until_change(fd);
	}
	return true;
}

/**
 * udev_wait() - wait until udev has nothing to do, at most half a minute
 * @root:	directory that holds run/ and sys/
 *
 * Return: false: it does not come to an end; true also where there is none
 */
bool udev_wait(int root)
{
	return wait_for(root, NULL, NULL, IDLE_MS);
}

/** udev_wait_cards() - likewise, and it knows each graphics card that there is; without delay when
 * it does */
bool udev_wait_cards(int root)
{
	return wait_for(root, knows_cards, NULL, RECORDLESS_MS);
}

/**
 * udev_knows_sound() - does udev know a sound card, all of it? Waits until it does, or has nothing to do
 * @card:	"card1", which is there
 * @is_new:	the kernel has told udev of it just now, or is about to, so that udev can be waited for
 *
 * One that is not new is known as long as it was not announced as gone: that is waited for, and
 * then looked at.
 *
 * Return: false also where there is no udev
 */
bool udev_knows_sound(int root, const char *card, bool is_new)
{
	bool (*knows)(int root, const char *of) = is_new ? knows_sound : NULL;

	return wait_for(root, knows, card, is_new ? RECORDLESS_MS : IDLE_MS) && knows_sound(root, card) &&
	       sysfs_exists(root, "run/udev/control");
}
