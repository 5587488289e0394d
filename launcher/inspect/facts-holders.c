/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts-holders.c - who holds the devices whose section has `holders = ask`, or = terminate
 *
 * What a service manager keeps, the system's or a user's, is stopped as its unit, and started
 * again; a container of docker's or podman's by its runtime, likewise, and where that cannot be
 * asked as all that is in its control group. Any other process is ended. Never process 1, logind,
 * or another unit of systemd's own; nor what another manager would start again, a cluster's or a
 * machine's: the check "holders" refuses these. A user's own profile ends what is that user's only.
 *
 * A program that is known to let go of a card which is announced as gone is asked by that, and goes
 * on: a sound server, and a display server that shows the desktop on another card.
 */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/host/devices/nodes.h"
#include "launcher/host/holders/asked.h"
#include "launcher/host/holders/containers.h"
#include "launcher/host/holders/holding.h"
#include "launcher/host/holders/processes.h"
#include "launcher/host/holders/units.h"
#include "launcher/host/host.h"
#include "launcher/host/small-file.h"
#include "launcher/inspect/facts.h"

#define TARGETS_MAX 256

struct search {
	const struct opened_profile *o;
	struct host *host;
	struct facts *f;
	struct holder_target target[TARGETS_MAX];
	const struct host_device *device[TARGETS_MAX]; /* whose each of them is */
	char subsystem[TARGETS_MAX][16];               /* cut; "" of a node that is not in sysfs */
	size_t targets;
	struct host_devices goes; /* all devices of the plan */
	const struct holder *found;
	size_t found_count;
};

static void add_target(struct search *s, const struct host_device *d, const struct host_node *n)
{
	s->device[s->targets] = d;
	(void)snprintf(s->subsystem[s->targets], sizeof(*s->subsystem), "%.15s", n->subsystem);
	s->target[s->targets++] =
		(struct holder_target){ .block = n->block, .major = n->major, .minor = n->minor };
}

/* Those that are not in sysfs. */
static void add_driver_targets(struct search *s, const struct host_device *d)
{
	struct holder_target target[HOST_NVIDIA_TARGETS + 1];
	size_t count = host_nvidia_targets(s->host, d, target);

	count += host_kfd_target(s->host, d, &target[count]);
	for (size_t i = 0; i < count && s->targets < TARGETS_MAX; i++) {
		s->device[s->targets] = d;
		s->target[s->targets++] = target[i];
	}
}

static int add_targets(struct search *s, const struct host_device *d)
{
	struct host_nodes nodes;
	int r = host_nodes(s->host, d, &nodes);

	for (size_t i = 0; !r && i < nodes.count && s->targets < TARGETS_MAX; i++)
		if (strcmp(nodes.item[i].subsystem, "net") != 0 &&
		    !host_is_borne(nodes.item[i].subsystem, nodes.item[i].name))
			add_target(s, d, &nodes.item[i]);
	if (!r)
		host_nodes_fini(&nodes);
	add_driver_targets(s, d);
	return r;
}

/* ---- what is stopped as such, and started again ------------------------------------------ */

static int add_unit(struct search *s, const char *name)
{
	struct facts *f = s->f;
	struct host_unit unit;
	struct plan_unit *more;

	for (size_t i = 0; i < f->unit_count; i++)
		if (f->unit[i].name && !strcmp(f->unit[i].name, name))
			return 1;
	if (!host_has_systemd() || host_unit(name, &unit) || unit.no_stop || unit.no_start)
		return 0; /* it is refused as a holder */
	more = reallocarray(f->unit, f->unit_count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	f->unit = more;
	f->plan.unit = more;
	more[f->unit_count] = (struct plan_unit){ .name = strdup(unit.id),
						  .running = unit.running,
						  .transient = unit.transient,
						  .display = unit.display };
	memcpy(more[f->unit_count].drawn, unit.drawn, sizeof(unit.drawn));
	if (!more[f->unit_count].name)
		return -ENOMEM;
	f->plan.unit_count = ++f->unit_count;
	return 1;
}

static int add_kept(struct search *s, enum change_kind kind, const char *target, const char *from,
		    const char *who)
{
	struct facts *f = s->f;
	struct plan_kept *more;

	for (size_t i = 0; i < f->kept_count; i++)
		if (!strcmp(f->kept[i].target, target))
			return 1;
	more = reallocarray(f->kept, f->kept_count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	f->kept = more;
	f->plan.kept = more;
	more[f->kept_count] = (struct plan_kept){
		.kind = kind, .target = strdup(target), .from = from, .who = strdup(who)
	};
	f->plan.kept_count = ++f->kept_count;
	return more[f->kept_count - 1].target && more[f->kept_count - 1].who ? 1 : -ENOMEM;
}

static void ask_user_manager(const struct host_place *place, const struct passwd *pw,
			     struct host_unit *out)
{
	struct host_user user = { .uid = place->uid, .gid = pw ? pw->pw_gid : (gid_t)-1, .alone = true };

	if (!pw || host_user_unit(&user, place->name, out))
		*out = (struct host_unit){ .running = true };
}

static int add_user_unit(struct search *s, const struct host_place *place)
{
	char target[CHANGE_TEXT_MAX], who[CHANGE_TEXT_MAX * 4];
	const struct passwd *pw = getpwuid(place->uid);
	struct host_unit unit;

	if (!host_has_systemd())
		return 0; /* it goes with its session, or is refused as a holder */
	ask_user_manager(place, pw, &unit);
	if (unit.no_stop || unit.no_start)
		return 0; /* likewise: GNOME's display server is one that nobody stops or starts by hand */
	(void)snprintf(target, sizeof(target), "%" PRIu32 "/%s", place->uid, place->name);
	(void)snprintf(who, sizeof(who), "%s of user %s", place->name,
		       pw ? pw->pw_name : "unknown");
	return add_kept(s, CHANGE_USER_SERVICE, target, unit.transient ? CHANGE_TEMPORARY : "running", who);
}

/* ---- what is ended ------------------------------------------------------------------------- */

enum end { ENDS, WITH_ITS_UNIT, IS_ASKED };

static int add_process(struct search *s, const struct holder *h, enum end end)
{
	struct facts *f = s->f;
	struct plan_holder *more;
	struct process_id id;
	char who[512];

	if (process_identify(h->pid, &id) || f->holder_count == KEEPER_HOLDERS_MAX)
		return 0;
	for (size_t i = 0; i < f->holder_count; i++) {
		struct plan_holder *known = &f->holder[i];

		if (known->id.pid != h->pid)
			continue;
		if (known->asked && end != IS_ASKED) { /* another card of its is none that it lets go of */
			known->asked = false;
			known->as_unit = end == WITH_ITS_UNIT;
		}
		return 1;
	}
	more = reallocarray(f->holder, f->holder_count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	f->holder = more;
	f->plan.holder = more;
	more[f->holder_count] = (struct plan_holder){ .id = id,
						      .as_unit = end == WITH_ITS_UNIT,
						      .asked = end == IS_ASKED,
						      .who = strdup(host_process_describe(
							      s->host, h, who, sizeof(who))) };
	if (!more[f->holder_count].who)
		return -ENOMEM;
	f->plan.holder_count = ++f->holder_count;
	return 1;
}

/* All of its control group: what is left of a container whose first process has ended is nothing.
 */
static int add_all_of(struct search *s, const struct holder *h, const struct host_place *place)
{
	char path[CHANGE_TEXT_MAX + 64], *rest, *line;
	cleanup_free char *text = NULL;
	int r = add_process(s, h, ENDS);

	(void)snprintf(path, sizeof(path), "sys/fs/cgroup%s/cgroup.procs", place->path);
	if (r < 0 || host_text(host_root_fd(s->host), path, &text))
		return r;
	for (rest = text; r >= 0 && (line = host_next_line(&rest));) {
		struct holder other = { .pid = (int32_t)strtol(line, NULL, 10), .uid = h->uid };

		process_comm(other.pid, other.comm, sizeof(other.comm));
		if (other.pid > 1)
			r = add_process(s, &other, ENDS);
	}
	return r;
}

/* Where its runtime can be asked, by that: what is only ended may be started again by it at once.
 */
static int add_container(struct search *s, const struct holder *h, const struct host_place *place)
{
	const char *program, *id;
	char who[HOST_PLACE_NAME * 4];

	if (!s->o->of_root && !(place->of_user && place->uid == s->o->invoker.uid))
		return 0;
	if (place->of_user || !change_container_parse(place->container, &program, &id) ||
	    access(program, X_OK))
		return *place->container ? add_all_of(s, h, place) : 0;
	return add_kept(s, CHANGE_CONTAINER, place->container,
			host_container_is_temporary(program, id) ? CHANGE_TEMPORARY : "running",
			log_quote(place->name, who, sizeof(who)));
}

/* ---- what is asked ----------------------------------------------------------------------------
 */

static bool is_card(const char *name)
{
	return !strncmp(name, "card", 4) && name[4] &&
	       strspn(name + 4, "0123456789") == strlen(name + 4);
}

/* Return: 1 it is asked; 0 there is nothing that could be announced; -errno */
static int add_asked(struct search *s, const struct holder *h)
{
	const struct host_device *d = s->device[h->target];
	const char *class = strcmp(s->subsystem[h->target], "sound") ? "drm" : "sound";
	char path[128], target[CHANGE_TEXT_MAX], who[512], **name;
	size_t count;
	int r = 0;

	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/%s", d->name, class);
	if (host_list(host_root_fd(s->host), path, &name, &count))
		return 0;
	for (size_t i = 0; i < count && r >= 0; i++) {
		(void)snprintf(target, sizeof(target), "%s/%s/%.32s", d->name, class, name[i]);
		if (is_card(name[i]))
			r = add_kept(s, CHANGE_ANNOUNCE, target, "add",
				     host_process_describe(s->host, h, who, sizeof(who)));
	}
	host_list_free(name, count);
	return r;
}

/* With a node that is no part of the announced card it would hold the device all the same. */
static bool holds_only_drm(const struct search *s, int32_t pid)
{
	for (size_t i = 0; i < s->found_count; i++)
		if (s->found[i].pid == pid && strcmp(s->subsystem[s->found[i].target], "drm") != 0)
			return false;
	return true;
}

static bool may_be_asked(const struct search *s, const struct holder *h)
{
	if (!s->o->of_root && h->uid != s->o->invoker.uid)
		return false;
	return host_is_asked(h->comm, s->subsystem[h->target]) ||
	       (holds_only_drm(s, h->pid) &&
		host_display_is_asked(s->host, h, s->device[h->target], &s->goes));
}

/* ---- each holder ----------------------------------------------------------------------------- */

/* Without these there is no service manager, no bus, or no vfio-run. */
static bool is_systemds_own(const char *place)
{
	return (!strncmp(place, "systemd-", 8) && strncmp(place, "systemd-nspawn@", 15)) ||
	       !strncmp(place, "dbus", 4) || !strncmp(place, "user@", 5) ||
	       !strncmp(place, "vfio-run", 8) || !strcmp(place, "init.scope");
}

/* Return: 1 it goes; 0 it is refused as a holder; -errno */
static int add_place(struct search *s, const struct holder *h, const struct host_place *place)
{
	bool own = s->o->of_root || (place->of_user && place->uid == s->o->invoker.uid);

	if (place->kind == HOST_PLACE_CONTAINER)
		return add_container(s, h, place);
	if (place->kind == HOST_PLACE_SERVICE && place->of_user)
		return own ? add_user_unit(s, place) : 0;
	if (place->kind == HOST_PLACE_SERVICE)
		return add_unit(s, place->name);
	return s->o->of_root || h->uid == s->o->invoker.uid ? add_process(s, h, ENDS) : 0;
}

static int add_holder(struct search *s, const struct holder *h)
{
	cleanup_free char *cgroup = NULL;
	struct host_place place = { .kind = HOST_PLACE_NONE };
	enum end end = WITH_ITS_UNIT;
	char path[48];
	int r;

	(void)snprintf(path, sizeof(path), "proc/%d/cgroup", h->pid);
	if (!host_text(host_root_fd(s->host), path, &cgroup))
		host_place_of(cgroup, &place);
	if (h->pid <= 1 || h->pid == getpid() || is_systemds_own(place.name))
		return 0;
	r = may_be_asked(s, h) ? add_asked(s, h) : 0;
	if (r > 0 && !host_is_asked(h->comm, s->subsystem[h->target]))
		end = IS_ASKED; /* a sound server that ends meanwhile takes nothing with it */
	else if (!r)
		r = add_place(s, h, &place);
	return r > 0 ? add_process(s, h, end) < 0 ? -ENOMEM : 0 : r;
}

static bool is_stopped(const struct facts *f, const struct host_place *place)
{
	char target[CHANGE_TEXT_MAX];

	(void)snprintf(target, sizeof(target), "%" PRIu32 "/%s", place->uid, place->name);
	for (size_t i = 0; i < f->kept_count; i++)
		if (f->kept[i].kind == CHANGE_USER_SERVICE && place->of_user &&
		    !strcmp(f->kept[i].target, target))
			return true;
	for (size_t i = 0; i < f->unit_count; i++)
		if (f->unit[i].name && !place->of_user && !strcmp(f->unit[i].name, place->name))
			return true;
	return false;
}

/* One whose session ends, or whose unit is stopped for another holder, is not to go on. */
static void settle_asked(struct search *s)
{
	const struct profile *p = s->o->profile;
	bool all_end = p->session_stop.count || p->session_stop_command;

	for (size_t i = 0; i < s->f->holder_count; i++) {
		struct plan_holder *h = &s->f->holder[i];
		struct host_place place = { .kind = HOST_PLACE_NONE };
		cleanup_free char *cgroup = NULL;
		char path[48];

		if (!h->asked)
			continue;
		(void)snprintf(path, sizeof(path), "proc/%d/cgroup", (int)h->id.pid);
		if (!host_text(host_root_fd(s->host), path, &cgroup))
			host_place_of(cgroup, &place);
		h->as_unit = all_end || is_stopped(s->f, &place);
		h->asked = !h->as_unit;
	}
}

static int search(struct search *s)
{
	struct holder found[KEEPER_HOLDERS_MAX];
	struct holder_scan scan = { .found = 0 };
	int r = host_holders(s->host, s->target, s->targets, found, KEEPER_HOLDERS_MAX, &scan);

	s->found = found;
	s->found_count = r ? 0 : scan.found;
	for (size_t i = 0; !r && i < scan.found; i++)
		r = add_holder(s, &found[i]);
	settle_asked(s);
	s->found = NULL; /* it goes with this function */
	s->found_count = 0;
	return r;
}

/**
 * facts_find_holders() - units and processes that go because they hold a device of the plan
 * @plan:	begun
 *
 * Return: 0 or -errno
 */
int facts_find_holders(const struct opened_profile *o, struct host *host, const struct plan *plan,
		       struct facts *f)
{
	struct search s = { .o = o, .host = host, .f = f };
	int r = 0;

	s.goes.item = calloc(plan->device_count + 1, sizeof(*s.goes.item));
	if (!s.goes.item)
		return -ENOMEM;
	for (size_t i = 0; i < plan->device_count && !r && host_is_live(host); i++) {
		s.goes.item[s.goes.count++] = plan->device[i].host;
		if (o->profile->device[plan->device[i].section].holders != PROFILE_HOLDERS_REFUSE)
			r = add_targets(&s, plan->device[i].host);
	}
	if (!r && s.targets)
		r = search(&s);
	host_devices_fini(&s.goes);
	return r;
}
