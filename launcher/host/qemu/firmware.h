/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firmware.h - UEFI for a guest, found through QEMU's firmware descriptors */
#ifndef VFIO_RUN_HOST_FIRMWARE_H
#define VFIO_RUN_HOST_FIRMWARE_H

#include <stdbool.h>

#include "launcher/base/cleanup.h"

struct firmware {
	char *descriptor; /* the file that describes it, for messages */
	char *code, *code_format;
	char *nvram_template, *nvram_format;
	bool no_keys; /* asked for Secure Boot: no keys are in its variables, it is off until they are */
	/* Of those that would have fit, the first that was passed over, and why; NULL: none. */
	char *passed;
	const char *why;
};

enum firmware_want { FIRMWARE_PLAIN, FIRMWARE_SECURE };

int firmware_find(int root, enum firmware_want want, struct firmware *out) must_check;
void firmware_fini(struct firmware *f);

#endif /* VFIO_RUN_HOST_FIRMWARE_H */
