/* SPDX-License-Identifier: GPL-2.0-or-later */
/* console.h - the screen and the keyboards of a person at this machine */
#ifndef VFIO_RUN_HOST_CONSOLE_H
#define VFIO_RUN_HOST_CONSOLE_H

#include "launcher/host/host.h"

enum host_console {
	HOST_CONSOLE_NONE,     /* not the console's card */
	HOST_CONSOLE_ONLY,     /* booted on it, and there is no other display */
	HOST_CONSOLE_FIRMWARE, /* the firmware's framebuffer is all that drives it */
	HOST_CONSOLE_TEXT,     /* booted on it, and the text console is on it */
	HOST_CONSOLE_OVER,     /* it is on a vfio driver, and the firmware's framebuffer is still over it */
};

int host_console(struct host *h, const struct host_device *d, enum host_console *out) must_check;
bool host_serial_console(struct host *h, const char *tty);

struct host_keyboards {
	size_t below;  /* below one of the devices */
	size_t others; /* anywhere else */
	char name[64]; /* of the first one below, as the kernel has it */
};
int host_keyboards(struct host *h, const struct host_device *const *device, size_t count,
		   struct host_keyboards *out) must_check;

#endif /* VFIO_RUN_HOST_CONSOLE_H */
