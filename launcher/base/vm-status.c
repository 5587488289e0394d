/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vm-status.c - the status of a VM as text of fixed size: written by root, readable by all */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/checksum.h"
#include "launcher/base/vm-status.h"

#define TORN_TRIES 100 /* a write takes microseconds */
static const char version_line[] = "vfio-run-status 2";

/* clang-format off */
static const char *const state_names[VM_STATUS_STATES] = {
	[VM_STATUS_PREPARING] = "preparing",
	[VM_STATUS_STARTING]  = "starting",
	[VM_STATUS_RUNNING]   = "running",
	[VM_STATUS_PAUSED]    = "paused",
	[VM_STATUS_SUSPENDED] = "suspended",
	[VM_STATUS_PANICKED]  = "panicked",
	[VM_STATUS_STOPPING]  = "stopping",
	[VM_STATUS_RESTORING] = "restoring",
};
/* clang-format on */

/** vm_status_state_name() - the word for a state, "?" for none of the list */
const char *vm_status_state_name(enum vm_status_state state)
{
	return (unsigned int)state < VM_STATUS_STATES ? state_names[state] : "?";
}

/** vm_status_process() - the place of a role, a new one if it has none; NULL: all are taken */
struct vm_status_process *vm_status_process(struct vm_status *s, const char *role)
{
	for (size_t i = 0; i < VM_STATUS_PROCESSES_MAX; i++) {
		struct vm_status_process *p = &s->process[i];

		if (!*p->role)
			(void)snprintf(p->role, sizeof(p->role), "%s", role);
		if (!strcmp(p->role, role))
			return p;
	}
	return NULL;
}

/** vm_status_id() - the process of that role; pid 0: none */
struct process_id vm_status_id(const struct vm_status *s, const char *role)
{
	for (size_t i = 0; i < VM_STATUS_PROCESSES_MAX; i++)
		if (!strcmp(s->process[i].role, role))
			return s->process[i].id;
	return (struct process_id){ .pid = 0 };
}

/* Names of VMs and users, and words of events: nothing that ends a line or controls a terminal. */
static bool is_word(const char *text)
{
	return !text[strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_.-")];
}

/* ---- writing --------------------------------------------------------------------- */

struct out {
	char *text;
	size_t used; /* more than VM_STATUS_SIZE: it does not fit */
};

static void put(struct out *o, const char *format, ...) printf_like(2, 3);

static void put(struct out *o, const char *format, ...)
{
	size_t room = o->used < VM_STATUS_SIZE ? VM_STATUS_SIZE - o->used : 0;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(room ? o->text + o->used : NULL, room, format, args);
	va_end(args);
	o->used += n < 0 ? VM_STATUS_SIZE : (size_t)n;
}

static bool has_roles(const struct vm_status *s)
{
	for (size_t i = 0; i < VM_STATUS_PROCESSES_MAX && *s->process[i].role; i++)
		if (!process_is_role(s->process[i].role))
			return false;
	return true;
}

static bool can_be_written(const struct vm_status *s)
{
	return memchr(s->name, '\0', sizeof(s->name)) && memchr(s->user, '\0', sizeof(s->user)) &&
	       memchr(s->event, '\0', sizeof(s->event)) && *s->name && is_word(s->name) &&
	       is_word(s->user) && is_word(s->event) && (unsigned int)s->state < VM_STATUS_STATES &&
	       s->device_count <= VM_STATUS_DEVICES_MAX && s->since >= 0 && s->event_at >= 0 &&
	       s->exit_code <= VM_STATUS_EXIT_MAX &&
	       has_roles(s);
}

/**
 * vm_status_render() - the file's bytes
 * @s:		borrowed
 * @buf:	receives all VM_STATUS_SIZE of them; no NUL
 *
 * Return: 0; -EINVAL when a text or a number cannot be written down
 */
int vm_status_render(const struct vm_status *s, char buf[VM_STATUS_SIZE])
{
	struct out o = { .text = buf };
	char address[PCI_ADDRESS_TEXT];

	if (!can_be_written(s))
		return -EINVAL;
	put(&o, "%s\nname %s\nuser %s\nstate %s\nsince %" PRId64 "\n", version_line, s->name,
	    s->user, state_names[s->state], s->since);
	for (size_t i = 0; i < VM_STATUS_PROCESSES_MAX && *s->process[i].role; i++)
		put(&o, "process %s %d %" PRIu64 "\n", s->process[i].role,
		    (int)s->process[i].id.pid, s->process[i].id.start);
	put(&o, "event %" PRId64 " %s\ndevices", s->event_at, s->event);
	for (size_t i = 0; i < s->device_count; i++)
		put(&o, " %s", pci_address_format(&s->device[i], address));
	put(&o, "\n");
	if (s->ended)
		put(&o, "exit %u\n", s->exit_code);
	if (o.used < VM_STATUS_SIZE)
		put(&o, "sum %08" PRIx32 "\n", checksum(buf, o.used));
	if (o.used > VM_STATUS_SIZE - 1)
		return -EINVAL;
	memset(buf + o.used, '\n', VM_STATUS_SIZE - o.used);
	return 0;
}

/* ---- reading --------------------------------------------------------------------- */

/* The rest of the next line if it begins with @key and a blank or its end; NULL otherwise. */
static char *take(char **rest, const char *key)
{
	char *line = *rest, *end = strchr(line, '\n');
	size_t length = strlen(key);

	if (!end || strncmp(line, key, length) != 0)
		return NULL;
	*end = '\0';
	*rest = end + 1;
	if (line[length] == ' ')
		return line + length + 1;
	return line[length] ? NULL : line + length;
}

/* Decimal digits up to @end; false for none, for others, and for more than @max. */
static bool number(const char **p, char end, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	const char *start = *p;

	for (; **p >= '0' && **p <= '9'; (*p)++) {
		unsigned int digit = (unsigned int)(**p - '0');

		if (value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	if (*p == start || **p != end)
		return false;
	*p += end != '\0';
	return true;
}

static bool take_word(char **rest, const char *key, char *out, size_t size, bool may_be_empty)
{
	const char *value = take(rest, key);

	if (!value || strlen(value) >= size || !is_word(value) || (!*value && !may_be_empty))
		return false;
	(void)snprintf(out, size, "%s", value);
	return true;
}

static bool take_state(char **rest, enum vm_status_state *out)
{
	const char *value = take(rest, "state");

	for (unsigned int i = 0; value && i < VM_STATUS_STATES; i++)
		if (!strcmp(value, state_names[i])) {
			*out = (enum vm_status_state)i;
			return true;
		}
	return false;
}

static bool take_time(char **rest, const char *key, char end, int64_t *out, const char **behind)
{
	const char *value = take(rest, key);
	uint64_t n = 0;

	if (!value || !number(&value, end, INT64_MAX, &n))
		return false;
	*out = (int64_t)n;
	*behind = value;
	return true;
}

static bool take_process(char **rest, struct vm_status_process *out)
{
	const char *value = take(rest, "process"), *blank = value ? strchr(value, ' ') : NULL;
	uint64_t pid = 0;

	if (!blank || (size_t)(blank - value) >= sizeof(out->role))
		return false;
	memcpy(out->role, value, (size_t)(blank - value));
	value = blank + 1;
	if (!process_is_role(out->role) || !number(&value, ' ', INT32_MAX, &pid) ||
	    !number(&value, '\0', UINT64_MAX, &out->id.start))
		return false;
	out->id.pid = (pid_t)pid;
	return true;
}

static bool take_processes(char **rest, struct vm_status *out)
{
	bool good = true;

	for (size_t i = 0; good && !strncmp(*rest, "process ", 8); i++)
		good = i < VM_STATUS_PROCESSES_MAX && take_process(rest, &out->process[i]);
	return good;
}

static bool take_event(char **rest, struct vm_status *out)
{
	const char *event;

	if (!take_time(rest, "event", ' ', &out->event_at, &event) ||
	    strlen(event) >= sizeof(out->event) || !is_word(event))
		return false;
	(void)snprintf(out->event, sizeof(out->event), "%s", event);
	return true;
}

static bool take_devices(char **rest, struct vm_status *out)
{
	char *value = take(rest, "devices"), *address, *save = NULL;

	if (!value)
		return false;
	for (address = strtok_r(value, " ", &save); address;
	     address = strtok_r(NULL, " ", &save)) {
		if (out->device_count == VM_STATUS_DEVICES_MAX ||
		    !pci_address_parse(address, &out->device[out->device_count]))
			return false;
		out->device_count++;
	}
	return true;
}

/* Of a run that has ended; the others have no such line. */
static bool take_exit(char **rest, struct vm_status *out)
{
	const char *value = take(rest, "exit");
	uint64_t code = 0;

	out->ended = value;
	if (value && !number(&value, '\0', VM_STATUS_EXIT_MAX, &code))
		return false;
	out->exit_code = (unsigned int)code;
	return true;
}

static bool take_all(char *text, struct vm_status *out)
{
	const char *behind, *first = take(&text, version_line);
	bool good = first && !*first &&
		    take_word(&text, "name", out->name, sizeof(out->name), false) &&
		    take_word(&text, "user", out->user, sizeof(out->user), true) &&
		    take_state(&text, &out->state) &&
		    take_time(&text, "since", '\0', &out->since, &behind);

	return good && take_processes(&text, out) && take_event(&text, out) &&
	       take_devices(&text, out) && take_exit(&text, out) && !*text;
}

/* Where the line of the checksum begins; NULL when it is not right or not there. */
static const char *sum_line(const char *text)
{
	const char *line = strstr(text, "\nsum ");
	char wanted[16];

	if (!line)
		return NULL;
	line++;
	(void)snprintf(wanted, sizeof(wanted), "sum %08" PRIx32 "\n",
		       checksum(text, (size_t)(line - text)));
	if (strncmp(line, wanted, strlen(wanted)) != 0)
		return NULL;
	return strspn(line + strlen(wanted), "\n") == strlen(line + strlen(wanted)) ? line : NULL;
}

/**
 * vm_status_parse() - read a status
 * @buf:	any bytes, not trusted
 * @size:	how many
 * @out:	filled on success
 *
 * Return: 0; -EBADMSG when it is no status, or one that is just being written
 */
int vm_status_parse(const char *buf, size_t size, struct vm_status *out)
{
	struct vm_status s = { .device_count = 0 };
	char text[VM_STATUS_SIZE + 1];
	const char *sum;

	if (size != VM_STATUS_SIZE || memchr(buf, '\0', size))
		return -EBADMSG;
	memcpy(text, buf, size);
	text[size] = '\0';
	sum = sum_line(text);
	if (!sum)
		return -EBADMSG;
	text[sum - text] = '\0';
	if (!take_all(text, &s))
		return -EBADMSG;
	*out = s;
	return 0;
}

/**
 * vm_status_read() - read the status file, once more when a write is under way
 * @fd:		open for reading; its position does not matter
 *
 * Return: 0; -EBADMSG it holds no status; -errno of pread(2)
 */
int vm_status_read(int fd, struct vm_status *out)
{
	int rc = -EBADMSG;

	for (int i = 0; i < TORN_TRIES && rc == -EBADMSG; i++) {
		char buf[VM_STATUS_SIZE];
		ssize_t n = pread(fd, buf, sizeof(buf), 0);

		rc = n < 0 ? -errno : vm_status_parse(buf, (size_t)n, out);
	}
	return rc;
}
