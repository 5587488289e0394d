/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status-wait.c - `vfio-run status --wait` and `--watch`: until a VM has ended, and what it does
 * till then
 *
 * Whoever gives a VM's devices back writes how the run ended into its status, last of all, when
 * that file may have lost its name: it is opened before, and read to the end. Nothing is polled: a
 * process is waited for by its pidfd, a file by inotify.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/status/status.h"
#include "launcher/inspect/running.h"

#define RECOVERY_MS 5000 /* a service's recovery starts at once; nobody else's has to come */
#define FOLLOWED_MAX 64
#define STATE_MAX 160
#define FILE_EVENTS (IN_MODIFY | IN_ATTRIB)
#define FOLDER_EVENTS (IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_ONLYDIR)

enum fate {
	FATE_GOES_ON,     /* a process works on it */
	FATE_ENDED,       /* with an exit status */
	FATE_KILLED,      /* its end is not written down; nothing of it is left */
	FATE_INTERRUPTED, /* nor is anything given back, and no process does it */
	FATE_UNREADABLE,
};

struct follow {
	char name[VM_STATUS_NAME_MAX];
	int fd;    /* its status */
	int pidfd; /* of the process that works on it; -1: none */
	struct vm_status status;
	bool taken_over;
	char line[STATE_MAX]; /* as printed last */
};

static int open_status(const char *name)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), RUNNING_DIR "/%s/status", name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

static void follow_end(struct follow *f)
{
	close_fd(&f->fd);
	close_fd(&f->pidfd);
}

static bool is_unlinked(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink == 0;
}

/* The keeper, or its standby, which then stands in the keeper's place. */
static void find_process(struct follow *f)
{
	struct process_id id = vm_status_id(&f->status, VM_STATUS_KEEPER);

	close_fd(&f->pidfd);
	f->pidfd = running_open_process(&id);
	f->taken_over = f->pidfd < 0;
	if (f->pidfd >= 0)
		return;
	id = vm_status_id(&f->status, VM_STATUS_STANDBY);
	f->pidfd = running_open_process(&id);
}

/* Twice: a process that is not there any more has written its last word before. */
static enum fate look(struct follow *f)
{
	for (int i = 0; i < 2; i++) {
		if (vm_status_read(f->fd, &f->status))
			return FATE_UNREADABLE;
		if (f->status.ended)
			return FATE_ENDED;
		if (!i)
			find_process(f);
		if (f->pidfd >= 0)
			return FATE_GOES_ON;
	}
	return is_unlinked(f->fd) ? FATE_KILLED : FATE_INTERRUPTED;
}

static void wait_for_process(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Only that something has happened counts. */
static void drain(int notify)
{
	char events[4096];

	while (read(notify, events, sizeof(events)) > 0)
		;
}

/* Return: false when nothing happened to the file until then */
static bool wait_for_change(int notify, int64_t until)
{
	struct pollfd p = { .fd = notify, .events = POLLIN };
	int64_t left = until - now_ms();
	int n = left > 0 ? poll(&p, 1, (int)left) : 0;

	drain(notify);
	return n > 0 || (n < 0 && errno == EINTR);
}

static void watch_path(int notify, uint32_t events, const char *name, const char *file)
{
	char path[NAME_MAX + 64];

	(void)snprintf(path, sizeof(path), RUNNING_DIR "%s%s%s", *name ? "/" : "", name, file);
	(void)inotify_add_watch(notify, path,
				events); /* it is not there: a folder above reports it */
}

/* Return: the run's exit code, or what stands for it */
static int say_end(const struct follow *f, enum fate fate)
{
	switch (fate) {
	case FATE_ENDED:
		log_notice("%s: has ended with exit status %u", f->name, f->status.exit_code);
		return (int)f->status.exit_code;
	case FATE_KILLED:
		log_warning(
			"%s: vfio-run was killed before it could say how it ended; nothing of it is left",
			f->name);
		return EXIT_GUEST;
	case FATE_INTERRUPTED:
		log_error("%s: vfio-run and its standby were killed, its devices are not back: "
			  "`sudo vfio-run recover` gives them back",
			  f->name);
		return EXIT_LEFT;
	default:
		log_error("%s: its status cannot be read", f->name);
		return EXIT_HOST;
	}
}

/* Return: what became of it, never FATE_GOES_ON */
static enum fate wait_for_end(struct follow *f, int notify)
{
	int64_t until = 0;

	for (;;) {
		enum fate fate = look(f);

		if (fate == FATE_GOES_ON) {
			wait_for_process(f->pidfd);
			until = 0;
			continue;
		}
		if (fate != FATE_INTERRUPTED)
			return fate;
		if (!until)
			until = now_ms() + RECOVERY_MS;
		if (!wait_for_change(notify, until))
			return fate;
	}
}

/**
 * status_wait() - wait until a VM has ended
 * @name:	as running_is_name() has it
 * @out:	its status at the end; without a name when there is no such VM, or it cannot be read
 *
 * Return: the exit code of its run; EXIT_HOST there is no such VM; EXIT_LEFT when nothing gives its
 *	   devices back
 */
int status_wait(const char *name, struct vm_status *out)
{
	struct follow f = { .fd = open_status(name), .pidfd = -1 };
	cleanup_close int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	enum fate fate;
	int code;

	*out = (struct vm_status){ .name = "" };
	if (f.fd < 0) {
		log_notice("%s does not run", name);
		return EXIT_HOST;
	}
	(void)snprintf(f.name, sizeof(f.name), "%s", name);
	watch_path(notify, FILE_EVENTS, name, "/status");
	fate = wait_for_end(&f, notify);
	code = say_end(&f, fate);
	if (fate != FATE_UNREADABLE)
		*out = f.status;
	follow_end(&f);
	return code;
}

/* ---- --watch -------------------------------------------------------------------------------- */

struct watch {
	const char *name; /* NULL: all of them */
	int notify;
	size_t count;
	struct follow vm[FOLLOWED_MAX];
};

static void print_line(struct follow *f, const char *line)
{
	time_t seconds = time(NULL);
	char clock[16] = "";
	struct tm now;

	if (!strcmp(f->line, line))
		return;
	(void)snprintf(f->line, sizeof(f->line), "%s", line);
	if (localtime_r(&seconds, &now))
		(void)strftime(clock, sizeof(clock), "%H:%M:%S", &now);
	(void)printf("%s %s: %s\n", clock, f->name, line);
}

static void print_state(struct follow *f, enum fate fate)
{
	const struct vm_status *s = &f->status;
	char line[STATE_MAX];

	if (fate == FATE_ENDED)
		(void)snprintf(line, sizeof(line), "ended with exit status %u", s->exit_code);
	else if (fate == FATE_KILLED)
		(void)snprintf(line, sizeof(line), "ended; vfio-run was killed");
	else if (fate == FATE_INTERRUPTED)
		(void)snprintf(line, sizeof(line), "interrupted; `sudo vfio-run recover`");
	else
		(void)snprintf(line, sizeof(line), "%s%s%s",
			       vm_status_state_name(f->taken_over ? VM_STATUS_RESTORING : s->state),
			       *s->event ? ", last event " : "", s->event);
	print_line(f, line);
}

/* Is that file followed already? A VM that was started again has another one. */
static bool is_followed(const struct watch *w, int fd)
{
	struct stat this, that;

	if (fstat(fd, &this))
		return true;
	for (size_t i = 0; i < w->count; i++)
		if (!fstat(w->vm[i].fd, &that) && this.st_ino == that.st_ino)
			return true;
	return false;
}

/* One that is not written yet is found when it is. */
static void follow_new(struct watch *w, const char *name)
{
	struct follow f = { .fd = open_status(name), .pidfd = -1 };

	if (f.fd < 0 || w->count == FOLLOWED_MAX || is_followed(w, f.fd) ||
	    vm_status_read(f.fd, &f.status)) {
		close_fd(&f.fd);
		return;
	}
	(void)snprintf(f.name, sizeof(f.name), "%s", name);
	w->vm[w->count++] = f;
}

/* Folders and files are listened to before they are read: what changes afterwards wakes. */
static void find_new(struct watch *w)
{
	cleanup_closedir DIR *dir = NULL;
	const struct dirent *e;

	(void)inotify_add_watch(w->notify, "/run", IN_CREATE | IN_ONLYDIR);
	(void)inotify_add_watch(w->notify, "/run/vfio-run", FOLDER_EVENTS);
	watch_path(w->notify, FOLDER_EVENTS, "", "");
	dir = opendir(RUNNING_DIR);
	while (dir && (e = readdir(dir))) {
		if (!running_is_name(e->d_name) || (w->name && strcmp(w->name, e->d_name)))
			continue;
		watch_path(w->notify, FOLDER_EVENTS, e->d_name, "");
		watch_path(w->notify, FILE_EVENTS, e->d_name, "/status");
		follow_new(w, e->d_name);
	}
}

/* Return: -1, or the exit code of the one that was named and has ended */
static int look_at_all(struct watch *w)
{
	int code = -1;

	for (size_t i = 0; i < w->count; i++) {
		struct follow *f = &w->vm[i];
		enum fate fate = look(f);

		if (fate != FATE_UNREADABLE)
			print_state(f, fate);
		if (fate != FATE_ENDED && fate != FATE_KILLED)
			continue;
		if (w->name)
			code = fate == FATE_ENDED ? (int)f->status.exit_code : EXIT_GUEST;
		follow_end(f);
		*f = w->vm[--w->count];
		i--;
	}
	return code;
}

static void wait_for_any(const struct watch *w)
{
	struct pollfd p[FOLLOWED_MAX + 1] = { { .fd = w->notify, .events = POLLIN } };

	for (size_t i = 0; i < w->count; i++)
		p[i + 1] = (struct pollfd){ .fd = w->vm[i].pidfd, .events = POLLIN };
	(void)poll(p, w->count + 1, -1);
	drain(w->notify);
}

/**
 * status_watch() - print each change of state, and each event, as it comes
 * @name:	of the one VM, or NULL: all of them, also those that start later
 *
 * Return: of one VM, when it has ended: its exit code, EXIT_HOST when there is no such VM. Of all:
 *	   EXIT_OK when nothing reads any more, else never
 */
int status_watch(const char *name)
{
	static struct watch w;
	int code = -1;

	w.name = name;
	w.notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w.notify < 0) {
		log_error("changes cannot be waited for (inotify): %s", strerror(errno));
		return EXIT_HOST;
	}
	while (code < 0 && !ferror(stdout)) {
		find_new(&w);
		if (name && !w.count) {
			log_notice("%s does not run", name);
			code = EXIT_HOST;
			break;
		}
		code = look_at_all(&w);
		(void)fflush(stdout);
		if (code < 0)
			wait_for_any(&w);
	}
	(void)close(w.notify);
	return code < 0 ? EXIT_OK : code;
}
