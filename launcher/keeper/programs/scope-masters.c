/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope-masters.c - who draws on which graphics card: the kernel tells in debugfs who is DRM master
 *
 * Opening a card's node to ask would make this program the master of one that has none, in the very
 * moment in which the display server wants to be it. A program that opened it just then is that
 * itself, and no picture: who was master before a display manager was started does not count.
 *
 * Source: drivers/gpu/drm/drm_debugfs.c, drm_auth.c
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/change.h"
#include "launcher/keeper/programs/scope-request.h"

#define CARDS_MAX 64	 /* the kernel has numbers for as many */
#define DEVICE_MAX 64	 /* a name in /sys/bus */

/*
 * "             weston   512   0   y    y  1500          0"; the first field has 20 places
 *
 * Return: the pid of one that is master; 0: it is not
 */
static int master_of(const char *line)
{
	char master = 'n';
	int pid = 0;

	if (strlen(line) <= 20 || sscanf(line + 20, "%d %*d %c", &pid, &master) != 2)
		return 0;
	return master == 'y' ? pid : 0;
}

/* A card that these open for a display server is theirs here, whichever server that is. */
static bool is_opened_for_others(const char *line)
{
	static const char *const names[] = { "systemd-logind", "elogind", "seatd" };
	char name[21];

	(void)snprintf(name, sizeof(name), "%.20s", line);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strstr(name, names[i]))
			return true;
	return false;
}

static bool was_master(const struct picture_masters *before, int pid)
{
	for (size_t i = 0; i < before->count; i++)
		if (before->pid[i] == pid)
			return true;
	return false;
}

static void add_master(struct picture_masters *found, const char *line, int pid)
{
	if (pid && !is_opened_for_others(line) && !was_master(found, pid) &&
	    found->count < ARRAY_SIZE(found->pid))
		found->pid[found->count++] = pid;
}

/* @found: receives its masters; NULL: they are not wanted */
static enum picture look_at_clients(int root, unsigned int card, const struct picture_masters *before,
				    struct picture_masters *found)
{
	enum picture p = PICTURE_NO;
	char path[64], line[256];
	FILE *f = NULL;
	int fd, pid;

	(void)snprintf(path, sizeof(path), "sys/kernel/debug/dri/%u/clients", card);
	fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		f = fdopen(fd, "r");
	if (!f && fd >= 0)
		(void)close(fd);
	if (!f)
		return PICTURE_UNKNOWN;
	while (fgets(line, sizeof(line), f)) {
		pid = master_of(line);
		if (found)
			add_master(found, line, pid);
		if (pid && !was_master(before, pid))
			p = PICTURE_YES;
	}
	(void)fclose(f);
	return p;
}

/* "0000:01:00.0"; "" for a card that is of no device */
static void device_of(int root, unsigned int card, char device[DEVICE_MAX])
{
	char path[48], link[256];
	const char *name;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "sys/class/drm/card%u/device", card);
	n = readlinkat(root, path, link, sizeof(link) - 1);
	link[n < 0 ? 0 : n] = '\0';
	name = strrchr(link, '/');
	(void)snprintf(device, DEVICE_MAX, "%.63s", name ? name + 1 : "");
}

typedef void (*card_fn)(void *context, int root, unsigned int card);

/* Those that have connectors, each once: the names are those of connectors, "card0-HDMI-A-1". */
static void each_card(int root, card_fn visit, void *context)
{
	int fd = openat(root, "sys/class/drm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	bool seen[CARDS_MAX] = { false };
	const struct dirent *e;
	unsigned int card;

	if (!dir && fd >= 0)
		(void)close(fd);
	while (dir && (e = readdir(dir))) {
		if (!strchr(e->d_name, '-') || sscanf(e->d_name, "card%u-", &card) != 1 ||
		    card >= CARDS_MAX || seen[card])
			continue;
		seen[card] = true;
		visit(context, root, card);
	}
	if (dir)
		(void)closedir(dir);
}

static const struct picture_masters nobody = { .count = 0 };

static void find_masters(void *context, int root, unsigned int card)
{
	(void)look_at_clients(root, card, &nobody, context);
}

/** masters_find() - who draws now on any card */
void masters_find(int root, struct picture_masters *out)
{
	*out = nobody;
	each_card(root, find_masters, out);
}

struct list {
	char *text;
	size_t size;
};

static void add_drawn(void *context, int root, unsigned int card)
{
	const struct list *list = context;
	size_t used = strlen(list->text);
	char device[DEVICE_MAX];

	device_of(root, card, device);
	if (*device && used + strlen(device) + 2 <= list->size &&
	    look_at_clients(root, card, &nobody, NULL) == PICTURE_YES)
		(void)snprintf(list->text + used, list->size - used, "%s%s", used ? " " : "", device);
}

/** masters_cards() - the devices of the cards that are drawn on now, with blanks between */
void masters_cards(int root, char *buf, size_t size)
{
	*buf = '\0';
	each_card(root, add_drawn, &(struct list){ buf, size });
}

struct search {
	const struct picture_masters *before;
	const char *wanted;
	enum picture any, of_wanted;
};

static void merge(enum picture *all, enum picture one)
{
	if (one != PICTURE_UNKNOWN && *all != PICTURE_YES)
		*all = one;
}

static void look_at_card(void *context, int root, unsigned int card)
{
	struct search *s = context;
	enum picture one = look_at_clients(root, card, s->before, NULL);
	char device[DEVICE_MAX];

	device_of(root, card, device);
	merge(&s->any, one);
	if (change_has_address(s->wanted, device))
		merge(&s->of_wanted, one);
}

/**
 * masters_look() - does a program draw now that did not before?
 * @before:	from masters_find()
 * @wanted:	on one of the cards of these devices, with blanks between; one that is not there is not
 *		waited for. "": on any card
 *
 * Return: PICTURE_ELSEWHERE: it does, and on none of those; PICTURE_UNKNOWN: no card tells
 */
enum picture masters_look(int root, const struct picture_masters *before, const char *wanted)
{
	struct search s = { before, wanted, PICTURE_UNKNOWN, PICTURE_UNKNOWN };

	each_card(root, look_at_card, &s);
	return s.any == PICTURE_YES && s.of_wanted == PICTURE_NO ? PICTURE_ELSEWHERE : s.any;
}
