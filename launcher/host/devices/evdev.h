/* SPDX-License-Identifier: GPL-2.0-or-later */
/* evdev.h - input devices of the host: the event nodes, and which of them are keyboards */
#ifndef VFIO_RUN_HOST_EVDEV_H
#define VFIO_RUN_HOST_EVDEV_H

#include "launcher/host/host.h"

#define HOST_EVDEV_FOLDER "/dev/input/"

struct host_evdev {
	char name[24];	/* "event3" */
	char title[64]; /* what it calls itself; any bytes */
	char place[256]; /* its directory in sysfs, without "/sys" */
	uint32_t major, minor;
	bool keyboard; /* one that a person can type on */
	bool absolute; /* a tablet or a touch screen; else a mouse, when it is no keyboard */
	char keys[512]; /* the bitmap of its keys, as sysfs has it */
};

int host_evdev_find(struct host *h, const char *path, struct host_evdev *out) must_check;
int host_evdev_read(struct host *h, const char *name, struct host_evdev *out) must_check;
int host_evdev_all(struct host *h, struct host_evdev **out, size_t *count) must_check;
bool host_evdev_can_toggle(const struct host_evdev *d, const char *toggle);
bool host_is_keyboard(const char *bitmap);

#endif /* VFIO_RUN_HOST_EVDEV_H */
