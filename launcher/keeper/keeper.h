/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keeper.h - what one keeper holds; one per process, never on the heap */
#ifndef VFIO_RUN_KEEPER_H
#define VFIO_RUN_KEEPER_H

#include <stdbool.h>
#include <sys/signalfd.h>

#include "launcher/keeper/process/cgroup.h"
#include "launcher/keeper/journal/journal.h"
#include "launcher/keeper/handover.h"
#include "launcher/keeper/process/known.h"
#include "launcher/keeper/process/notify.h"
#include "launcher/keeper/process/scribe.h"
#include "launcher/keeper/journal/state.h"
#include "launcher/keeper/journal/status.h"
#include "launcher/keeper/worker/worker.h"

/* The second keeper that sleeps until this one dies; standby.c. */
struct standby {
	pid_t pid;  /* 0: none */
	int pidfd;  /* -1: none */
	int socket; /* locks and known processes are sent there; -1: none */
	uint32_t sent; /* number of what was sent last; it answers with that when it has it */
	uint32_t answered; /* to its fork with 0 */
};

#define STANDBY_INIT { 0, -1, -1, 0, UINT32_MAX }

struct keeper {
	const struct keeper_plan *plan; /* checked; NULL in nothing but tests */
	struct state state;
	struct journal journal;
	struct worker worker;
	struct status status; /* the VM's public state */
	int control;	  /* its control socket, listening; -1: there is none */
	int agent;	  /* its guest agent's, likewise */
	int display;	  /* where clients of its display connect, likewise */
	int group_lock[KEEPER_GROUPS_MAX]; /* -1: not held */
	int32_t group[KEEPER_GROUPS_MAX];
	size_t group_count;
	struct cgroup cgroup; /* where this run's processes are */
	int signals;	  /* signalfd */
	bool has_scope;	  /* the program for scopes was handed over */
	bool has_log;	  /* so was the VM's log */
	bool has_config;  /* so were settings for QEMU */
	struct scribe scribe; /* writes to the file that stderr is, and to that log */
	int hooks;	  /* socket to the process that starts hooks; -1: there is none */
	pid_t hooks_pid;
	uint32_t hooks_serial; /* of the last one */
	bool has_notify;  /* so was a socket to the service manager */
	enum notify_state told; /* the last state sent to it */
	int self;	  /* pidfd of this process, for its standby */
	struct standby standby;
	int (*take_over)(struct keeper *k); /* what a standby does when its keeper is dead */
	bool no_standby;	  /* there is none, and that was reported */
	struct known known[KNOWN_MAX]; /* its standby knows them too */
	size_t known_count;
	bool knows_all;	  /* this is the standby of a keeper that acted by none but these */
	bool took_over;	  /* this is a standby whose keeper is dead: no request ends it early */
	char *arguments;  /* where the kernel put argv, for a standby's name */
	size_t arguments_size;
	bool told_by_init; /* process 1 has sent SIGTERM: the host goes down, or its unit or scope */
	bool interrupted; /* an end was requested before the guest ran */
	bool reverting;	  /* reverting: a journal that cannot be written stops nothing */
	bool lock_in_vain; /* the host journal's was waited for, in this pass of the way back */
	char silent[8][24]; /* who keeps units or containers, and does not answer: not asked again */
	size_t silent_count;
	bool cards_known; /* udev was waited for, in this pass of the way back */
	bool gone[KEEPER_DEVICES_MAX];	  /* by journal->device: not on the bus any more */
	bool unmade; /* the last user of virtual functions: they go by this keeper's own hand */
	bool held[KEEPER_DEVICES_MAX];	  /* a process has its group open: left out */
	struct work_fds came; /* with the worker's last answer; taken by the kind that asked */
	int given[KEEPER_CHANNELS_MAX]; /* for QEMU, from vfio-run; in the order of its channels */
	size_t given_count;
	int link[KEEPER_CHANNELS_MAX]; /* likewise, of the links that were made */
	size_t link_count;
	bool alone; /* no worker can be started: the keeper reverts the rest itself */
};

/* The folder below /run/vfio-run that this keeper is announced in. */
static inline const char *keeper_kind(const struct keeper *k)
{
	return k->journal.is_detach ? "detach" : "vm";
}

/* journal/group-locks.c, process/self.c */
int keeper_lock_groups(struct keeper *k, const int32_t *group, size_t count) must_check;
void keeper_unlock_groups(struct keeper *k);
bool keeper_is_told_once(struct keeper *k, const struct signalfd_siginfo *info);
bool keeper_was_interrupted(struct keeper *k);
void keeper_rename(const struct keeper *k, const char *name);

/* control-socket.c */
int control_open(const struct keeper_plan *plan, int *fd_out) must_check;
int agent_open(const struct keeper_plan *plan, int *fd_out) must_check;
int display_open(const struct keeper_plan *plan, int *fd_out) must_check;

/* device.c */
#define DEVICE_LONGEST_S 600 /* no operation may take more */
int device_work(struct keeper *k, struct journal_device *d, struct work *work, struct work_reply *reply);
unsigned int device_patience_s(const struct journal_device *d);
int device_snapshot(struct keeper *k, const struct keeper_device *planned, struct journal_device *out) must_check;

/* device-facts.c */
void device_driver(const char *name, char buf[CHANGE_TEXT_MAX]);
void device_module(const char *driver, char buf[CHANGE_TEXT_MAX]);
bool device_exists(const char *name);
bool device_is_gone(const struct journal_device *d);
void device_note_gone(struct keeper *k, const struct journal_device *d);
bool device_has_driver(const char *driver);
bool device_has_group(int32_t group);
bool device_has_card(const char *target);
bool device_is_alone_on_its_bus(const char *name);
bool device_can_reset(const char *name);
bool device_has_screen(void);
typedef void (*device_connector_fn)(void *context, const char *card, const char *name, bool connected);
struct device_displays device_displays(const char *name, device_connector_fn each, void *context);

/* usb-facts.c; plug.c, which the VM's files call in their place */
#define USB_INTERFACES_MAX 32
struct usb_found {
	char name[CHANGE_USB_MAX]; /* "1-2.3"; "": none */
	uint16_t vendor, product;
	unsigned int number; /* another one each time that it is plugged in */
};
struct usb_interfaces {
	char name[USB_INTERFACES_MAX][CHANGE_USB_MAX];
	size_t count;
};
bool usb_read(const char *name, struct usb_found *out);
size_t usb_find(const struct keeper_usb *wanted, struct usb_found *out);
void usb_list_interfaces(const char *device, struct usb_interfaces *out);
int usb_open_node(struct keeper *k, const struct usb_found *d) must_check;
size_t plug_find(const struct keeper_usb *wanted, struct usb_found *out);
bool plug_is_there(const struct usb_found *d);
int plug_take(struct keeper *k, const struct usb_found *d) must_check;
void plug_give_back(struct keeper *k, const char *device);
int plug_open_found(struct keeper *k, struct usb_found *found, struct work_fds *out) must_check;

/* driver.c */
bool driver_is_vfio(const char *driver);
int attribute_read(struct keeper *k, struct journal_device *d, enum work_attribute attribute,
		   char value[CHANGE_TEXT_MAX]);
int attribute_set(struct keeper *k, struct journal_device *d, enum work_attribute attribute,
		  const char *value);
int driver_give(struct keeper *k, struct journal_device *d, const char *driver);
int driver_take(struct keeper *k, struct journal_device *d, const char *driver);
int driver_load(struct keeper *k, const struct journal_device *d);

/* kept.c */
bool kept_is_role(const char *role);

/* session-end.c */
typedef bool (*apply_go_on_fn)(void *context);
void session_end_holders(struct keeper *k);
int session_check_asked(const struct keeper *k) must_check;
int session_find_lost(const struct keeper *k) must_check;
int session_look_again(struct keeper *k, apply_go_on_fn go_on, void *context) must_check;
int session_wait(struct keeper *k, apply_go_on_fn go_on, void *context) must_check;

/* rebind.c */
int rebind_by_steps(struct keeper *k, struct journal_device *d, int rc);
int rebind_rescan(struct keeper *k, struct journal_device *d);
int rebind_displays(struct keeper *k, struct journal_device *d);

/* kinds.c: the ledger's interface to every kind of change */
enum change_reach {
	REACH_FREE,    /* it can be looked at and put back */
	REACH_GONE,    /* it is not there any more, for good: that counts as back */
	REACH_HELD,    /* a process has it open: left out for now */
	REACH_LOST,    /* it may not be touched any more */
	REACH_UNKNOWN, /* the journal has no record of it */
};
int change_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX]);
void change_look(struct keeper *k, const struct change *c, char now[CHANGE_TEXT_MAX]);
int change_amount(struct keeper *k, struct change *c);
int change_apply(struct keeper *k, const struct change *c);
int change_follow(struct keeper *k, const struct change *c);
bool change_has_way_back(const struct change *c);
enum change_reach change_reach(struct keeper *k, const struct change *c, const char **why);
int change_revert(struct keeper *k, const struct change *c);
int change_revert_from(struct keeper *k, const struct change *c, char before[CHANGE_TEXT_MAX]);
int change_settle(struct keeper *k, const struct change *c);
bool change_still_ok(struct keeper *k, const struct change *c);
bool change_plan_fits(struct keeper *k);
const char *change_trouble(uint32_t kind, int error);

/* apply.c, revert.c */
uint32_t apply_host_rows(const struct keeper *k);
uint32_t apply_session_rows(const struct keeper *k);
int apply_rows(struct keeper *k, uint32_t first, uint32_t end, apply_go_on_fn go_on, void *context) must_check;
int apply_plan(struct keeper *k) must_check;
bool revert_all(struct keeper *k) must_check;
void revert_show(const struct keeper *k);
void revert_say_left(const struct keeper *k);

/* release.c */
#define RELEASE_FOR_EVER (-1)
void release_look(struct keeper *k);
bool release_is_held(const struct keeper *k, bool only_screens);
bool release_wait(struct keeper *k, int tries, bool again) must_check;
int release_check(struct keeper *k, int32_t group);

/* standby.c */
int standby_start(struct keeper *k) must_check;
int standby_share(struct keeper *k) must_check;
int standby_know(struct keeper *k, int row, pid_t pid, int pidfd, struct process_id *id) must_check;
void standby_move_in(struct keeper *k);
void standby_enter_leaf(struct keeper *k);
int standby_has_all(struct keeper *k) must_check;
int standby_ensure(struct keeper *k);
void standby_end(struct keeper *k);

/* fence.c */
int fence_predecessor(struct keeper *k) must_check;

/* report.c */
void report_change(const struct change *c, int error, const char *trouble);
void report_left_out(const struct change *c, const char *why);
void report_result(int code, const char *text);
void report_hand_over(void);
void report_setup(enum keeper_job job);

/* jobs */
int job_run(struct keeper *k);
int job_detach(struct keeper *k);
int job_attach(struct keeper *k);
int job_try(struct keeper *k);
int job_recover(struct keeper *k);
int job_take_over(struct keeper *k);

#endif /* VFIO_RUN_KEEPER_H */
