/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-device.c - rows: can vfio-pci have the device? */
#include <stdio.h>
#include <string.h>

#include "launcher/host/kernel/machine.h"
#include "launcher/plan/changes/sriov.h"
#include "launcher/plan/checks/checks-rows.h"
#include "launcher/plan/find.h"

static bool is_repeated(const struct plan *plan, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (plan->wanted[i].host == plan->wanted[at].host)
			return true;
	return false;
}

/* What is wrong with a device itself, one row each. */
static bool is_stuck(const struct host_device *d)
{
	return d->stuck;
}

static bool is_dead(const struct host_device *d)
{
	return d->config_dead;
}

struct defect {
	bool (*is)(const struct host_device *d);
	const char *what;
	const char *remedy;
};

static void each_wanted(struct checking *c, const struct defect *defect)
{
	char label[PLAN_LABEL_MAX];

	for (size_t i = 0; i < c->plan->wanted_count; i++) {
		const struct host_device *d = c->plan->wanted[i].host;

		if (defect->is(d) && !is_repeated(c->plan, i))
			row_failed(c, defect->remedy, "%s %s", plan_label(c->host, d, label),
				   defect->what);
	}
}

/* NULL: nothing is */
static const struct host_device *first_behind(struct host *host, const struct host_device *bridge)
{
	const struct host_device *found = NULL;
	struct host_devices all;

	if (host_all(host, &all))
		return NULL;
	for (size_t i = all.count; i-- > 0;)
		if (!strcmp(all.item[i]->bridge, bridge->name))
			found = all.item[i];
	host_devices_fini(&all);
	return found;
}

void check_endpoint(struct checking *c)
{
	char label[PLAN_LABEL_MAX], remedy[64];

	for (size_t i = 0; i < c->plan->wanted_count; i++) {
		const struct host_device *d = c->plan->wanted[i].host, *behind;

		if (!d->header_type || is_repeated(c->plan, i))
			continue;
		behind = first_behind(c->host, d);
		(void)snprintf(remedy, sizeof(remedy), "name %s%s",
			       behind ? "the device behind it: " : "another device",
			       behind ? behind->name : "");
		row_failed(c, remedy, "%s is a bridge, which cannot be handed to a guest%s",
			   plan_label(c->host, d, label), behind ? "" : ", and nothing is behind it");
	}
}

void check_stuck(struct checking *c)
{
	static const struct defect stuck = { is_stuck,
					     "is stuck: its driver has not let go of it yet",
					     "end what holds it, then `sudo vfio-run recover`; "
					     "else `reboot`" };

	each_wanted(c, &stuck);
}

void check_answers(struct checking *c)
{
	static const struct defect dead = {
		is_dead, "does not answer: its configuration space reads as all ones",
		"`systemctl suspend` and wake the host, or `reboot`"
	};

	each_wanted(c, &dead);
}

void check_sriov(struct checking *c)
{
	struct sriov_obstacle obstacle;
	char label[PLAN_LABEL_MAX];

	for (size_t i = 0; i < c->plan->wanted_count; i++) {
		const struct plan_wanted *w = &c->plan->wanted[i];

		if (!is_repeated(c->plan, i) && plan_sriov_obstacle(c->host, c->plan, w, &obstacle))
			row_failed(c, obstacle.remedy, "%s %s", plan_label(c->host, w->host, label),
				   obstacle.what);
	}
}

/* What vfio-pci itself refuses. Source: drivers/vfio/pci/vfio_pci.c, vfio_pci_dev_in_denylist(). */
static const uint16_t denied[] = {
	0x0435, 0x0443, /* QAT DH895xCC, and its virtual functions */
	0x19e2, 0x19e3, /* QAT C3xxx */
	0x37c8, 0x37c9, /* QAT C62x */
	0x0b25,         /* DSA, Sapphire Rapids */
	0x0cfe,         /* IAA, Sapphire Rapids */
};

void check_denylist(struct checking *c)
{
	char label[PLAN_LABEL_MAX];

	if (host_parameter_is_on(c->host, "vfio_pci", "disable_denylist"))
		return;
	for (size_t i = 0; i < c->device_count; i++) {
		const struct host_device *d = c->device[i].host;

		if (d->vendor != 0x8086 || d->vfio || strcmp(c->device[i].driver, "vfio-pci"))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(denied); k++)
			if (d->device == denied[k])
				row_failed(c,
					   "`options vfio-pci disable_denylist=1` in "
					   "/etc/modprobe.d, if the guest is trusted",
					   "%s is one that vfio-pci refuses: a guest can upset the "
					   "host with it",
					   plan_label(c->host, d, label));
	}
}
