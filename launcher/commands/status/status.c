/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status.c - `vfio-run status`: which VMs run, and their state */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "launcher/base/hardware.h"
#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/handover/leftovers.h"
#include "launcher/commands/status/causes.h"
#include "launcher/commands/status/status.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/commands/terminal/screen.h"
#include "launcher/inspect/invoker.h"
#include "launcher/inspect/profile-names.h"
#include "launcher/inspect/running.h"

#define AGO_MAX 48
#define STOPPED "stopped" /* of a profile without a run, with --all */

/* Two units are enough: "3 h 12 min". */
static const char *ago(int64_t since, char buf[AGO_MAX])
{
	int64_t s = (int64_t)time(NULL) - since;

	if (s < 0)
		s = 0; /* the clock was set back */
	if (s < 60)
		(void)snprintf(buf, AGO_MAX, "%" PRId64 " s", s);
	else if (s < 3600)
		(void)snprintf(buf, AGO_MAX, "%" PRId64 " min", s / 60);
	else if (s < 24 * 3600)
		(void)snprintf(buf, AGO_MAX, "%" PRId64 " h %" PRId64 " min", s / 3600,
			       s / 60 % 60);
	else
		(void)snprintf(buf, AGO_MAX, "%" PRId64 " d %" PRId64 " h", s / 86400,
			       s / 3600 % 24);
	return buf;
}

/* Those of a VM that was interrupted are dead, whatever its status has. */
static pid_t pid_of(const struct running *r, const char *role)
{
	if (!strcmp(role, VM_STATUS_KEEPER))
		return r->keeper.pid;
	if (r->life == RUNNING_TAKEN_OVER)
		return !strcmp(role, VM_STATUS_STANDBY) ? r->heir.pid : 0;
	return r->life == RUNNING_LIVES ? vm_status_id(&r->status, role).pid : 0;
}

/* The next process that lives, from the *@at-th on; NULL: that was the last one. */
static const char *next_process(const struct running *r, size_t *at, pid_t *pid)
{
	while (*at < VM_STATUS_PROCESSES_MAX && *r->status.process[*at].role) {
		const char *role = r->status.process[(*at)++].role;

		*pid = pid_of(r, role);
		if (*pid && (r->life == RUNNING_LIVES || strcmp(role, VM_STATUS_KEEPER)))
			return role;
	}
	return NULL;
}

/* ---- JSON: the keys are a promise -------------------------------------------------- */

static void put(struct json_object *o, const char *key, struct json_object *value)
{
	(void)json_object_object_add(o, key, value);
}

static struct json_object *number_or_null(int64_t n)
{
	return n ? json_object_new_int64(n) : NULL;
}

static struct json_object *text_or_null(const char *text)
{
	return *text ? json_object_new_string(text) : NULL;
}

static struct json_object *devices(const struct vm_status *s)
{
	struct json_object *array = json_object_new_array();
	char address[PCI_ADDRESS_TEXT];

	for (size_t i = 0; array && i < s->device_count; i++)
		(void)json_object_array_add(
			array, json_object_new_string(pci_address_format(&s->device[i], address)));
	return array;
}

static struct json_object *processes(const struct running *r)
{
	struct json_object *array = json_object_new_array(), *o;
	const char *role;
	size_t at = 0;
	pid_t pid;

	while (array && (role = next_process(r, &at, &pid)) && (o = json_object_new_object())) {
		put(o, "role", json_object_new_string(role));
		put(o, "pid", json_object_new_int64(pid));
		(void)json_object_array_add(array, o);
	}
	return array;
}

/* Of devices that have counted something: since boot. */
static struct json_object *hardware(const struct vm_status *s)
{
	static const struct hardware_errors none;
	cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct json_object *array = json_object_new_array(), *o;
	char address[PCI_ADDRESS_TEXT];
	struct hardware_errors now;

	for (size_t i = 0; array && i < s->device_count; i++) {
		(void)pci_address_format(&s->device[i], address);
		if (!hardware_errors_read(root, address, &now) ||
		    !hardware_errors_differ(&none, &now))
			continue;
		o = json_object_new_object();
		if (!o)
			break;
		put(o, "address", json_object_new_string(address));
		put(o, "corrected", json_object_new_uint64(now.corrected));
		put(o, "nonfatal", json_object_new_uint64(now.nonfatal));
		put(o, "fatal", json_object_new_uint64(now.fatal));
		(void)json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *one(const struct running *r)
{
	struct json_object *o = json_object_new_object();
	const struct vm_status *s = &r->status;

	if (!o)
		return NULL;
	put(o, "name", json_object_new_string(s->name));
	put(o, "state", json_object_new_string(running_state(r)));
	put(o, "pid", number_or_null(pid_of(r, VM_STATUS_KEEPER)));
	put(o, "standby_pid", number_or_null(pid_of(r, VM_STATUS_STANDBY)));
	put(o, "qmp_pid", number_or_null(pid_of(r, "vfio-qmp")));
	put(o, "qemu_pid", number_or_null(pid_of(r, "qemu")));
	put(o, "processes", processes(r));
	put(o, "user", text_or_null(s->user));
	put(o, "since", number_or_null(s->since));
	put(o, "devices", devices(s));
	put(o, "hardware_errors", hardware(s));
	put(o, "last_event", text_or_null(s->event));
	put(o, "last_event_at", number_or_null(s->event_at));
	return o;
}

/* A profile without a run: nothing is known but its name. */
static struct json_object *stopped(const char *name)
{
	struct running none = { .life = RUNNING_INTERRUPTED };
	struct json_object *o;

	(void)snprintf(none.status.name, sizeof(none.status.name), "%s", name);
	o = one(&none);
	if (o)
		put(o, "state", json_object_new_string(STOPPED));
	return o;
}

static void print_json(const struct running *vm, size_t count, const struct profile_names *others)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < count; i++)
		(void)json_object_array_add(array, one(&vm[i]));
	for (size_t i = 0; array && i < others->count; i++)
		(void)json_object_array_add(array, stopped(others->name[i]));
	screen_print_json(array);
	json_object_put(array);
}

/* ---- text ----------------------------------------------------------------------------- */

/* What people call it. */
static const char *shown_as(const char *role)
{
	return !strcmp(role, VM_STATUS_KEEPER) ? "vfio-run" : !strcmp(role, "qemu") ? "QEMU" : role;
}

static void print_processes(const struct running *r)
{
	const char *between = "  processes  ", *role;
	size_t at = 0;
	pid_t pid;

	while ((role = next_process(r, &at, &pid))) {
		(void)printf("%s%s %d", between, shown_as(role), (int)pid);
		between = ", ";
	}
	if (*between == ',')
		(void)putchar('\n');
}

static void print_errors(const struct vm_status *s)
{
	static const struct hardware_errors none;
	cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char address[PCI_ADDRESS_TEXT], text[96];
	struct hardware_errors now;

	for (size_t i = 0; i < s->device_count; i++) {
		(void)pci_address_format(&s->device[i], address);
		if (hardware_errors_read(root, address, &now) &&
		    hardware_errors_differ(&none, &now))
			(void)printf("  PCIe errors %s: %s, since boot\n", address,
				     hardware_errors_text(&none, &now, text, sizeof(text)));
	}
}

/* With what it means, where that is known. */
static void print_kernel_line(const char *line)
{
	const struct cause *c = cause_of(line);
	char quoted[HARDWARE_LINE_MAX * 4], text[512];

	(void)printf("  kernel     %s\n", log_quote(line, quoted, sizeof(quoted)));
	if (!c)
		return;
	(void)snprintf(text, sizeof(text), "%s; %s", c->means, c->remedy);
	(void)printf("  %-10s ", "");
	columns_wrap(text, 13, 13, screen_width());
}

/* Who may read the kernel's log sees what it reported about the devices since the VM was started.
 */
static void print_kernel_lines(const struct vm_status *s)
{
	static struct hardware_lines lines;
	cleanup_close int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int64_t age = (int64_t)time(NULL) - s->since;
	struct timespec now;
	int64_t since;

	if (fd < 0 || !s->since || !s->device_count)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	since = now.tv_sec - (age > 0 ? age : 0);
	hardware_lines_read(fd, s->device, s->device_count,
			    since > 0 ? (uint64_t)since * 1000000 : 0, &lines);
	for (size_t i = 0; i < lines.count && i < HARDWARE_LINES; i++)
		print_kernel_line(lines.line[i]);
}

static void print_text(const struct running *r)
{
	const struct vm_status *s = &r->status;
	char when[AGO_MAX], address[PCI_ADDRESS_TEXT];

	(void)printf("%s: %s", s->name, running_state(r));
	if (s->since)
		(void)printf(", started %s ago", ago(s->since, when));
	if (*s->user)
		(void)printf(", user %s", s->user);
	(void)putchar('\n');
	for (size_t i = 0; i < s->device_count; i++)
		(void)printf("%s%s", i ? " " : "  devices    ",
			     pci_address_format(&s->device[i], address));
	if (s->device_count)
		(void)putchar('\n');
	print_processes(r);
	print_errors(s);
	print_kernel_lines(s);
	if (*s->event)
		(void)printf("  last event %s, %s ago\n", s->event, ago(s->event_at, when));
}

/* @others: profiles that have no run, with --all */
static int show(const struct cli *cli, const struct running *vm, size_t count, const struct profile_names *others)
{
	if (cli->json)
		print_json(vm, count, others);
	for (size_t i = 0; !cli->json && i < count; i++)
		print_text(&vm[i]);
	for (size_t i = 0; !cli->json && i < others->count; i++)
		(void)printf("%s: %s\n", others->name[i], STOPPED);
	return EXIT_OK;
}

/* The profiles of the user and of root, each name once, without those that have a run. */
static int find_others(const struct running *vm, size_t count, struct profile_names *out)
{
	struct host_user user;
	size_t kept = 0;
	bool found;
	int code = invoker_find(&user, &found);

	if (code)
		return code;
	profile_names(found ? &user : NULL, out);
	for (size_t i = 0; i < out->count; i++) {
		bool again = kept && !strcmp(out->name[kept - 1], out->name[i]); /* they are sorted */

		for (size_t k = 0; k < count && !again; k++)
			again = !strcmp(vm[k].status.name, out->name[i]);
		if (!again)
			memmove(out->name[kept++], out->name[i], sizeof(out->name[i]));
	}
	out->count = kept;
	return 0;
}

static bool goes_together(const struct cli *cli)
{
	if (cli->watch && (cli->wait || cli->json))
		log_error("--watch prints lines for people, until the VM has ended: without %s",
			  cli->wait ? "--wait" : "--json");
	else if (cli->all && (cli->wait || cli->watch || cli->word_count))
		log_error("--all is of every profile: without a name, --wait and --watch");
	else if (cli->wait && !cli->word_count)
		log_error("--wait is of one VM: name it; `vfio-run status` shows those that run");
	else
		return true;
	return false;
}

/* In JSON: how it ended. One that was killed and has left nothing has ended, too. */
static int wait_for_one(const struct cli *cli, const char *name)
{
	struct running vm = { .life = RUNNING_INTERRUPTED };
	struct json_object *array, *o;
	int code = status_wait(name, &vm.status);

	if (!cli->json)
		return code;
	array = json_object_new_array();
	o = *vm.status.name ? one(&vm) : NULL;
	if (array && o) {
		bool left = !vm.status.ended && code == EXIT_LEFT;

		put(o, "state", json_object_new_string(left ? "interrupted" : "ended"));
		put(o, "exit_code", json_object_new_int(code));
		(void)json_object_array_add(array, o);
	}
	screen_print_json(array);
	json_object_put(array);
	return code;
}

/* Return: EXIT_OK when it runs, or its devices are on their way back; else EXIT_HOST */
static int show_one(const struct cli *cli, const char *name)
{
	static const struct profile_names none;
	struct running vm;

	if (!running_is_name(name)) {
		log_error("%s: no VM can have this name", cli_shown(name));
		return EXIT_BAD_USE;
	}
	if (cli->wait)
		return wait_for_one(cli, name);
	if (cli->watch)
		return status_watch(name);
	if (running_find(name, &vm)) {
		(void)show(cli, NULL, 0, &none);
		log_notice("%s does not run", name);
		return EXIT_HOST;
	}
	(void)show(cli, &vm, 1, &none);
	return vm.life == RUNNING_INTERRUPTED ? EXIT_HOST : EXIT_OK;
}

/** command_status() - one VM: 0 when it runs, else EXIT_HOST; all of them: 0 */
int command_status(const struct cli *cli)
{
	struct profile_names others = { .count = 0 };
	cleanup_free struct running *vm = NULL;
	size_t count;
	int rc, code = 0;

	if (!goes_together(cli))
		return EXIT_BAD_USE;
	leftovers_say();
	if (cli->word_count)
		return show_one(cli, cli->word[0]);
	if (cli->watch)
		return status_watch(NULL);
	rc = running_all(&vm, &count);
	if (rc) {
		log_error(RUNNING_DIR ": %s", strerror(-rc));
		return EXIT_HOST;
	}
	if (!count)
		log_notice("no VM runs");
	if (cli->all)
		code = find_others(vm, count, &others);
	return code ? code : show(cli, vm, count, &others);
}
