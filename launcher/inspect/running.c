/* SPDX-License-Identifier: GPL-2.0-or-later */
/* running.c - VMs that run, or were interrupted, as their keepers have written it down */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/inspect/running.h"

/** running_is_name() - can a VM be called so? */
bool running_is_name(const char *word)
{
	return *word && strlen(word) < VM_STATUS_NAME_MAX && *word != '.' && *word != '-' &&
	       !word[strspn(word, "0123456789abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_.-")];
}

/** running_state() - the word that `status` has for it */
const char *running_state(const struct running *r)
{
	static const char *const words[] = { [RUNNING_TAKEN_OVER] = "restoring",
					     [RUNNING_INTERRUPTED] = "interrupted" };

	if (r->life != RUNNING_LIVES)
		return words[r->life];
	return r->has_status ? vm_status_state_name(r->status.state) : "preparing";
}

/* The keeper's own file; 0, -ENOENT, or -EBADMSG when it names no process. */
static int read_keeper(const char *name, struct process_id *out)
{
	char path[128];
	cleanup_fclose FILE *f = NULL;

	(void)snprintf(path, sizeof(path), RUNNING_DIR "/%s/keeper", name);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	return fscanf(f, "%d %" SCNu64, &out->pid, &out->start) == 2 ? 0 : -EBADMSG;
}

static bool read_status(const char *name, struct vm_status *out)
{
	char path[128];
	cleanup_close int fd = -1;

	(void)snprintf(path, sizeof(path), RUNNING_DIR "/%s/status", name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && vm_status_read(fd, out) == 0 && !strcmp(out->name, name);
}

/* A standby that has begun stands in the keeper's place, and has a standby of its own. */
static bool find_heir(struct running *r)
{
	static const char *const heirs[] = { VM_STATUS_KEEPER, VM_STATUS_STANDBY };

	for (size_t i = 0; i < ARRAY_SIZE(heirs); i++) {
		r->heir = vm_status_id(&r->status, heirs[i]);
		if (process_is_alive(&r->heir))
			return true;
	}
	return false;
}

/**
 * running_find() - look a VM up by its name
 * @name:	as running_is_name() has it
 *
 * Return: 0; -ENOENT when there is none; other -errno
 */
int running_find(const char *name, struct running *out)
{
	int rc;

	*out = (struct running){ .life = RUNNING_LIVES };
	out->has_status = read_status(name, &out->status);
	/* after the status: one that goes meanwhile is not taken for one that was interrupted */
	rc = read_keeper(name, &out->keeper);
	if (rc && rc != -EBADMSG)
		return rc;
	if (!out->has_status)
		(void)snprintf(out->status.name, sizeof(out->status.name), "%s", name);
	if (!process_is_alive(&out->keeper))
		out->life = find_heir(out) ? RUNNING_TAKEN_OVER : RUNNING_INTERRUPTED;
	return 0;
}

/**
 * running_open_process() - a descriptor of that very process, to be waited for or to be signalled
 *
 * Its pid may be another's by now. Return: a pidfd that the caller closes; -1: it is gone
 */
int running_open_process(const struct process_id *id)
{
	cleanup_close int fd = id->pid > 0 ? (int)syscall(SYS_pidfd_open, id->pid, 0) : -1;

	return fd >= 0 && process_is_alive(id) ? take_fd(&fd) : -1;
}

static int by_name(const void *a, const void *b)
{
	const struct running *x = a, *y = b;

	return strcmp(x->status.name, y->status.name);
}

/**
 * running_all() - every VM, sorted by name
 * @out:	freed by the caller with free()
 *
 * Return: 0 (also for none) or -errno
 */
int running_all(struct running **out, size_t *count)
{
	cleanup_closedir DIR *dir = opendir(RUNNING_DIR);
	const struct dirent *e;

	*out = NULL;
	*count = 0;
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((e = readdir(dir))) {
		struct running *bigger;

		if (!running_is_name(e->d_name))
			continue;
		bigger = reallocarray(*out, *count + 1, sizeof(*bigger));
		if (!bigger) {
			free(*out);
			*out = NULL;
			return -ENOMEM;
		}
		*out = bigger;
		if (running_find(e->d_name, &bigger[*count]) == 0)
			++*count;
	}
	if (*count)
		qsort(*out, *count, sizeof(**out), by_name);
	return 0;
}

/**
 * running_names() - the names of the VMs that run, with commas between, for a message
 * @buf:	receives them; "" when there are none, or it is not known
 */
void running_names(char *buf, size_t size)
{
	struct running *all = NULL;
	size_t count, used = 0;

	buf[0] = '\0';
	if (running_all(&all, &count))
		return;
	for (size_t i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "",
					 all[i].status.name);
	free(all);
}
