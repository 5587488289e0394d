/* SPDX-License-Identifier: GPL-2.0-or-later */
/* processes.c - a process described for people: name, user, unit or container */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/base/process.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/processes.h"
#include "launcher/host/small-file.h"

#define ID_SHOWN 12 /* of a container's id, as docker and podman show it */

/* The name of a container's control group, by its runtime. */
static const struct {
	const char *start, *word;
} containers[] = {
	{ "docker-", "docker container " },
	{ "libpod-", "podman container " },
	{ "crio-", "container " },
	{ "cri-containerd-", "container " },
	{ "lxc.payload.", "LXC container " },
	{ "machine-", "machine " },
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
	return length == 64;
}

/* One name of the path, from the innermost outwards. */
static bool name_place(const char *part, size_t length, const char *outer, char *buf, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(containers); i++) {
		size_t n = strlen(containers[i].start);
		size_t rest = length > n ? length - n : 0;

		if (!rest || strncmp(part, containers[i].start, n))
			continue;
		if (ends_in(part, length, ".scope"))
			rest -= strlen(".scope");
		if (is_id(part + n, rest))
			rest = ID_SHOWN;
		(void)snprintf(buf, size, "%s%.*s", containers[i].word, (int)rest, part + n);
		return true;
	}
	if (is_id(part, length)) {
		(void)snprintf(buf, size, "%s container %.*s",
			       strstr(outer, "docker") ? "docker" : "a", ID_SHOWN, part);
		return true;
	}
	if (!ends_in(part, length, ".service") && !ends_in(part, length, ".scope"))
		return false;
	(void)snprintf(buf, size, "%.*s", (int)length, part);
	return true;
}

/**
 * host_process_place() - the systemd unit or the container out of a /proc/PID/cgroup
 * @cgroup:	its text; the line of cgroup v2 counts, or that of systemd's own hierarchy
 * @buf:	receives "foot.scope", "docker container 0123456789ab", or ""
 */
void host_process_place(const char *cgroup, char *buf, size_t size)
{
	const char *line = !strncmp(cgroup, "0::", 3) ? cgroup : strstr(cgroup, "\n0::"), *start;
	size_t end;

	*buf = '\0';
	if (!line || !strncmp(line, "\n0::/\n", 6))
		line = strstr(cgroup, ":name=systemd:");
	start = line ? strchr(line, '/') : NULL;
	if (!start)
		return;
	end = strcspn(start, "\n");
	while (end) {
		size_t from = end;

		while (from && start[from - 1] != '/')
			from--;
		if (name_place(start + from, end - from, start, buf, size))
			return;
		end = from ? from - 1 : 0;
	}
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
	char path[48], place[160] = "", shown[160];
	cleanup_free char *cgroup = NULL;
	const char *end;

	(void)snprintf(path, sizeof(path), "proc/%d/cgroup", pid);
	if (pid <= 1 || host_text(host_root_fd(h), path, &cgroup))
		return false;
	host_process_place(cgroup, place, sizeof(place));
	(void)log_quote(place, shown, sizeof(shown));
	if (container_stop(shown, buf, size))
		return true;
	end = strrchr(shown, '.');
	if (!end || strcmp(end, ".service") || !strncmp(place, "user@", 5))
		return false;
	(void)snprintf(buf, size, "`systemctl %sstop %s`",
		       strstr(cgroup, "/user@") ? "--user " : "", shown);
	return true;
}

/**
 * host_process_is_alive() - is that very process still there, and not a zombie?
 * @start:	field 22 of /proc/PID/stat
 */
bool host_process_is_alive(struct host *h, int32_t pid, uint64_t start)
{
	char path[48], stat[1024], *end, state;
	uint64_t started;

	(void)snprintf(path, sizeof(path), "proc/%d/stat", pid);
	if (host_is_live(h)) /* what /proc hides from this user is there nevertheless */
		return process_is_alive(&(struct process_id){ .pid = pid, .start = start });
	if (pid <= 0 || sysfs_read(host_root_fd(h), path, stat, sizeof(stat)) < 0)
		return false;
	end = strrchr(stat, ')');
	if (!end || sscanf(end,
			   ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			   "%*s %*s %" SCNu64,
			   &state, &started) != 2)
		return false;
	return started == start && state != 'Z' && state != 'X';
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
