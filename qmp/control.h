/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control.h - requests to a running VM over /run/vfio-run/vm/NAME/control
 *
 * The one header between vfio-run and vfio-qmp. A SOCK_SEQPACKET socket: one request a
 * message, one reply to each, both of fixed size, all values from closed lists, no text.
 * The VM's user and root may ask; vfio-qmp checks the peer's uid.
 */
#ifndef VFIO_QMP_CONTROL_H
#define VFIO_QMP_CONTROL_H

#include <stdint.h>

#define CONTROL_MAGIC UINT32_C(0x63726676) /* "vfrc" */
#define CONTROL_VERSION 1

enum control_what {
	CONTROL_NONE,
	CONTROL_STATUS,	  /* answered at once, from QEMU's last report */
	CONTROL_STOP,	  /* power down; any number of them is one */
	CONTROL_STOP_NOW, /* do not wait for the guest; a second one kills QEMU */
	CONTROL_RESET,
	CONTROL_PAUSE,
	CONTROL_RESUME,
	CONTROL_MAX
};

enum control_result {
	CONTROL_DONE,	    /* QEMU did it; of a stop: the keeper was notified */
	CONTROL_REFUSED,    /* QEMU does not do it now */
	CONTROL_TOO_EARLY,  /* the guest does not run yet */
	CONTROL_NO_MONITOR, /* QEMU's monitor is closed or broken */
	CONTROL_UNKNOWN,    /* no such request, or of another version */
};

struct control_request {
	uint32_t magic, version;
	uint32_t what; /* enum control_what */
	uint32_t spare;
};
_Static_assert(sizeof(struct control_request) == 16, "the same on both sides");

struct control_reply {
	uint32_t magic, version;
	uint32_t what;	 /* as asked */
	uint32_t result; /* enum control_result */
	uint32_t state;	 /* enum qmp_run_state of record.h, QEMU's last report */
	uint32_t spare[3];
};
_Static_assert(sizeof(struct control_reply) == 32, "the same on both sides");

#endif /* VFIO_QMP_CONTROL_H */
