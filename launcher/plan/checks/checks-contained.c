/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-contained.c - rows: a keeper that would end with a container, and what one has left */
#include "launcher/host/devices/unexplained.h"
#include "launcher/host/kernel/contained.h"
#include "launcher/plan/checks/checks-rows.h"

/* clang-format off */
static const char *const reasons[HOST_CONTAINED_MAX] = {
	[HOST_OTHER_PIDS] = "this is not the host's first pid namespace",
	[HOST_OTHER_RUN] = "/run is not the host's",
	[HOST_PIDS_HIDDEN] = "/proc does not tell which pid namespace this is",
	[HOST_RUN_HIDDEN] = "whether /run is the host's cannot be told without CAP_SYS_PTRACE",
};
/* clang-format on */

/** plan_contained() - why a keeper would not outlive what it is in, a clause; NULL: it would */
const char *plan_contained(void)
{
	return reasons[host_contained()];
}

void check_contained(struct checking *c)
{
	const char *why = host_is_live(c->host) ? plan_contained() : NULL;

	if (!host_is_live(c->host))
		row_skipped(c, "not checked: it is another machine's");
	else if (why && !row_is_root(c) && host_contained() == HOST_RUN_HIDDEN)
		row_skipped(c, "not checked: whether /run is the host's takes root");
	else if (why && c->request->contained)
		row_remark(c, NULL, "%s, and it was insisted on", why);
	else if (why)
		row_failed(c, PLAN_CONTAINED_REMEDY, "%s: " PLAN_CONTAINED_DANGER, why);
}

/* They may be there on purpose: that is no reason to refuse anything. */
void check_unexplained(struct checking *c)
{
	struct host_devices list;
	char line[HOST_UNDO_MAX];
	int r = host_unexplained(c->host, &list);

	if (r)
		row_file_error(c, "/run/vfio-run/state", r);
	for (size_t i = 0; !r && i < list.count; i++)
		row_remark(c, host_undo_override(list.item[i], line),
			   "%s: is on vfio-pci or meant for it, and no journal says why",
			   list.item[i]->name);
	host_devices_fini(&list);
}
