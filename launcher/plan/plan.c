/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan.c - makes a plan out of a profile and a snapshot, or a plan to detach bare addresses */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/host.h"
#include "launcher/host/machine.h"
#include "launcher/plan/argv.h"
#include "launcher/plan/changes.h"
#include "launcher/plan/devices.h"
#include "launcher/plan/jail-paths.h"
#include "launcher/plan/jail.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/qemu.h"
#include "profiles/profile.h"

/**
 * plan_refuse() - record one reason why there is no plan
 * @remedy:	what to do about it, copied; NULL: nothing can be said
 */
void plan_refuse(struct plan_refusals *refusals, const char *remedy, const char *format, ...)
{
	struct plan_refusal *bigger =
		reallocarray(refusals->item, refusals->count + 1, sizeof(*bigger));
	struct plan_refusal new = { 0 };
	va_list args;

	if (bigger)
		refusals->item = bigger;
	va_start(args, format);
	if (vasprintf(&new.text, format, args) < 0)
		new.text = NULL;
	va_end(args);
	new.remedy = remedy ? strdup(remedy) : NULL;
	if (!bigger || !new.text || (remedy && !new.remedy)) {
		free(new.text);
		free(new.remedy);
		refusals->out_of_memory = true;
		return;
	}
	refusals->item[refusals->count++] = new;
}

/** plan_refusals_fini() - free what was recorded */
void plan_refusals_fini(struct plan_refusals *refusals)
{
	for (size_t i = 0; i < refusals->count; i++) {
		free(refusals->item[i].text);
		free(refusals->item[i].remedy);
	}
	free(refusals->item);
	*refusals = (struct plan_refusals){ 0 };
}

/** plan_free() - free a plan, not the snapshot that it points into; NULL is allowed */
void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	free(plan->device);
	free(plan->group);
	free(plan->change);
	free(plan->jail.node);
	jail_files_fini(&plan->jail);
	free(plan->qemu);
	argv_free(plan->argv);
	argv_free(plan->environ_);
	free(plan->nvram_template);
	free(plan->nvram);
	free(plan->log);
	free(plan->firmware_code);
	free(plan);
}

/* Copies @from, which may be NULL. */
static int copy(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return from && !*to ? -ENOMEM : 0;
}

static int copy_paths(struct plan *plan, const struct plan_host_facts *facts)
{
	int r = copy(&plan->qemu, facts->qemu);

	if (!r)
		r = copy(&plan->firmware_code, facts->firmware_code);
	if (!r)
		r = copy(&plan->nvram_template, facts->nvram_template);
	if (!r)
		r = copy(&plan->nvram, facts->nvram);
	if (!r && facts->home &&
	    asprintf(&plan->log, "%s/.local/state/vfio-run/%s/qemu.log", facts->home, plan->name) < 0) {
		plan->log = NULL;
		r = -ENOMEM;
	}
	return r;
}

/* As the profile spells it. */
static const char *const panic_words[] = {
	[PROFILE_PANIC_SHUTDOWN] = "shutdown",
	[PROFILE_PANIC_RESET] = "reset",
	[PROFILE_PANIC_PAUSE] = "pause",
	[PROFILE_PANIC_FAIL] = "fail",
};

/* Everything but the devices and their changes. */
static int fill_vm(struct plan *plan, const struct profile *profile,
		   const struct plan_host_facts *facts)
{
	int r = copy_paths(plan, facts);

	plan->shutdown_timeout_s = profile->shutdown_timeout_s;
	plan->on_panic = panic_words[profile->on_panic];
	plan->on_hangup = profile->on_hangup == PROFILE_HANGUP_STOP ? "stop" : "keep";
	if (!r)
		r = plan_jail(plan, profile, facts);
	return r ? r : plan_qemu(plan, profile, facts);
}

static int fill_devices(struct plan *plan, struct host *host, const struct profile_device *requested,
			size_t count, const char *const *variant, struct plan_refusals *refusals)
{
	int r = plan_devices(plan, host, requested, count, variant, refusals);

	if (!r && refusals->out_of_memory)
		r = -ENOMEM;
	if (!r && refusals->count)
		r = -EINVAL;
	return r ? r : plan_changes(plan, host);
}

/* What a profile can say, but this version cannot do. */
static void refuse_unable(const struct profile *p, struct plan_refusals *refusals)
{
	const char *machine = p->machine ? p->machine : "q35";

	if (strcmp(machine, "q35") && strncmp(machine, "pc-q35-", 7))
		plan_refuse(refusals, "write machine = q35, or one of its versions",
			    "the machine %s has no PCI Express, which the devices are put on",
			    machine);
	for (size_t i = 0; i < p->net_count; i++)
		if (p->net[i].mode == PROFILE_NET_BRIDGE)
			plan_refuse(refusals,
				    "make a tap on the bridge for that user, and write mode = tap",
				    "a card on a bridge needs a program that QEMU may not start");
}

static void find_hugepages(struct plan *plan, const struct profile *p, struct host *host,
			   struct plan_refusals *refusals)
{
	struct host_hugepages pages;
	int r;

	if (!p->hugepage_bytes)
		return;
	r = host_hugepages(host, p->hugepage_bytes, &pages);
	if (r)
		plan_refuse(refusals, "write `hugepages = 2M`, or leave the line out",
			    "this kernel has no huge pages of that size: %s", strerror(-r));
	else if (p->memory_bytes % ((uint64_t)pages.page_kib * 1024))
		plan_refuse(refusals, "write another `memory`, or a smaller size of `hugepages`",
			    "memory is no multiple of the %" PRIu32 " kB of a huge page", pages.page_kib);
	else
		plan->page_kib = pages.page_kib;
}

/**
 * plan_make() - what a run of this profile does on this host
 * @profile:	borrowed for the call
 * @host:	the plan points into it, so it must outlive the plan
 * @facts:	borrowed for the call
 * @out:	freed with plan_free(); set on success only
 * @refusals:	starts zeroed; receives every reason why there is no plan
 *
 * Return: 0; -EINVAL when @refusals says why not; other -errno when the host could not be
 * read, a name is too long for the plan (-EOVERFLOW) or memory is out
 */
int plan_make(const struct profile *profile, struct host *host, const struct plan_host_facts *facts,
	      struct plan **out, struct plan_refusals *refusals)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	int r;

	if (!plan)
		return -ENOMEM;
	(void)snprintf(plan->name, sizeof(plan->name), "%s", profile->name);
	refuse_unable(profile, refusals);
	plan->memory_bytes = profile->memory_bytes;
	find_hugepages(plan, profile, host, refusals);
	r = fill_devices(plan, host, profile->device, profile->device_count, facts->variant,
			 refusals);
	if (!r)
		r = fill_vm(plan, profile, facts);
	if (r) {
		plan_free(plan);
		return r;
	}
	*out = plan;
	return 0;
}

/* The section that somebody would have written for this address. */
static int request_for(struct host *host, const struct pci_address *a, struct profile_device *out)
{
	const struct host_device *d;
	int r = host_device(host, a, &d);
	bool display = !r && host_device_is_display(d);

	*out = (struct profile_device){
		.gpu = display,
		.group = display ? PROFILE_GROUP_SLOT : PROFILE_GROUP_FUNCTION,
		.device = { .domain = a->domain,
			    .bus = a->bus,
			    .slot = a->device,
			    .function = a->function },
	};
	return r == -ENOENT || r == -ENODEV ? 0 : r; /* plan_devices() tells that it is not there */
}

/* Named before, or a function of a card whose whole slot goes: to say both is no mistake. */
static bool is_covered(const struct profile_device *requested, size_t count, const struct pci_address *a)
{
	for (size_t i = 0; i < count; i++) {
		const struct profile_device_name *n = &requested[i].device;

		if (n->domain == a->domain && n->bus == a->bus && n->slot == a->device &&
		    (n->function == a->function || requested[i].gpu))
			return true;
	}
	return false;
}

/* Cards first, so that what their slots hold is known to go with them. */
static int fill_wishes(struct host *host, const struct pci_address *address, size_t count,
		       struct profile_device *requested, size_t *requests)
{
	struct profile_device one;
	int r = 0;

	for (int cards = 1; cards >= 0; cards--)
		for (size_t i = 0; i < count && !r; i++) {
			r = request_for(host, &address[i], &one);
			if (!r && one.gpu == (cards == 1) && !is_covered(requested, *requests, &address[i]))
				requested[(*requests)++] = one;
		}
	return r;
}

static int fill_detach(struct plan *plan, struct host *host, const struct pci_address *address,
		       size_t count, struct plan_refusals *refusals)
{
	cleanup_free struct profile_device *requested = calloc(count, sizeof(*requested));
	char text[PCI_ADDRESS_TEXT];
	size_t requests = 0;
	int r;

	if (!requested)
		return -ENOMEM;
	(void)snprintf(plan->name, sizeof(plan->name), "detach-%s",
		       pci_address_format(&address[0], text));
	r = fill_wishes(host, address, count, requested, &requests);
	if (!r)
		r = fill_devices(plan, host, requested, requests, NULL, refusals);
	return r; /* NOLINT(clang-analyzer-unix.Malloc): freed by its cleanup attribute */
}

/**
 * plan_make_detach() - what it takes to hand bare addresses to vfio-pci
 * @address:	@count of them, at least 1
 *
 * As if each stood in a section with that section's default: a display controller in a
 * [gpu], so its whole slot goes; any other in a [pci], so it goes alone. One that is
 * named twice, or goes with its card anyway, is taken once.
 *
 * Return: as plan_make(); the plan has no jail and no arguments
 */
int plan_make_detach(struct host *host, const struct pci_address *address, size_t count,
		     struct plan **out, struct plan_refusals *refusals)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	int r;

	if (!plan)
		return -ENOMEM;
	r = count ? fill_detach(plan, host, address, count, refusals) : -EINVAL;
	if (r) {
		plan_free(plan);
		return r;
	}
	*out = plan;
	return 0;
}
