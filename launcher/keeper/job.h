/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job.h - what the keeper's jobs share */
#ifndef VFIO_RUN_JOB_H
#define VFIO_RUN_JOB_H

#include <stdarg.h>

#include "launcher/keeper/keeper.h"

#define JOB_TEXT_MAX 256 /* a sentence, with its NUL */

int job_refuse(const struct keeper *k, int code, const char *format, ...) printf_like(3, 4);
const char *job_unreadable(const struct journal *j, const char *name, int rc,
			   char text[JOB_TEXT_MAX]);
void job_have_standby(struct keeper *k);
void job_workers_known(struct keeper *k);
int job_open_journal(struct keeper *k, const char *name, int *fd) must_check;
void job_drop_journal(struct keeper *k);
void job_leave_journal(struct keeper *k);
void job_leave_for_recover(struct keeper *k);
void job_close_state(struct keeper *k);
int job_lock_groups(struct keeper *k) must_check;
int job_begin(struct keeper *k, const char *name, bool is_detach) must_check;
void job_abandon(struct keeper *k);
int job_finish(struct keeper *k, bool restored);
bool job_settle(struct keeper *k, int fd, const char *name) must_check;
void job_tell_stopped(struct keeper *k);
void job_run_written_hooks(struct keeper *k);
void job_run_last_hooks(struct keeper *k, int code);
void job_trial_say(const struct keeper *k);
void job_hardware_begin(const struct keeper *k);
void job_hardware_say(const struct keeper *k);
bool job_journal_stands(const struct keeper *k) must_check;

#endif /* VFIO_RUN_JOB_H */
