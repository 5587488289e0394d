/* SPDX-License-Identifier: GPL-2.0-or-later */
/* processes.c - a process described for people: name, user, unit or container */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/change.h"
#include "launcher/base/log.h"
#include "launcher/base/process.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/holders/processes.h"
#include "launcher/host/small-file.h"

#define ID_SHOWN 12 /* of a container's id, as docker and podman show it */

/* The name of a container's control group, by its runtime. */
static const struct {
	const char *start, *word;
	const char *runtime; /* as a change has it; NULL: none that starts it again */
} containers[] = {
	{ "docker-", "docker container ", "docker" },
	{ "libpod-", "podman container ", "podman" },
	{ "crio-", "container ", NULL },
	{ "cri-containerd-", "container ", NULL },
	{ "lxc.payload.", "LXC container ", NULL },
	{ "machine-", "machine ", NULL },
};

static bool ends_in(const char *text, size_t length, const char *ending)
{
	size_t n = strlen(ending);

	return length > n && !strncmp(text + length - n, ending, n);
}

static bool is_id(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return length == CHANGE_CONTAINER_ID;
}

static void set_container(struct host_place *p, const char *word, const char *runtime, const char *id,
			  size_t length)
{
	bool whole = is_id(id, length);

	p->kind = HOST_PLACE_CONTAINER;
	*p->container = '\0';
	(void)snprintf(p->name, sizeof(p->name), "%s%.*s", word, (int)(whole ? ID_SHOWN : length), id);
	if (whole && runtime)
		(void)snprintf(p->container, sizeof(p->container), "%s/%.*s", runtime, (int)length, id);
}

/* Of a unit that a container was started by: that is what is stopped, and started again. */
static bool is_part_of_unit(const char *part, size_t length)
{
	return !strncmp(part, "libpod-payload-", 15) || (length == 7 && !strncmp(part, "payload", 7));
}

/*
 * One name of the path, from the innermost outwards. A unit within a container is none of this
 * host's, nor is a container within one: the outermost counts.
 */
static void set_place(struct host_place *p, const char *part, size_t length, const char *outer)
{
	if (is_part_of_unit(part, length)) {
		p->kind = HOST_PLACE_NONE;
		*p->name = *p->container = '\0';
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(containers); i++) {
		size_t n = strlen(containers[i].start);
		size_t rest = length > n ? length - n : 0;

		if (!rest || strncmp(part, containers[i].start, n))
			continue;
		if (ends_in(part, length, ".scope"))
			rest -= strlen(".scope");
		set_container(p, containers[i].word, containers[i].runtime, part + n, rest);
		return;
	}
	if (is_id(part, length)) {
		bool docker = strstr(outer, "docker");

		set_container(p, docker ? "docker container " : "a container ", docker ? "docker" : NULL,
			      part, length);
		return;
	}
	if (p->kind != HOST_PLACE_NONE ||
	    (!ends_in(part, length, ".service") && !ends_in(part, length, ".scope")))
		return;
	p->kind = ends_in(part, length, ".service") ? HOST_PLACE_SERVICE : HOST_PLACE_SCOPE;
	(void)snprintf(p->name, sizeof(p->name), "%.*s", (int)length, part);
}

/* Below whose service manager it is. */
static void set_user(struct host_place *p, const char *path, size_t length)
{
	const char *at = strstr(path, "/user@");
	unsigned int uid;
	int end = 0;

	if (!at || at >= path + length || sscanf(at, "/user@%u.service/%n", &uid, &end) != 1 || !end)
		return;
	p->of_user = true;
	p->uid = uid;
}

/**
 * host_place_of() - what keeps a process, out of its /proc/PID/cgroup
 * @cgroup:	its text; the line of cgroup v2 counts, or that of systemd's own hierarchy
 * @out:	overwritten
 */
void host_place_of(const char *cgroup, struct host_place *out)
{
	const char *line = !strncmp(cgroup, "0::", 3) ? cgroup : strstr(cgroup, "\n0::"), *start;
	size_t end;

	*out = (struct host_place){ .kind = HOST_PLACE_NONE };
	if (!line || !strncmp(line, "\n0::/\n", 6))
		line = strstr(cgroup, ":name=systemd:");
	start = line ? strchr(line, '/') : NULL;
	if (!start)
		return;
	end = strcspn(start, "\n");
	(void)snprintf(out->path, sizeof(out->path), "%.*s", (int)end, start);
	set_user(out, start, end);
	while (end) {
		size_t from = end;

		while (from && start[from - 1] != '/')
			from--;
		set_place(out, start + from, end - from, start);
		end = from ? from - 1 : 0;
	}
}

/**
 * host_process_place() - the systemd unit or the container out of a /proc/PID/cgroup
 * @cgroup:	as host_place_of() has it
 * @buf:	receives "foot.scope", "docker container 0123456789ab", or ""
 */
void host_process_place(const char *cgroup, char *buf, size_t size)
{
	struct host_place place;

	host_place_of(cgroup, &place);
	(void)snprintf(buf, size, "%s", place.name);
}

/**
 * host_process_describe() - "kwin_wayland (pid 812, user alice, plasma-kwin_wayland.service)"
 * @buf:	receives the words, safe to print
 *
 * Return: @buf
 */
const char *host_process_describe(struct host *h, const struct holder *holder, char *buf,
				  size_t size)
{
	char path[48], place[160] = "", shown[160] = "", comm[HOLDER_COMM_MAX * 4], user[48];
	const struct passwd *pw = host_is_live(h) ? getpwuid(holder->uid) : NULL;
	cleanup_free char *cgroup = NULL;

	(void)snprintf(path, sizeof(path), "proc/%d/cgroup", holder->pid);
	if (!host_text(host_root_fd(h), path, &cgroup))
		host_process_place(cgroup, place, sizeof(place));
	(void)snprintf(user, sizeof(user), "%u", holder->uid);
	(void)snprintf(buf, size, "%s (pid %d, user %s%s%s)",
		       log_quote(holder->comm, comm, sizeof(comm)), holder->pid,
		       pw ? pw->pw_name : user, *place ? ", " : "",
		       log_quote(place, shown, sizeof(shown)));
	return buf;
}

/* "docker container 0123" is stopped by `docker stop 0123`. */
static bool container_stop(const char *place, char *buf, size_t size)
{
	static const char *const tools[] = { "docker", "podman" };

	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		char start[32];
		size_t n = (size_t)snprintf(start, sizeof(start), "%s container ", tools[i]);

		if (strncmp(place, start, n))
			continue;
		(void)snprintf(buf, size, "`%s stop %s`", tools[i], place + n);
		return true;
	}
	if (!strncmp(place, "LXC container ", 14))
		(void)snprintf(buf, size, "`lxc-stop %s`", place + 14);
	else if (!strncmp(place, "machine ", 8))
		(void)snprintf(buf, size, "`machinectl poweroff %s`", place + 8);
	else
		return false;
	return true;
}

/**
 * host_process_stop() - the command that ends a process by what keeps it
 * @buf:	receives "`systemctl stop ollama.service`", "`docker stop 0123456789ab`"; safe to
 * print
 *
 * What a service manager or a container's runtime keeps comes back when it is only killed.
 *
 * Return: false when nothing is known that keeps it
 */
bool host_process_stop(struct host *h, int32_t pid, char *buf, size_t size)
{
	char path[48], shown[HOST_PLACE_NAME * 4];
	cleanup_free char *cgroup = NULL;
	struct host_place place;

	(void)snprintf(path, sizeof(path), "proc/%d/cgroup", pid);
	if (pid <= 1 || host_text(host_root_fd(h), path, &cgroup))
		return false;
	host_place_of(cgroup, &place);
	(void)log_quote(place.name, shown, sizeof(shown));
	if (place.kind == HOST_PLACE_CONTAINER)
		return container_stop(shown, buf, size);
	if (place.kind != HOST_PLACE_SERVICE || !strncmp(place.name, "user@", 5))
		return false;
	(void)snprintf(buf, size, "`systemctl %sstop %s`", place.of_user ? "--user " : "", shown);
	return true;
}

/**
 * host_process_start() - when was it started, and what does it do?
 * @start:	field 22 of /proc/PID/stat: clock ticks after boot, which go on while the host sleeps
 *
 * Return: the letter of its state; 0: there is no such process to be seen
 */
char host_process_start(struct host *h, int32_t pid, uint64_t *start)
{
	char path[48], stat[1024], *end, state;

	(void)snprintf(path, sizeof(path), "proc/%d/stat", pid);
	if (pid <= 0 || sysfs_read(host_root_fd(h), path, stat, sizeof(stat)) < 0)
		return '\0';
	end = strrchr(stat, ')');
	if (!end || sscanf(end,
			   ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			   "%*s %*s %" SCNu64,
			   &state, start) != 2)
		return '\0';
	return state;
}

/**
 * host_process_is_alive() - is that very process still there, and not a zombie?
 * @start:	field 22 of /proc/PID/stat
 */
bool host_process_is_alive(struct host *h, int32_t pid, uint64_t start)
{
	uint64_t started = 0;
	char state;

	if (host_is_live(h)) /* what /proc hides from this user is there nevertheless */
		return process_is_alive(&(struct process_id){ .pid = pid, .start = start });
	state = host_process_start(h, pid, &started);
	return state && started == start && state != 'Z' && state != 'X';
}

/**
 * host_process_named() - a process that calls itself so
 * @comm:	at most 15 characters, as the kernel keeps them
 *
 * Return: 1 found, 0 none, or -errno
 */
int host_process_named(struct host *h, const char *comm, int32_t *pid)
{
	char path[300], name[HOLDER_COMM_MAX], **entry;
	int root = host_root_fd(h), found = 0;
	size_t count;
	int r = host_list(root, "proc", &entry, &count);

	for (size_t i = 0; !r && i < count && !found; i++) {
		if (!isdigit((unsigned char)entry[i][0]))
			continue;
		(void)snprintf(path, sizeof(path), "proc/%s/comm", entry[i]);
		if (sysfs_read(root, path, name, sizeof(name)) < 0 || strcmp(name, comm))
			continue;
		*pid = (int32_t)strtol(entry[i], NULL, 10);
		found = 1;
	}
	host_list_free(entry, count);
	return r ? r : found;
}
