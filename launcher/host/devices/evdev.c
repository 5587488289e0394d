/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evdev.c - input devices of the host: the event nodes, and which of them are keyboards
 *
 * Source: Documentation/input/event-codes.rst, drivers/input/input.c (input_print_bitmap),
 * linux/input-event-codes.h
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launcher/base/evdev-identity.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/devices/evdev.h"
#include "launcher/host/small-file.h"

#define INPUT_MAJOR 13 /* Documentation/admin-guide/devices.txt */

/* QEMU's words, and the keys that have to be there for them. Source: ui/input-linux.c */
static const struct {
	const char *word;
	unsigned int first, second; /* 0: the first alone */
} toggles[] = {
	{ "ctrl-ctrl", 29, 97 }, { "alt-alt", 56, 100 }, { "shift-shift", 42, 54 },
	{ "meta-meta", 125, 126 }, { "scrolllock", 70, 0 }, { "ctrl-scrolllock", 70, 29 },
};

/**
 * host_is_keyboard() - can a person type on what has these keys?
 *
 * A keyboard has Enter, A and the space bar; a power button or a mouse with macro keys has not.
 */
bool host_is_keyboard(const char *bitmap)
{
	return evdev_has_key(bitmap, 28) && evdev_has_key(bitmap, 30) && evdev_has_key(bitmap, 57);
}

/** host_evdev_can_toggle() - has it the keys that switch between host and guest? */
bool host_evdev_can_toggle(const struct host_evdev *d, const char *toggle)
{
	for (size_t i = 0; i < ARRAY_SIZE(toggles); i++)
		if (!strcmp(toggles[i].word, toggle))
			return evdev_has_key(d->keys, toggles[i].first) &&
			       (!toggles[i].second || evdev_has_key(d->keys, toggles[i].second));
	return false;
}

static bool is_event(const char *name)
{
	return !strncmp(name, "event", 5) && name[5] &&
	       strspn(name + 5, "0123456789") == strlen(name + 5);
}

/* Without the dots of a link that is relative: "../../devices/pci..." */
static void read_place(int root, const char *path, char *out, size_t size)
{
	char target[512];
	ssize_t n = readlinkat(root, path, target, sizeof(target) - 1);
	const char *start = target;

	if (n <= 0)
		return;
	target[n] = '\0';
	while (!strncmp(start, "../", 3))
		start += 3;
	(void)snprintf(out, size, "/%.*s", (int)size - 2, start);
}

/**
 * host_evdev_read() - an event node by its name
 * @name:	"event3"
 *
 * Return: 0; -ENODEV there is none, or it is none
 */
int host_evdev_read(struct host *h, const char *name, struct host_evdev *out)
{
	char path[128], text[64], abs[64];
	int root = host_root_fd(h);

	*out = (struct host_evdev){ .major = 0 };
	if (!is_event(name) || strlen(name) >= sizeof(out->name))
		return -ENODEV;
	(void)snprintf(path, sizeof(path), "sys/class/input/%s/dev", name);
	if (sysfs_read(root, path, text, sizeof(text)) <= 0 ||
	    sscanf(text, "%u:%u", &out->major, &out->minor) != 2 || out->major != INPUT_MAJOR)
		return -ENODEV;
	(void)snprintf(out->name, sizeof(out->name), "%s", name);
	(void)snprintf(path, sizeof(path), "sys/class/input/%s", name);
	read_place(root, path, out->place, sizeof(out->place));
	(void)snprintf(path, sizeof(path), "sys/class/input/%s/device/name", name);
	(void)sysfs_read(root, path, out->title, sizeof(out->title));
	(void)snprintf(path, sizeof(path), "sys/class/input/%s/device/capabilities/key", name);
	(void)sysfs_read(root, path, out->keys, sizeof(out->keys));
	(void)snprintf(path, sizeof(path), "sys/class/input/%s/device/capabilities/abs", name);
	(void)sysfs_read(root, path, abs, sizeof(abs));
	out->keyboard = host_is_keyboard(out->keys);
	out->absolute = strtoull(strrchr(abs, ' ') ? strrchr(abs, ' ') : abs, NULL, 16) & 1; /* ABS_X */
	return 0;
}

/* Only root can have made what is in it: so its links are udev's. */
static int open_folder(void)
{
	cleanup_close int fd = open(HOST_EVDEV_FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	return st.st_uid || st.st_mode & 022 ? -EPERM : take_fd(&fd);
}

/**
 * host_evdev_find() - the event node that a path leads to; a live host only
 * @path:	below /dev/input; udev's links lead out of it never
 *
 * Return: 0; -EINVAL it is not below /dev/input; -ENODEV no event node; -EPERM others than root
 * can change what is there; other -errno
 */
int host_evdev_find(struct host *h, const char *path, struct host_evdev *out)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	cleanup_close int folder = -1, fd = -1;
	char link[64], name[HOST_WORD_MAX];
	struct stat st;

	if (strncmp(path, HOST_EVDEV_FOLDER, strlen(HOST_EVDEV_FOLDER)))
		return -EINVAL;
	folder = open_folder();
	if (folder < 0)
		return folder;
	fd = (int)syscall(SYS_openat2, folder, path + strlen(HOST_EVDEV_FOLDER), &how, sizeof(how));
	if (fd < 0)
		return errno == EXDEV ? -EINVAL : -errno;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISCHR(st.st_mode) || major(st.st_rdev) != INPUT_MAJOR)
		return -ENODEV;
	if (st.st_uid)
		return -EPERM;
	(void)snprintf(link, sizeof(link), "sys/dev/char/%u:%u", major(st.st_rdev), minor(st.st_rdev));
	if (sysfs_link_name(host_root_fd(h), link, name, sizeof(name)) < 0)
		return -ENODEV;
	return host_evdev_read(h, name, out);
}

/**
 * host_evdev_all() - all event nodes of the host
 * @out:	freed with free()
 *
 * Return: 0, also for none; -ENOMEM
 */
int host_evdev_all(struct host *h, struct host_evdev **out, size_t *count)
{
	size_t names;
	char **name;
	int r = 0;

	*out = NULL;
	*count = 0;
	if (host_list(host_root_fd(h), "sys/class/input", &name, &names))
		return 0;
	*out = calloc(names + 1, sizeof(**out));
	if (!*out)
		r = -ENOMEM;
	for (size_t i = 0; !r && i < names; i++)
		*count += !host_evdev_read(h, name[i], &(*out)[*count]);
	host_list_free(name, names);
	return r;
}
