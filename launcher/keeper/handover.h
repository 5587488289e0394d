/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handover.h - how vfio-run hands a finished plan to the keeper, and what the keeper reports back
 *
 * The one header between the two. The plan is a sealed memfd that holds one struct
 * keeper_plan and, behind it, NUL-terminated strings. The keeper trusts none of it:
 * keeper/ledger/check-plan.c checks every field against the closed table and assumes nothing
 * about the program that wrote it.
 */
#ifndef VFIO_RUN_HANDOVER_H
#define VFIO_RUN_HANDOVER_H

#include <stdint.h>

#include "launcher/base/change.h"
#include "launcher/base/cpus.h"
#include "launcher/base/evdev-identity.h"
#include "launcher/base/pci-address.h"
#include "launcher/base/process.h"

#define KEEPER_MAGIC UINT64_C(0x6e616c702d726676) /* "vfr-plan" */
#define KEEPER_VERSION 13

#define KEEPER_NAME_MAX 33 /* a VM's name with its NUL */
#define KEEPER_USER_MAX 33
#define KEEPER_DEVICES_MAX 64
#define KEEPER_CHANGES_MAX 512
#define KEEPER_GROUPS_MAX 64
#define KEEPER_NODES_MAX 32
#define KEEPER_NODE_PATH_MAX 64
#define KEEPER_FILES_MAX 256
#define KEEPER_PATH_MAX 4096 /* with its NUL */
#define KEEPER_ARGS_MAX 4096
#define KEEPER_PROGRAMS_MAX 14
#define KEEPER_CHANNELS_MAX 102 /* of one program */
#define KEEPER_USB_MAX 12 /* the guest's controller has fifteen ports of each speed */
#define KEEPER_ROWS_MAX 1024  /* commands for QEMU */
#define KEEPER_RESTARTS_MAX 3 /* likewise: each is a line of the journal */
#define KEEPER_HOLDERS_MAX 32
#define KEEPER_TRIAL_MAX_S 3600u
#define KEEPER_STRINGS_MAX (1u << 20) /* bytes of all strings together */

/* Descriptors that the keeper is started with; 0, 1, 2 are what vfio-run's were. */
enum {
	KEEPER_FD_PLAN = 3,   /* the sealed memfd */
	KEEPER_FD_MODULE = 4, /* the program that loads modules, opened before the first change */
	KEEPER_FD_QMP = 5,    /* vfio-qmp, likewise; KEEPER_RUN only */
	KEEPER_FD_REPORT = 6, /* SOCK_SEQPACKET to vfio-run; of KEEPER_RUN only with [session] */
	KEEPER_FD_NOTIFY = 7, /* a datagram socket to the service manager; of a unit only */
	KEEPER_FD_SCOPE = 8,  /* the program that asks systemd for scopes; where there is one */
	KEEPER_FD_FILTER = 9, /* a sealed memfd: QEMU's seccomp filter; KEEPER_RUN, KEEPER_TRY */
	KEEPER_FD_LOG = 10,   /* the VM's log, opened as its user; KEEPER_RUN only, and not always */
	KEEPER_FD_CONFIG = 11, /* a memfd that QEMU reads settings from; KEEPER_RUN only, and not always */
	KEEPER_FD_ROWS = 12, /* a sealed memfd: commands for QEMU, qmp/rows.h; KEEPER_RUN, and not always */
	KEEPER_FD_DISPLAY = 13, /* where clients of the display connect, listening; KEEPER_RUN only */
	KEEPER_FD_GIVEN = 14, /* a socket with one message: descriptors for QEMU, opened as its user */
	KEEPER_FD_FILTER_BESIDE = 15, /* likewise: the filter of a program that serves QEMU */
	KEEPER_FD_SESSION = 16, /* the program that becomes one of the user's; where there is one */
	KEEPER_FD_SYSLOG = 17, /* a datagram socket to the system's log; where there is one to go to */
	KEEPER_FD_LAST = KEEPER_FD_SYSLOG,
};

/*
 * QEMU's channels: the monitor's socket, what some VMs have, those of its network cards and disks,
 * and behind them one for each program that serves it.
 */
#define KEEPER_QEMU_MONITOR_FD 3
#define KEEPER_QEMU_AGENT_FD 4
#define KEEPER_QEMU_CONFIG_FD 5
#define KEEPER_QEMU_NETS_FD 6 /* the first of its network cards; then those of its disks */
#define KEEPER_QEMU_SERVED_MAX 6
#define KEEPER_QEMU_NETS_MAX                                                                       \
	(KEEPER_CHANNELS_MAX - KEEPER_QEMU_SERVED_MAX -                                            \
	 (KEEPER_QEMU_NETS_FD - KEEPER_QEMU_MONITOR_FD))

enum keeper_job { KEEPER_RUN, KEEPER_DETACH, KEEPER_ATTACH, KEEPER_RECOVER, KEEPER_TRY, KEEPER_JOB_MAX };

enum keeper_flag {
	KEEPER_QUIET = 1 << 0,		 /* only warnings and errors */
	KEEPER_VERBOSE = 1 << 1,	 /* every change, every process */
	KEEPER_COLOUR = 1 << 2,		 /* stderr is a terminal that wants colour */
	KEEPER_PRIVATE_NETWORK = 1 << 3, /* QEMU gets an empty network namespace */
	KEEPER_SERVICE = 1 << 4, /* of a unit: the service manager does what a standby does */
	KEEPER_FILTERED = 1 << 5, /* KEEPER_FD_FILTER is put on QEMU, which puts on its own as well */
	KEEPER_STOP_ON_HANGUP = 1 << 6,	 /* a closed terminal ends the VM */
	KEEPER_RESET_ON_PANIC = 1 << 7,	 /* a guest whose kernel panics is reset */
	KEEPER_FAIL_ON_PANIC = 1 << 8,	 /* QEMU ends with an error then: the report says so */
	KEEPER_BEFORE_START = 1 << 9,	 /* of a recover: something new is to be begun after it */
	KEEPER_COLD = 1 << 10, /* QEMU makes the host's devices at its start: they are taken before */
	KEEPER_DRY_RUN = 1 << 11, /* of an attach or a recover: what would be put back is reported */
	KEEPER_INHIBIT_SLEEP = 1 << 12,	 /* the host does not go to sleep while the VM runs */
	KEEPER_INHIBIT_SHUTDOWN = 1 << 13, /* nor does it shut down */
	KEEPER_DISPLAY_SOCKET = 1 << 14, /* clients of the display connect to a socket beside `control` */
	KEEPER_HOST_NAME = 1 << 15, /* QEMU keeps the host's name */
	KEEPER_IN_PLACE = 1 << 16, /* a service manager has put it where it belongs: no scope of its own */
	KEEPER_HANDS_OVER = 1 << 17, /* vfio-run leaves before the session ends that it belongs to */
	KEEPER_DARK = 1 << 18, /* the host has no picture: its power button ends the VM, not the host */
	KEEPER_FLAGS_ALL = (1 << 19) - 1,
};

/* A device that the plan may touch, and the identity that it must still have then. */
struct keeper_device {
	struct pci_address address;
	uint16_t vendor, device;
	int32_t group; /* -1: of a virtual function that the plan's own rows make */
	uint32_t number; /* of a section with `vf`: the number of the virtual function; 0: of another */
	struct pci_address physical; /* and whose it is */
	uint32_t assigned; /* 1: the guest gets it */
	char title[96]; /* for messages */
};

/* A node of the private /dev; vfio/GROUP takes its numbers from the kernel. */
struct keeper_node {
	char path[KEEPER_NODE_PATH_MAX];
	uint32_t block;
	uint32_t major, minor;
	uint32_t readonly; /* whatever its user may do to the host's */
	uint32_t late; /* a group's: made when its devices are taken, in a jail that stands */
};

enum keeper_file_flag {
	KEEPER_FILE_WRITABLE = 1 << 0,
	KEEPER_FILE_EXECUTABLE = 1 << 1, /* an emulator that is not the system's */
	KEEPER_FILE_FLAGS_ALL = (1 << 2) - 1,
};

/* A file, directory or socket of the VM's user, at the same path in the jail; opened as that user. */
struct keeper_file {
	uint32_t flags; /* enum keeper_file_flag */
	uint32_t program; /* the number of the row in whose jail it is */
};

/* What a program is put into before it is executed; jail/jail.c has a row for each. */
enum keeper_jail {
	KEEPER_JAIL_USER, /* it is the VM's user, without capabilities, in a session of its own */
	KEEPER_JAIL_VM,	  /* and in namespaces and a root of its own, with the plan's nodes, files, filter */
	KEEPER_JAIL_BESIDE, /* likewise, without a device or a network */
	KEEPER_JAIL_PROC,   /* and with all of /proc, whose settings it reads */
	KEEPER_JAIL_NETWORK, /* with the host's network and nothing of the user's: it speaks for QEMU there */
	KEEPER_JAIL_USERS,  /* and in a user namespace, where it is root: the VM's user outside */
	KEEPER_JAIL_MAX
};

/* A descriptor that a program is started with, by what is at its other end. */
enum keeper_channel {
	KEEPER_CHANNEL_NONE,	/* nothing: /dev/null */
	KEEPER_CHANNEL_SERVER,	/* the VM's monitor, the end that answers */
	KEEPER_CHANNEL_MONITOR, /* the end that asks */
	KEEPER_CHANNEL_OUTPUT,	/* output of the programs with KEEPER_LOG_OUTPUT */
	KEEPER_CHANNEL_RECORDS, /* the keeper: SOCK_SEQPACKET of qmp/record.h; of one row at most */
	KEEPER_CHANNEL_CONTROL, /* the VM's control socket, listening */
	KEEPER_CHANNEL_LOG,	/* the VM's log, for appending */
	KEEPER_CHANNEL_AGENT,	/* the guest agent's socket, listening; never read by the keeper */
	KEEPER_CHANNEL_CONFIG,	/* settings to be read, KEEPER_FD_CONFIG */
	KEEPER_CHANNEL_ROWS,	/* commands for QEMU, which the keeper does not read */
	KEEPER_CHANNEL_DISPLAY, /* where clients of the display connect, listening */
	KEEPER_CHANNEL_GIVEN,	/* the next of those that vfio-run has opened, KEEPER_FD_GIVEN */
	KEEPER_CHANNEL_LINK,	/* the next of those of the links that were made, by their rows */
	KEEPER_CHANNEL_SERVED,	/* QEMU's end of the next row's with one of the two below */
	KEEPER_CHANNEL_SERVES,	/* the other end of that */
	KEEPER_CHANNEL_ACCEPTS,	/* likewise, listening: QEMU's connection waits in it */
	KEEPER_CHANNEL_MAX
};

/* A USB device that the guest gets when it is there: by its ids, or by the port that it is in. */
struct keeper_usb {
	char port[CHANGE_USB_MAX];  /* "1-2.3"; "": by its ids */
	char found[CHANGE_USB_MAX]; /* where it is when the VM starts; "": nowhere yet */
	uint16_t vendor, product;   /* of one that is found, its own */
};

/* An input device that host and guest use in turns: known again when it is plugged in again. */
struct keeper_input {
	uint32_t node; /* its number when the VM starts: that of event3 is 3 */
	struct evdev_identity identity;
};
#define KEEPER_INPUTS_MAX 8 /* those behind are not seen again */

/* When a program counts as started. */
enum keeper_ready {
	KEEPER_READY_STARTED,  /* at once: what it is connected with waits for it */
	KEEPER_READY_EXECUTED, /* when it was executed; waited for before the first change */
	KEEPER_READY_BUILT,    /* when its jail stands, as far as it needs no node; likewise */
	KEEPER_READY_MAX
};

/* What a program's exec waits for; all but the last are started before the first change of a device. */
enum keeper_after {
	KEEPER_AFTER_START,   /* nothing */
	KEEPER_AFTER_PLACED,  /* all are where they belong; with KEEPER_COLD: the devices are the VM's */
	KEEPER_AFTER_GUEST,   /* the guest runs; it is started then */
	KEEPER_AFTER_MAX
};

/* Effect of its death while the VM runs, once its restarts are used up. */
enum keeper_death {
	KEEPER_DEATH_IGNORE,
	KEEPER_DEATH_WARN,
	KEEPER_DEATH_NO_RESET, /* the guest runs on, and QEMU ends with its next reset */
	KEEPER_DEATH_ENDS, /* the guest is powered down, and the run has failed */
	KEEPER_DEATH_MAX
};

/* Where its standard output and error go. */
enum keeper_log {
	KEEPER_LOG_NONE,     /* /dev/null */
	KEEPER_LOG_OUTPUT,   /* the pipe that KEEPER_CHANNEL_OUTPUT reads */
	KEEPER_LOG_TERMINAL, /* the keeper's own */
	KEEPER_LOG_MAX
};

/*
 * A process of the VM. The keeper starts, gates, places, writes down, shows, reaps and ends any of
 * them by its row. The first row is the VM itself: its death, reaped, is the VM's end.
 */
struct keeper_program {
	char role[PROCESS_ROLE_MAX]; /* an identifier in the status, the journal and messages */
	uint32_t descriptor; /* it is executed by this KEEPER_FD_*; 0: by its path, the first argument */
	uint32_t has_devices; /* 1: they go back when it is dead; of the first row and of no other */
	uint32_t jail;	      /* enum keeper_jail */
	uint32_t ready, after, on_death, log; /* of the enums above */
	uint32_t restarts; /* how often it is started again when it dies */
	uint32_t filter; /* a KEEPER_FD_FILTER*, put on it with KEEPER_FILTERED; 0: none of ours */
	uint32_t arg_count, env_count; /* its strings */
	uint32_t channel_count;
	uint32_t channel[KEEPER_CHANNELS_MAX]; /* enum keeper_channel; its descriptors 3, 4, ... */
};

/* The administrator's own programs, by when they are run; as root, each by an absolute path. */
enum keeper_hook {
	KEEPER_HOOK_PREPARE,  /* before the first change; when it fails, nothing is changed */
	KEEPER_HOOK_STARTED,  /* the guest runs */
	KEEPER_HOOK_STOPPED,  /* QEMU is gone, its devices are not back yet */
	KEEPER_HOOK_FAILED,   /* it has not ended as asked for */
	KEEPER_HOOK_RELEASED, /* everything is back */
	KEEPER_HOOK_MAX
};
#define KEEPER_HOOK_PATH_MAX CHANGE_TEXT_MAX

struct keeper_plan {
	uint64_t magic;
	uint32_t version;
	uint32_t size; /* bytes of the whole, strings included */
	uint32_t job;  /* enum keeper_job */
	uint32_t flags;
	char name[KEEPER_NAME_MAX]; /* the VM's; of a detach: "detach-" and the first address; "" for all */
	char user[KEEPER_USER_MAX];
	uint32_t uid, gid;
	uint32_t shutdown_timeout_s;
	uint32_t trial_s; /* of a trial: QEMU is ended after that long, and all that is said goes to the log, with times */
	uint64_t memory_bytes;
	uint64_t memlock_bytes;
	uint32_t device_count, group_count, change_count, node_count, file_count;
	uint32_t program_count;
	uint32_t usb_count, input_count;
	uint32_t populate_rows, plug_rows; /* of KEEPER_FD_ROWS: those before the devices, those after */
	uint32_t strings_size; /* arguments and environment of each program, then the files' paths */
	struct keeper_device device[KEEPER_DEVICES_MAX];
	int32_t group[KEEPER_GROUPS_MAX]; /* ascending */
	struct change change[KEEPER_CHANGES_MAX];
	struct keeper_node node[KEEPER_NODES_MAX];
	struct keeper_file file[KEEPER_FILES_MAX]; /* a directory before what is in it */
	struct keeper_program program[KEEPER_PROGRAMS_MAX];
	struct keeper_usb usb[KEEPER_USB_MAX]; /* QMP_USB_ROWS rows of each behind all others */
	/* behind those, of each: that it is gone, and that it is at the node of each */
	struct keeper_input input[KEEPER_INPUTS_MAX];
	char hook[KEEPER_HOOK_MAX][KEEPER_HOOK_PATH_MAX]; /* "": there is none */
	char picture[CHANGE_TEXT_MAX]; /* devices on one of which the desktop is to draw again; "": any */
	uint32_t holder_count; /* processes that are ended before the first change of a device */
	uint32_t asked_count; /* those behind them: display servers that are asked, and go on */
	uint32_t known_count; /* and behind those: they end with what is stopped, or bear it */
	struct process_id holder[KEEPER_HOLDERS_MAX];
	struct cpu_places places; /* of the threads of the VM itself, the first program */
	char strings[];
};

/* One change done, undone or failed: what detach, attach and recover print, as text or JSON. */
struct keeper_report {
	struct change change; /* kind CHANGE_MAX: the closing record */
	uint32_t ok;	/* 1: done; of the closing record: everything is as it was (or as asked) */
	int32_t error;	/* 0 or -errno; of the closing record: the exit code */
	uint32_t left_out; /* 1: not tried, a driver hangs in the device; reported once */
	char text[256]; /* what went wrong and what to do, one line; "" when ok */
};

/* Exit codes, the same for the keeper and vfio-run: interface, section 2. */
enum exit_code {
	EXIT_OK = 0,
	EXIT_GUEST = 1,	  /* QEMU failed; host restored */
	EXIT_BAD_USE = 2, /* command line or profile; nothing touched */
	EXIT_HOST = 3,	  /* host not ready; nothing touched */
	EXIT_UNDONE = 4,  /* a step failed; what had been changed was undone */
	EXIT_LEFT = 5,	  /* something could not be restored */
	EXIT_HANDED_OVER = 6, /* the VM runs on without what was typed: it is in a session that ends */
};

#endif /* VFIO_RUN_HANDOVER_H */
