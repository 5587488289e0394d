/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * standin.h - the parts of the stand-in for QEMU: switches, devices, monitor, report
 */
#ifndef VFIO_RUN_LAB_STANDIN_H
#define VFIO_RUN_LAB_STANDIN_H

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define DEVICES_MAX 16

/* What it does beyond a well-behaved QEMU: `-standin NAME[=VALUE],...`. */
enum standin_switch_id {
	REPORT,         /* print what the jail looks like from inside, on stderr or to =FILE */
	SAY,            /* =TEXT on stderr first; \e is the escape character */
	CHATTER,	/* a line on stderr, again and again */
	FLOOD,          /* =BYTES of text on stderr first */
	NO_VFIO,        /* do not open the devices */
	IGNORE_REQUEST, /* do not listen when the kernel wants a device back */
	EXIT_BEFORE_GREETING, /* fail as QEMU does for a bad argument: status 1 */
	FAIL_AFTER_GREETING,  /* fail as QEMU does for a device that cannot be realized */
	HANG_BEFORE_GREETING,
	HANG_BEFORE_READY, /* never answer qmp_capabilities */
	HANG_IN,	   /* =COMMAND: never answer that one; device_add2: the second of those */
	CRASH_IN,	   /* =COMMAND: signal 11 */
	REFUSE,		   /* =COMMAND: answered with an error */
	CRASH_BEFORE_READY,
	CRASH_AFTER_CONT, /* signal 11 */
	IGNORE_POWERDOWN, /* a guest without ACPI */
	IGNORE_QUIT,
	IGNORE_TERM,
	POWERDOWN_TAKES,      /* =MILLISECONDS for the guest to power off when asked */
	GUEST_OFF_AFTER,      /* =MILLISECONDS after cont the guest powers itself off */
	GUEST_RESET_AFTER,    /* =MILLISECONDS */
	PANIC_AFTER,          /* =MILLISECONDS: GUEST_PANICKED, then paused */
	INTERNAL_ERROR_AFTER, /* =MILLISECONDS */
	EXIT_STATUS,          /* =N in place of 0 */
	QMP_CLOSE,            /* after cont: close the monitor and live on */
	QMP_GARBAGE,          /* after cont: bytes that are no JSON */
	QMP_LONG_LINE,        /* after cont: 64 MB without a newline */
	QMP_FLOOD,            /* after cont: 100,000 events */
	QMP_LIES,             /* after cont: events and answers of things that did not happen */
	QMP_DEAF,             /* after cont: read nothing more from the monitor */
	CHILD,                /* leave a child that ignores signals */
	NO_FILTER,            /* put no filter on, whatever -sandbox has */
	ONE_FILTERED,         /* put it on one of two threads */
	DAEMON,               /* fork twice into a session of its own, ignore signals, stop */
	STOP_ITSELF,          /* after cont: SIGSTOP */
	GIVE_AWAY,            /* =NAME: after cont the devices go to the abstract socket NAME */
	GIVE_MONITOR,	      /* =NAME: the monitor's socket, likewise */
	STRAY_DMA,	      /* after cont: the first device, an edu, reads memory that it was not given */
	VCPU_THREAD,	      /* its virtual processor is a thread of its own, as QEMU's are */
	SEND_DEVICES,	      /* the devices to the reader of the monitor, with the last message */
	SWITCH_MAX
};

struct standin_switch {
	const char *name;
	bool on;
	const char *value; /* NULL: none was given */
};
extern struct standin_switch standin_switch[SWITCH_MAX];
void set_switches(const char *argument);
long long switch_number(enum standin_switch_id which);

/* ---- devices ---- */

struct device {
	char address[16];
	int group, group_fd, fd;
	int request_fd; /* readable when the kernel wants the device back; -1: not listened to */
};
extern struct device device[DEVICES_MAX];
extern size_t device_count;
void add_device(const char *argument);
void set_memory(const char *argument);
void take_devices(void);
void take_device(size_t i);
void touch_memory(void);
void give_devices_away(const char *name);
void stray_dma(void);
void give_monitor_away(const char *name, int monitor);
void send_devices(int to);

/* ---- the monitor and the guest behind it ---- */

extern int monitor_in;     /* -1: not connected */
extern const char *state;  /* as query-status returns it */
extern long long deadline; /* when the guest acts by itself: milliseconds, monotonic; -1: never */
long long now_ms(void);
void set_monitor(const char *argument);
void set_action(const char *argument);
void greet(void);
bool hear(void);
void time_is_up(void);
_Noreturn void shut_down(bool guest, const char *reason);
_Noreturn void hang(void);

/* The jail as seen from inside, on stderr or to a file. */
void report(const char *file);

#endif /* VFIO_RUN_LAB_STANDIN_H */
