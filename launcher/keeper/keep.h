/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keep.h - what one keeper holds; one per process, never on the heap */
#ifndef VFIO_RUN_KEEP_H
#define VFIO_RUN_KEEP_H

#include <stdbool.h>
#include <sys/signalfd.h>

#include "launcher/keeper/cgroup.h"
#include "launcher/keeper/journal.h"
#include "launcher/keeper/keeper.h"
#include "launcher/keeper/known.h"
#include "launcher/keeper/notify.h"
#include "launcher/keeper/scribe.h"
#include "launcher/keeper/state.h"
#include "launcher/keeper/status.h"
#include "launcher/keeper/worker.h"

/* The second keeper that sleeps until this one dies; twin.c. */
struct twin {
	pid_t pid;  /* 0: none */
	int pidfd;  /* -1: none */
	int socket; /* what is locked, and who is known, is sent there; -1: none */
	uint32_t sent; /* number of what was sent last; it answers with that when it has it */
	uint32_t answered; /* to its fork with 0 */
};

#define TWIN_INIT { 0, -1, -1, 0, UINT32_MAX }

struct keep {
	const struct keeper_plan *plan; /* checked; NULL in nothing but tests */
	struct state state;
	struct journal journal;
	struct worker worker;
	struct status status; /* what others see of the VM */
	int control;	  /* its control socket, listening; -1: there is none */
	int group_lock[KEEPER_GROUPS_MAX]; /* -1: not held */
	int32_t group[KEEPER_GROUPS_MAX];
	size_t group_count;
	struct cgroup cgroup; /* where this run's processes are */
	int signals;	  /* signalfd */
	bool has_scope;	  /* the program for scopes was handed over */
	bool has_log;	  /* so was the VM's log */
	struct scribe scribe; /* who writes to the file that stderr is, and to that log */
	bool has_notify;  /* so was a socket to the service manager */
	enum notify_state told; /* it */
	int self;	  /* pidfd of this process, for its twin */
	struct twin twin;
	bool twinless;	  /* there is none, and that was said */
	struct known known[KNOWN_MAX]; /* its twin knows them too */
	size_t known_count;
	bool knows_all;	  /* this is the twin of a keeper that acted by none but these */
	bool took_over;	  /* this is a twin whose keeper is dead: nobody can ask it to give up */
	char *arguments;  /* where the kernel put argv, for a twin's name */
	size_t arguments_size;
	bool told_by_init; /* process 1 has sent SIGTERM: the host goes down, or its unit or scope */
	bool interrupted; /* somebody asked for the end before the guest ran */
	bool reverting;	  /* on the way back: a journal that cannot be written stops nothing */
	bool gone[KEEPER_DEVICES_MAX];	  /* by journal->device: not on the bus any more */
	bool held[KEEPER_DEVICES_MAX];	  /* somebody has its group open: left out */
	bool alone; /* no worker can be had: the keeper does the rest of the way back itself */
};

/* keep.c */
int keep_lock_groups(struct keep *k, const int32_t *group, size_t count) must_check;
void keep_unlock_groups(struct keep *k);
bool keep_is_told_once(struct keep *k, const struct signalfd_siginfo *info);
bool keep_was_interrupted(struct keep *k);
const char *keep_kind(const struct keep *k);
void keep_rename(const struct keep *k, const char *name);

/* control.c */
int control_open(const struct keeper_plan *plan, int *fd_out) must_check;

/* device.c */
int device_work(struct keep *k, struct journal_device *d, struct work *work, struct work_reply *reply);
unsigned int device_patience_s(const struct journal_device *d);
int device_snapshot(struct keep *k, const struct keeper_device *planned, struct journal_device *out) must_check;

/* device-facts.c */
void device_driver(const char *name, char buf[CHANGE_VALUE_MAX]);
void device_module(const char *driver, char buf[CHANGE_VALUE_MAX]);
bool device_exists(const char *name);
bool device_is_gone(const struct journal_device *d);
void device_note_gone(struct keep *k, const struct journal_device *d);
bool device_has_driver(const char *driver);
bool device_has_group(int32_t group);
bool device_can_reset(const char *name);
struct device_displays device_displays(const char *name);

/* moves.c */
bool driver_is_vfio(const char *driver);
int attribute_read(struct keep *k, struct journal_device *d, enum work_attribute attribute,
		   char value[CHANGE_VALUE_MAX]);
int attribute_set(struct keep *k, struct journal_device *d, enum work_attribute attribute,
		  const char *value);
int driver_give(struct keep *k, struct journal_device *d, const char *driver);
int driver_take(struct keep *k, struct journal_device *d, const char *driver);
int driver_load(struct keep *k, const struct journal_device *d);

/* ladder.c */
int ladder_climb(struct keep *k, struct journal_device *d, int rc);
int ladder_rescan(struct keep *k, struct journal_device *d);
int ladder_displays(const struct journal_device *d);

/* changes.c */
int change_save(struct keep *k, const struct journal_change *c, char saved[CHANGE_VALUE_MAX]);
int change_apply(struct keep *k, const struct journal_change *c);
bool change_is_shared(enum change_kind kind);
bool change_has_way_back(const struct journal_change *c);
int change_revert(struct keep *k, const struct journal_change *c);
const char *change_trouble(enum change_kind kind, int error);

/* apply.c, revert.c */
int apply_plan(struct keep *k) must_check;
bool revert_all(struct keep *k) must_check;
void revert_say_left(const struct keep *k);

/* release.c */
void release_look(struct keep *k);
bool release_wait(struct keep *k) must_check;
int release_check(struct keep *k, int32_t group);

/* twin.c */
int twin_start(struct keep *k) must_check;
int twin_share(struct keep *k) must_check;
void twin_enter_leaf(struct keep *k);
int twin_has_all(struct keep *k) must_check;
int twin_ensure(struct keep *k);
void twin_end(struct keep *k);

/* fence.c */
int fence_predecessor(struct keep *k) must_check;

/* tell.c */
void tell_change(const struct journal_change *c, int error, const char *trouble);
void tell_left_out(const struct journal_change *c, const char *why);
void tell_result(int code, const char *text);
void tell_setup(enum keeper_job job);

/* jobs */
int job_run(struct keep *k);
int job_detach(struct keep *k);
int job_attach(struct keep *k);
int job_try(struct keep *k);
int job_recover(struct keep *k);
int job_take_over(struct keep *k);

#endif /* VFIO_RUN_KEEP_H */
