/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - messages between vfio-qmp and the keeper
 *
 * The one header between the two. vfio-qmp reads what QEMU, and so a guest, wrote;
 * the keeper is root. So only these records pass between them, over a SOCK_SEQPACKET
 * pair: one record a message, of exactly this size, all values from closed lists,
 * no text. The keeper drops a record of another size or with a value out of range.
 * Input from the guest changes what is shown, never what is done to the host; a vfio-qmp
 * that a guest has taken over can end the VM, which the guest could anyway.
 */
#ifndef VFIO_QMP_RECORD_H
#define VFIO_QMP_RECORD_H

#include <stdint.h>

/* Descriptors that vfio-qmp is started with; 0 is /dev/null, 1 and 2 are the keeper's. */
enum {
	QMP_FD_MONITOR = 3, /* connected stream socket to QEMU's monitor */
	QMP_FD_STDERR = 4,  /* read end of the pipe that QEMU's stdout and stderr go to */
	QMP_FD_KEEPER = 5,  /* SOCK_SEQPACKET to the keeper */
	QMP_FD_CONTROL = 6, /* listening SOCK_SEQPACKET of control.h; or /dev/null */
	QMP_FD_LOG = 7,	    /* the VM's log, open for appending; or /dev/null */
	QMP_FD_ROWS = 8,    /* a sealed memfd of rows.h; or /dev/null */
	QMP_FD_DISPLAY = 9, /* listening stream socket for clients of SPICE or VNC; or /dev/null */
	QMP_FD_LAST = QMP_FD_DISPLAY,
};

enum qmp_record_type {
	QMP_NONE,

	/* vfio-qmp to the keeper */
	QMP_GREETED,	    /* QEMU sent its greeting: it runs, its devices may still fail; value:
			     * its version, major << 16 | minor << 8 | micro */
	QMP_READY,	    /* it accepted qmp_capabilities: its devices are realized */
	QMP_ROWS_DONE,	    /* all rows of the last QMP_ASK_ROWS are done */
	QMP_STATE,	    /* value: enum qmp_run_state, the answer to query-status */
	QMP_CONTINUED,	    /* `cont` was accepted: the guest runs */
	QMP_REFUSED,	    /* a command failed; value: the enum qmp_record_type that asked for it */
	QMP_EVENT,	    /* value: enum qmp_event; detail: see there */
	QMP_MONITOR_CLOSED, /* end of file on the monitor: QEMU is ending */
	QMP_MONITOR_BROKEN, /* QEMU broke the protocol; value: enum qmp_fault; nothing more is read */

	QMP_VCPU,	    /* value: its number; detail: its thread in QEMU's pid namespace */
	QMP_IOTHREAD,	    /* the same of a thread for disks, numbered as QEMU lists them */
	QMP_THREADS,	    /* all of them were passed on; value: the QMP_ASK_... */

	QMP_WANT_STOP,	    /* a permitted client requests that the VM powers down */
	QMP_WANT_END,	    /* and at once */

	/* the keeper to vfio-qmp */
	QMP_ASK_CONTINUE,  /* cont */
	QMP_ASK_POWERDOWN, /* system_powerdown */
	QMP_ASK_QUIT,	   /* quit */
	QMP_ASK_RESET,	   /* system_reset */
	QMP_ASK_STOP,	   /* stop */
	QMP_ASK_STATE,	   /* query-status */
	QMP_ASK_WAKEUP,	   /* system_wakeup */
	QMP_ASK_VCPUS,	   /* query-cpus-fast */
	QMP_ASK_IOTHREADS, /* query-iothreads */
	QMP_ASK_ROWS,	   /* rows of QMP_FD_ROWS, one after the other; value: the first, detail: how
			    * many; descriptors for them come along. The first that QEMU refuses is the last, and is QMP_REFUSED. */
	QMP_TELL_STARTED,  /* to a replacement: the guest was started */
	QMP_TELL_FAILED,   /* QEMU is dead and it failed: quote its last lines, then exit */
	QMP_TELL_ENDED,	   /* QEMU is dead: drain its stderr, then exit */

	QMP_TYPE_MAX
};

/* Of each USB device that can come and go so many rows stand behind all others, in this order. */
enum qmp_usb_row { QMP_USB_ADD_FD, QMP_USB_ADD, QMP_USB_DEL, QMP_USB_REMOVE_FD, QMP_USB_ROWS };

/* RunState of QEMU's QAPI, qapi/run-state.json; unknown ones are QMP_STATE_OTHER. */
enum qmp_run_state {
	QMP_STATE_OTHER,
	QMP_STATE_PRELAUNCH,
	QMP_STATE_RUNNING,
	QMP_STATE_PAUSED,
	QMP_STATE_SHUTDOWN,
	QMP_STATE_SUSPENDED,
	QMP_STATE_INTERNAL_ERROR,
	QMP_STATE_IO_ERROR,
	QMP_STATE_GUEST_PANICKED,
	QMP_STATE_WATCHDOG,
	QMP_STATE_MAX
};

/* Events that are passed on; all others are dropped in vfio-qmp. */
enum qmp_event {
	QMP_EVENT_SHUTDOWN,  /* detail: 1 when the guest asked for it */
	QMP_EVENT_POWERDOWN, /* the power button was pressed in the guest */
	QMP_EVENT_RESET,     /* detail: 1 when the guest asked for it */
	QMP_EVENT_STOP,
	QMP_EVENT_RESUME,
	QMP_EVENT_SUSPEND,
	QMP_EVENT_WAKEUP,
	QMP_EVENT_PANICKED,	  /* the guest's kernel panicked */
	QMP_EVENT_BLOCK_IO_ERROR, /* detail: 1 when the guest was stopped for it */
	QMP_EVENT_WATCHDOG,
	QMP_EVENT_MEMORY_FAILURE,
	QMP_EVENT_DEVICE_DELETED,
	QMP_EVENT_MAX
};

/* Why a monitor was given up. */
enum qmp_fault {
	QMP_FAULT_LONG_LINE, /* a message beyond the size cap */
	QMP_FAULT_JSON,	     /* not JSON, not UTF-8, or nested too deep */
	QMP_FAULT_SHAPE,     /* JSON that QMP does not allow there */
	QMP_FAULT_MAX
};

struct qmp_record {
	uint32_t type;	 /* enum qmp_record_type */
	uint32_t value;	 /* by the type, else 0 */
	uint32_t detail; /* by the type, else 0 */
	uint32_t spare;	 /* 0 */
};
_Static_assert(sizeof(struct qmp_record) == 16, "records are 16 bytes on both sides");

#endif /* VFIO_QMP_RECORD_H */
