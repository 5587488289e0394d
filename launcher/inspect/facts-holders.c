/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts-holders.c - who holds the devices whose section has `holders = ask`, or = terminate
 *
 * What a service manager keeps is stopped as its unit, and started again; what a container's runtime
 * keeps is left to that, and refused by the check "holders"; any other process is ended. Never process
 * 1, logind, or another unit of systemd's own. A user's own profile ends that user's processes only.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/holders.h"
#include "launcher/host/host.h"
#include "launcher/host/nodes.h"
#include "launcher/host/processes.h"
#include "launcher/host/small-file.h"
#include "launcher/host/units.h"
#include "launcher/inspect/facts.h"

#define TARGETS_MAX 256

struct search {
	const struct opened_profile *o;
	struct host *host;
	struct facts *f;
	struct holder_target target[TARGETS_MAX];
	size_t targets;
};

/* As plan/checks-holders.c has it: who holds only these lets go, or bears it. */
static bool is_borne(const struct host_node *n)
{
	return (!strcmp(n->subsystem, "sound") && strncmp(n->name, "pcm", 3) != 0) ||
	       !strcmp(n->subsystem, "input") || !strcmp(n->subsystem, "hidraw") ||
	       !strcmp(n->subsystem, "net");
}

static int add_targets(struct search *s, const struct host_device *d)
{
	struct host_nodes nodes;
	int r = host_nodes(s->host, d, &nodes);

	for (size_t i = 0; !r && i < nodes.count && s->targets < TARGETS_MAX; i++)
		if (!is_borne(&nodes.item[i]))
			s->target[s->targets++] = (struct holder_target){ .block = nodes.item[i].block,
									  .major = nodes.item[i].major,
									  .minor = nodes.item[i].minor };
	if (!r)
		host_nodes_fini(&nodes);
	return r;
}

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n > m && !strcmp(text + n - m, end);
}

static int add_unit(struct search *s, const char *name)
{
	struct facts *f = s->f;
	struct host_unit unit;
	struct plan_unit *more;

	for (size_t i = 0; i < f->unit_count; i++)
		if (f->unit[i].name && !strcmp(f->unit[i].name, name))
			return 0;
	if (!host_has_systemd() || host_unit(name, &unit))
		return 0; /* it is refused as a holder */
	more = reallocarray(f->unit, f->unit_count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	f->unit = more;
	f->plan.unit = more;
	more[f->unit_count] = (struct plan_unit){ .name = strdup(unit.id),
						  .running = unit.running,
						  .display = unit.display };
	if (!more[f->unit_count].name)
		return -ENOMEM;
	f->plan.unit_count = ++f->unit_count;
	return 0;
}

static int add_process(struct search *s, const struct holder *h)
{
	struct facts *f = s->f;
	struct plan_holder *more;
	struct process_id id;
	char who[512];

	if ((!s->o->of_root && h->uid != s->o->invoker.uid) || process_identify(h->pid, &id) ||
	    f->holder_count == KEEPER_HOLDERS_MAX)
		return 0;
	more = reallocarray(f->holder, f->holder_count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	f->holder = more;
	f->plan.holder = more;
	more[f->holder_count] = (struct plan_holder){
		.id = id, .who = strdup(host_process_describe(s->host, h, who, sizeof(who)))
	};
	if (!more[f->holder_count].who)
		return -ENOMEM;
	f->plan.holder_count = ++f->holder_count;
	return 0;
}

static bool is_systemds_own(const char *place)
{
	return !strncmp(place, "systemd-", 8) || !strncmp(place, "dbus", 4) ||
	       !strncmp(place, "user@", 5) || !strncmp(place, "vfio-run", 8) || !strcmp(place, "init.scope");
}

static int add_holder(struct search *s, const struct holder *h)
{
	cleanup_free char *cgroup = NULL;
	char path[48], place[160] = "";
	bool of_user;

	for (size_t i = 0; i < s->f->holder_count; i++)
		if (s->f->holder[i].id.pid == h->pid)
			return 0;
	(void)snprintf(path, sizeof(path), "proc/%d/cgroup", h->pid);
	if (!host_text(host_root_fd(s->host), path, &cgroup))
		host_process_place(cgroup, place, sizeof(place));
	of_user = cgroup && strstr(cgroup, "/user.slice/");
	if (h->pid <= 1 || h->pid == getpid() || strchr(place, ' ') || is_systemds_own(place))
		return 0; /* nobody's business, or a container's */
	if (ends_in(place, ".service") && !of_user)
		return add_unit(s, place);
	return add_process(s, h);
}

static int search(struct search *s)
{
	cleanup_close int proc = openat(host_root_fd(s->host), "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct holder found[KEEPER_HOLDERS_MAX];
	struct holder_scan scan = { .found = 0 };
	int r = proc < 0 ? -errno : holders_scan(proc, s->target, s->targets, found, KEEPER_HOLDERS_MAX, &scan);

	for (size_t i = 0; !r && i < scan.found; i++)
		r = add_holder(s, &found[i]);
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

	for (size_t i = 0; i < plan->device_count && !r && host_is_live(host); i++)
		if (o->profile->device[plan->device[i].section].holders != PROFILE_HOLDERS_REFUSE)
			r = add_targets(&s, plan->device[i].host);
	return r || !s.targets ? r : search(&s);
}
