/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - the keeper: the only program that changes the host, and changes it back
 *
 * vfio-run parses, inspects, plans and checks, with all its libraries, and then becomes
 * this: a small program with no parser of anything that a user, QEMU or a guest wrote.
 * It holds the plan against its own table, owns locks and journal, makes the changes,
 * starts QEMU as another user, sleeps, and reverts. After the first change it ends in
 * one way only: through revert.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/sanitize-process.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/ledger/check-plan.h"
#include "launcher/keeper/jail/jail.h"
#include "launcher/keeper/keeper.h"
#include "launcher/keeper/process/hooks.h"
#include "launcher/keeper/process/oom.h"

static int (*const jobs[KEEPER_JOB_MAX])(struct keeper *k) = {
	[KEEPER_RUN] = job_run,
	[KEEPER_DETACH] = job_detach,
	[KEEPER_ATTACH] = job_attach,
	[KEEPER_RECOVER] = job_recover,
	[KEEPER_TRY] = job_try,
};

/* Too large for a stack that a launcher may have limited. */
static struct keeper keeper;

/* Here, and not where it is declared: untouched pages of its tables take no memory then. */
static void begin(struct keeper *k)
{
	k->state = (struct state)STATE_INIT;
	k->journal.fd = -1;
	k->worker = (struct worker)WORKER_INIT;
	k->standby = (struct standby)STANDBY_INIT;
	k->status = (struct status)STATUS_INIT;
	k->control = k->agent = k->display = -1;
	k->signals = k->self = k->hooks = -1;
	k->scribe = (struct scribe)SCRIBE_NONE;
}

/*
 * Only what was handed over stays open, and nothing of it survives an exec by accident. Not all
 * jobs have all of it: no descriptor of the keeper's own may get one of these numbers.
 */
static int own_descriptors(void)
{
	for (int fd = KEEPER_FD_PLAN; fd <= KEEPER_FD_LAST; fd++)
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 &&
		    open("/dev/null", O_RDWR | O_CLOEXEC) != fd) /* the lowest that is free */
			return -errno;
	return syscall(SYS_close_range, KEEPER_FD_LAST + 1, ~0U, 0) < 0 ? -errno : 0;
}

/*
 * All signals are blocked and read from a descriptor, so none can interrupt a change,
 * stop the keeper, or kill it: not a closed terminal, not a write to one, not Ctrl-Z.
 */
static int own_signals(void)
{
	sigset_t all, read_ones;
	int fd;

	(void)sigfillset(&all);
	(void)sigemptyset(&read_ones);
	(void)sigaddset(&read_ones, SIGINT);
	(void)sigaddset(&read_ones, SIGTERM);
	(void)sigaddset(&read_ones, SIGQUIT);
	(void)sigaddset(&read_ones, SIGHUP);
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
		return -errno;
	(void)signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &read_ones, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static int open_itself(void)
{
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	return fd < 0 ? -errno : fd;
}

/* They stand one behind the other. */
static void remember_arguments(struct keeper *k, int argc, char **argv)
{
	if (argc < 1)
		return;
	k->arguments = argv[0];
	k->arguments_size = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) + 1 - argv[0]);
}

/* What recovers does not know yet what was left, nor does what gives back. */
static bool has_kind(const struct keeper_plan *plan, enum change_kind kind)
{
	bool found = plan->job == KEEPER_RECOVER || plan->job == KEEPER_ATTACH;

	for (uint32_t i = 0; i < plan->change_count; i++)
		found |= plan->change[i].kind == kind;
	return found;
}

static const char *check_filters(const struct keeper_plan *plan)
{
	const char *wrong = jail_filter_check(KEEPER_FD_FILTER);

	for (uint32_t i = 1; i < plan->program_count && !wrong; i++)
		if (plan->program[i].filter)
			wrong = jail_filter_check((int)plan->program[i].filter);
	return wrong;
}

static void own_log(uint32_t flags)
{
	log_setup(flags & KEEPER_QUIET	  ? LOG_WARNING :
		  flags & KEEPER_VERBOSE ? LOG_VERBOSE :
					   LOG_NOTICE,
		  flags & KEEPER_COLOUR);
	log_fit_terminal();
	if (fcntl(KEEPER_FD_SYSLOG, F_GETFD) >= 0)
		log_also(KEEPER_FD_SYSLOG);
}

int main(int argc, char **argv)
{
	struct keeper *k = &keeper;
	const char *wrong;
	int rc;

	if (sanitize_process(argc, argv, NULL))
		return EXIT_BAD_USE;
	begin(k);
	(void)prctl(PR_SET_NAME, "vfio-run"); /* killall knows it by that name */
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)umask(0); /* every mode is written out where something is made */
	wrong = check_plan_open(KEEPER_FD_PLAN, &k->plan);
	if (!wrong && k->plan && k->plan->flags & KEEPER_FILTERED)
		wrong = check_filters(k->plan);
	if (wrong || !k->plan) {
		log_error("the keeper's plan: %s", wrong ? wrong : "none");
		return EXIT_BAD_USE;
	}
	own_log(k->plan->flags);
	report_setup((enum keeper_job)k->plan->job);
	notify_setup(k);
	cgroup_plan(k);
	if (cpu_places_any(&k->plan->places))
		caps_plan(CAP_SYS_NICE); /* vm/pin.c */
	if (has_kind(k->plan, CHANGE_LINK))
		caps_plan(CAP_NET_ADMIN);
	if (has_kind(k->plan, CHANGE_OWNER)) { /* of the worker: the node is a user's */
		caps_plan(CAP_CHOWN);
		caps_plan(CAP_DAC_OVERRIDE);
	}
	if (has_kind(k->plan, CHANGE_MOUNT)) {
		caps_plan(CAP_SYS_ADMIN);
		caps_plan(CAP_DAC_OVERRIDE); /* the directories of a user's, which are on the way */
	}
	k->has_log = fcntl(KEEPER_FD_LOG, F_GETFD) >= 0;
	k->has_config = fcntl(KEEPER_FD_CONFIG, F_GETFD) >= 0;
	if (fcntl(KEEPER_FD_DISPLAY, F_GETFD) >= 0)
		k->display = KEEPER_FD_DISPLAY;
	remember_arguments(k, argc, argv);
	rc = own_descriptors();
	if (!rc)
		rc = scribe_start(k);
	if (!rc && k->plan->trial_s && k->has_log)
		log_timed(KEEPER_FD_LOG);
	if (!rc)
		rc = k->signals = own_signals();
	if (rc >= 0)
		rc = k->self = open_itself();
	if (rc >= 0 && chdir("/") < 0)
		rc = -errno;
	if (rc >= 0)
		rc = hooks_start(k);
	if (rc >= 0)
		rc = caps_bound();
	if (rc < 0) {
		log_error("the keeper cannot start: %s", strerror(-rc));
		return EXIT_HOST;
	}
	oom_protect();
	k->worker.module = KEEPER_FD_MODULE;
	k->worker.scope = k->has_scope ? KEEPER_FD_SCOPE : -1;
	k->take_over = job_take_over;
	rc = jobs[k->plan->job](k);
	status_set_end(&k->status, rc); /* of one that was refused, or has left its VM */
	scribe_end(k);
	return rc;
}
