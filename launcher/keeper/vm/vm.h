/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vm.h - a running VM: its processes, and what decides about its end */
#ifndef VFIO_RUN_VM_H
#define VFIO_RUN_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "launcher/keeper/jail/jail.h"
#include "launcher/keeper/keeper.h"
#include "qmp/record.h"

enum vm_state {
	VM_BUILDING,	  /* QEMU makes its own devices; all states up to VM_STARTING take what they take */
	VM_LEAVING,	  /* QEMU stands: the host's session is ended, outside of this table */
	VM_POPULATING,	  /* the guest's memory is touched */
	VM_TAKING,	  /* likewise the host's devices are taken, outside of this table */
	VM_PLUGGING,	  /* QEMU is given the host's devices, and maps memory for them */
	VM_STARTING,	  /* QEMU was told to let the guest run */
	VM_RUNNING,	  /* the guest runs, or was stopped by its user */
	VM_POWERING_DOWN, /* its power button was pressed */
	VM_QUITTING,	  /* `quit` was sent to QEMU */
	VM_TERMINATING,	  /* SIGTERM was sent */
	VM_KILLING,	  /* SIGKILL was sent */
	VM_WEDGED,	  /* it does not die: it sleeps in the kernel */
	VM_STATES,
};

enum vm_event {
	VM_READY,	 /* QEMU stands: its devices are realized, its guest is not started */
	VM_ROWS_DONE,	 /* it has done what it was told in rows */
	VM_ROW_REFUSED,	 /* or has refused one of them */
	VM_CONTINUED,	 /* the guest runs */
	VM_END,		 /* Ctrl-C, SIGTERM: each one takes the next step */
	VM_STOP,	 /* `stop`: any number of them powers down once */
	VM_END_NOW,	 /* Ctrl-\, `stop --now`: no power button */
	VM_TIMEOUT,
	VM_NO_MONITOR,	 /* the monitor is closed or given up */
	VM_BROKEN_GUEST, /* run state internal-error: it will never run again */
	VM_OFF,		 /* the guest has powered off: QEMU ends by itself */
	VM_EVENTS,
};

/* What QEMU is told about a USB device; vm/usb.c. */
enum vm_usb_step {
	VM_USB_IDLE,
	VM_USB_ADDING,	 /* its descriptor, and that the guest gets it */
	VM_USB_REMOVING, /* that it is gone */
	VM_USB_DROPPING, /* and that its descriptor is of no use */
	VM_INPUT_REMOVING, /* that an input device is gone; vm/input.c */
	VM_INPUT_ADDING, /* that it is back */
};

/* An [input], as QEMU has it. */
struct vm_input {
	uint32_t instance; /* 0: it is gone */
	uint32_t coming;   /* the instance that QEMU was told of, and has not answered for */
	uint32_t refused;  /* the instance that QEMU did not take */
	uint32_t at;	   /* its node is that which this one had at the start */
};

/* One row of the plan's programs, by its number there. */
struct program {
	struct jailed jailed;
	struct process_id id;
	bool let_go;	       /* it may have executed */
	unsigned int restarts; /* so far */
};

/* The first row is the VM itself: it has the devices, and the VM ends with it. */
#define VM_MAIN 0

#define VM_BUTTONS_MAX 4 /* of ACPI there are two at most */

/* QEMU's ends of what it is connected with; until it is started. */
struct vm_wires {
	int monitor; /* of a socket pair: the other end is vm.monitor */
	int output;  /* write end of its stdout and stderr: the read end is vm.output */
	int served[KEEPER_PROGRAMS_MAX]; /* its end, by the row of the program that serves it */
	int serves[KEEPER_PROGRAMS_MAX]; /* that program's; -1: none */
};

#define VM_WIRES_NONE                                                                              \
	{ -1, -1, { [0 ... KEEPER_PROGRAMS_MAX - 1] = -1 }, { [0 ... KEEPER_PROGRAMS_MAX - 1] = -1 } }

struct vm {
	struct keeper *keep;
	struct vm_wires wires;
	struct program program[KEEPER_PROGRAMS_MAX];
	int records;	      /* SOCK_SEQPACKET to the program that the keeper talks to; -1: it is gone */
	int monitor;	      /* a copy of QEMU's monitor, never read: without one a reader that dies takes it along */
	int output;	      /* a copy of the pipe that QEMU writes to, likewise */
	int timer;	      /* timerfd, disarmed while the guest runs */
	int uevents;	      /* netlink: the kernel's events; -1: none are wanted */
	int button[VM_BUTTONS_MAX]; /* the host's power buttons; -1: none, or they are the host's */
	struct usb_found usb[KEEPER_USB_MAX]; /* of each [usb] what the guest has; or was refused */
	bool usb_refused[KEEPER_USB_MAX];
	struct work_fds usb_fds; /* of those that it gets at its start */
	struct vm_input input[KEEPER_INPUTS_MAX];
	enum vm_usb_step usb_step; /* one at a time, of both */
	enum vm_usb_step usb_lost; /* a step of usb_at's of which is not known what QEMU has done */
	size_t usb_at;	      /* whose step that is */
	uint64_t since_us;    /* when its first program was started, as the kernel's log counts */
	enum vm_state state;
	enum qmp_run_state guest; /* as QEMU last reported it */
	bool asked;	      /* the user asked for the end */
	bool took;	      /* the host's devices were touched */
	bool ran;	      /* the guest ran */
	bool failed;	      /* the guest ended in a way that is no success */
	bool panicked;	      /* its kernel panicked */
	bool resetting;	      /* it panicked, and is reset for that */
	bool monitor_works;
	bool dead;	      /* QEMU is reaped */
	bool off;	      /* the guest has powered off, or QEMU ends for another reason of its own */
	unsigned int rest_s;  /* that QEMU has then, once what serves it was ended */
	bool pressed;	      /* it did not quit, and what serves it was ended */
	bool left;	      /* stuck in the kernel, and the user does not wait any longer */
	int status;	      /* of wait(2) */
	int64_t shown_s[QMP_EVENT_MAX]; /* when an event was last put on the terminal */
};

#define VM_INIT(k)                                                                                 \
	{ .keep = (k), .wires = VM_WIRES_NONE, .records = -1, .monitor = -1, .output = -1, .timer = -1, .uevents = -1, \
	  .button = { [0 ... VM_BUTTONS_MAX - 1] = -1 }, \
	  .program = { [0 ... KEEPER_PROGRAMS_MAX - 1] = { .jailed = JAILED_NONE } } }

static inline struct program *vm_main(struct vm *vm)
{
	return &vm->program[VM_MAIN];
}

/* vm.c */
void vm_signal(const struct program *p, int number);
void vm_signal_group(const struct program *p, int number);
int vm_tell(const struct vm *vm, enum qmp_record_type type);
int vm_tell_rows(const struct vm *vm, uint32_t first, uint32_t count, const struct work_fds *fds);
bool vm_plug_step(struct vm *vm, enum vm_usb_step what, size_t i, uint32_t row, uint32_t count,
		  struct work_fds *fds);
bool vm_may_plug(const struct vm *vm);

/* wires.c */
int wires_lay(struct vm *vm) must_check;
void wires_cut(struct vm *vm);
int wires_next_served(const struct vm *vm, size_t *at);

/* program.c */
const struct keeper_program *program_row(const struct vm *vm, const struct program *p);
bool program_talks(const struct keeper_program *row);
bool program_serves(const struct keeper_program *row);
int program_start(struct vm *vm, struct program *p) must_check;
int program_let_go(struct vm *vm, struct program *p, int known) must_check;
int program_make_late_nodes(struct vm *vm, struct program *p) must_check;
int program_reap(struct vm *vm, struct program *p, int wait_ms);
void program_say_denial(const struct vm *vm, const struct program *p, pid_t pid);
bool program_has_failed(int status);
const char *program_end(const char *role, int status, char *buf, size_t size);
bool program_again(struct vm *vm, struct program *p, const char *why) must_check;
void program_start_late(struct vm *vm);

/* launch.c */
int vm_prepare(struct vm *vm) must_check;
int vm_start_main(struct vm *vm) must_check;
int vm_is_built(struct vm *vm) must_check;
int vm_launch(struct vm *vm) must_check;
void vm_end(struct vm *vm);
void vm_end_own_programs(const struct vm *vm);
void vm_end_programs(struct vm *vm);

/* monitor.c */
void vm_lose_monitor(struct vm *vm);
void vm_talk_again(struct vm *vm, const char *why);

/* states.c */
void vm_happen(struct vm *vm, enum vm_event event);
void vm_populate(struct vm *vm);
void vm_plug(struct vm *vm);
bool vm_has_rows(const struct vm *vm);
void vm_arm(const struct vm *vm, unsigned int seconds);
enum qmp_record_type vm_pending(const struct vm *vm);

/* usb.c */
void vm_usb_listen(struct vm *vm);
void vm_usb_hear(struct vm *vm);
void vm_usb_look(struct vm *vm);
bool vm_usb_rows_end(struct vm *vm, bool done);
void vm_usb_forget_step(struct vm *vm);

/* input.c */
void vm_input_begin(struct vm *vm);
void vm_input_look(struct vm *vm);
bool vm_input_remove(struct vm *vm, size_t i);
void vm_input_rows_end(struct vm *vm, enum vm_usb_step was, bool done);

/* button.c */
bool vm_button_listen(struct vm *vm);
void vm_button_hear(struct vm *vm, size_t i);

/* guest.c */
void vm_take_record(struct vm *vm, const struct qmp_record *r);

/* loop.c */
void vm_loop(struct vm *vm, enum vm_state until);
bool vm_still_takes(void *vm);

/* exit-status.c */
int vm_exit_status(struct vm *vm);
void exit_status_say_not_started(const struct vm *vm, const char *what, const struct jail_failure *f);

#endif /* VFIO_RUN_VM_H */
