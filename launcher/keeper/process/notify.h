/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notify.h - reports the service's state to the service manager; of a unit only */
#ifndef VFIO_RUN_NOTIFY_H
#define VFIO_RUN_NOTIFY_H

#include "launcher/base/cleanup.h"

#define NOTIFY_DEVICE_S 150 /* more than a device takes */

enum notify_state {
	NOTIFY_NOTHING,
	NOTIFY_TAKING,	  /* devices change hands */
	NOTIFY_STARTING,  /* QEMU makes its devices and maps memory */
	NOTIFY_RUNNING,	  /* the guest runs: ready */
	NOTIFY_ENDING,	  /* the guest is being powered down, or QEMU ended */
	NOTIFY_RETURNING, /* devices go back */
	NOTIFY_STATES,
};

struct keeper;

void notify_setup(struct keeper *k);
void notify_tell(struct keeper *k, enum notify_state state);
void notify_device(const struct keeper *k, unsigned int seconds);
unsigned int notify_end_s(const struct keeper *k);

#endif /* VFIO_RUN_NOTIFY_H */
