/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leftovers.c - what an interrupted run left behind: shown to every user, reverted by root */
#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/process.h"
#include "launcher/commands/handover/keeper-job.h"
#include "launcher/commands/handover/leftovers.h"
#include "launcher/inspect/running.h"
#include "launcher/host/devices/unexplained.h"
#include "launcher/host/holders/vms.h"
#include "launcher/plan/checks/checks.h"

#define PLACES "/run/vfio-run"
static const char *const kinds[] = { "vm", "detach" };

/* Its keeper's file identifies it; a keeper that is gone left something. */
static bool keeper_is_gone(const char *kind, const char *name)
{
	struct running vm;
	char path[320];
	struct process_id id = { .pid = 0 };
	cleanup_fclose FILE *f = NULL;

	/* of a VM the standby may be at work */
	if (!strcmp(kind, "vm") && running_is_name(name))
		return running_find(name, &vm) == 0 && vm.life == RUNNING_INTERRUPTED;
	(void)snprintf(path, sizeof(path), PLACES "/%s/%s/keeper", kind, name);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (fscanf(f, "%d %" SCNu64, &id.pid, &id.start) != 2 || id.pid <= 0)
		return true;
	return !process_is_alive(&id);
}

static void say_kind(const char *kind)
{
	char path[64], quoted[256];
	const struct dirent *e;
	cleanup_closedir DIR *dir = NULL;

	(void)snprintf(path, sizeof(path), PLACES "/%s", kind);
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && keeper_is_gone(kind, e->d_name))
			log_warning("%s was interrupted and has left devices behind: "
				    "`sudo vfio-run recover` gives them back",
				    log_quote(e->d_name, quoted, sizeof(quoted)));
}

/** leftovers_say() - one line for each run or detach that was interrupted; changes nothing */
void leftovers_say(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		say_kind(kinds[i]);
}

static void say_unexplained(const struct host_device *d)
{
	char line[HOST_UNDO_MAX];

	if (checks_group_is_open(d->iommu_group)) /* to unbind it would wait for that */
		log_warning("%s: a process has it open on %s, and no journal says why: end that, then "
			    "run `vfio-run list` again", d->name, d->driver);
	else
		log_warning("%s: is %s %s, and no journal says why; where nothing else wants that: `%s`",
			    d->name, d->vfio ? "on" : "meant for",
			    d->vfio ? d->driver : d->driver_override, host_undo_override(d, line));
}

/**
 * leftovers_say_unexplained() - a line for each device on vfio-pci without a known reason
 * @host:	borrowed
 *
 * Return: true when there is one. Without root, which the journals take, none is seen.
 */
bool leftovers_say_unexplained(struct host *host)
{
	struct host_devices list = { .count = 0 };
	bool some = false;

	if (!host_unexplained(host, &list)) {
		for (size_t i = 0; i < list.count; i++)
			say_unexplained(list.item[i]);
		some = list.count;
	}
	host_devices_fini(&list);
	return some;
}

/**
 * leftovers_revert() - before something new is begun: undo what is stale
 *
 * Return: 0; EXIT_LEFT when something is left that cannot be undone, EXIT_HOST when no
 *	   keeper could try: nothing new may be touched
 */
int leftovers_revert(const struct cli *cli)
{
	if (access(PLACES "/state", F_OK))
		return 0;
	return job_recover_quietly(cli);
}
