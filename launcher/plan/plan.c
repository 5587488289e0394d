/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan.c - makes a plan out of a profile and a snapshot, or a plan to detach bare addresses */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/host.h"
#include "launcher/host/kernel/cpus.h"
#include "launcher/host/kernel/machine.h"
#include "launcher/plan/argv.h"
#include "launcher/plan/changes/changes.h"
#include "launcher/plan/changes/devices.h"
#include "launcher/plan/changes/nets.h"
#include "launcher/plan/changes/rebar.h"
#include "launcher/plan/changes/shm.h"
#include "launcher/plan/changes/usb.h"
#include "launcher/plan/places.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/programs/beside.h"
#include "launcher/plan/programs/jail-paths.h"
#include "launcher/plan/programs/jail.h"
#include "launcher/plan/qemu/boot.h"
#include "launcher/plan/qemu/qemu.h"
#include "profiles/profile.h"

/** plan_free() - free a plan, not the snapshot that it points into; NULL is allowed */
void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	free(plan->requested);
	free(plan->wanted);
	free(plan->device);
	free(plan->group);
	free(plan->usb);
	argv_free(plan->usb_plug);
	argv_free(plan->input_plug);
	free(plan->change);
	free(plan->jail.node);
	jail_files_fini(&plan->jail);
	free(plan->qemu);
	argv_free(plan->argv);
	argv_free(plan->environ_);
	argv_free(plan->plug);
	free(plan->nvram_template);
	free(plan->nvram);
	free(plan->log);
	free(plan->firmware_code);
	free(plan->shared);
	plan_beside_fini(plan);
	free(plan);
}

/* Copies @from, which may be NULL. */
static int copy(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return from && !*to ? -ENOMEM : 0;
}

static int copy_paths(struct plan *plan, const struct profile *profile,
		      const struct plan_host_facts *facts)
{
	int r = copy(&plan->qemu, facts->qemu);

	if (!r)
		r = copy(&plan->firmware_code, facts->firmware_code);
	if (!r)
		r = copy(&plan->nvram_template, facts->nvram_template);
	if (!r)
		r = copy(&plan->nvram, facts->nvram);
	if (!r && facts->home &&
	    asprintf(&plan->log, "%s/.local/state/vfio-run/%s/%s.log", facts->home, plan->name,
		     profile->trial_s ? "try" : "qemu") < 0) {
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

static const char *const inhibit_words[] = {
	[PROFILE_INHIBIT_NONE] = "none",
	[PROFILE_INHIBIT_SLEEP] = "sleep",
	[PROFILE_INHIBIT_SHUTDOWN] = "shutdown",
};

/* With a password QEMU asks for it; without one, only the VM's user can connect. */
static void choose_screen(struct plan *plan, const struct profile *p)
{
	enum profile_display type = profile_display_type(p);

	if (type == PROFILE_DISPLAY_VNC)
		plan->screen = p->display_password ? "--vnc-password" : "--vnc";
	if (type == PROFILE_DISPLAY_SPICE)
		plan->screen = p->display_password ? "--spice-password" : "--spice";
	plan->display_socket = plan->screen && !p->display_listen && !p->display_socket;
}

/* Of the network cards, then of the disks, then of shared memory: each is for QEMU's next descriptor. */
static void choose_channels(struct plan *plan, const struct profile *profile,
			    const struct plan_host_facts *facts)
{
	size_t room = KEEPER_QEMU_NETS_MAX, n; /* the rest is for what serves it */
	size_t count = plan_net_channels(profile, facts, plan->channel, room);

	for (n = plan_temporaries(profile, profile->disk_count) + plan_shm_files(profile); n; n--, count++)
		if (count < room)
			plan->channel[count] = KEEPER_CHANNEL_GIVEN;
	plan->channel_count = count;
}

/* Everything but the devices and their changes. */
static int fill_vm(struct plan *plan, const struct profile *profile,
		   const struct plan_host_facts *facts)
{
	int r = copy_paths(plan, profile, facts);

	choose_channels(plan, profile, facts);
	if (!r)
		r = plan_shm_list(plan, profile, facts);
	plan->shutdown_timeout_s = profile->shutdown_timeout_s;
	plan->trial_s = profile->trial_s;
	plan->guest_agent = profile->guest_agent;
	plan->settings = profile->apple_smc != NULL;
	plan->on_panic = panic_words[profile->on_panic];
	plan->inhibit = inhibit_words[profile->inhibit];
	plan->on_hangup = profile->on_hangup == PROFILE_HANGUP_STOP ? "stop" : "keep";
	plan->holder = facts->holder;
	plan->holder_count = facts->holder_count;
	plan->kept = facts->kept;
	plan->kept_count = facts->kept_count;
	plan->asks = profile->session_stop.count || profile->session_stop_command;
	for (size_t i = 0; i < profile->device_count; i++)
		plan->asks |= profile->device[i].holders == PROFILE_HOLDERS_ASK;
	plan->hook[KEEPER_HOOK_PREPARE] = profile->hook_prepare;
	plan->hook[KEEPER_HOOK_STARTED] = profile->hook_started;
	plan->hook[KEEPER_HOOK_STOPPED] = profile->hook_stopped;
	plan->hook[KEEPER_HOOK_FAILED] = profile->hook_failed;
	plan->hook[KEEPER_HOOK_RELEASED] = profile->hook_released;
	plan->cold = qemu_is_cold(plan, profile);
	choose_screen(plan, profile);
	plan->host_name = facts->window.x11;
	if (!r)
		r = plan_beside(plan, profile, facts);
	if (!r)
		r = plan_jail(plan, profile, facts);
	return r ? r : plan_qemu(plan, profile, facts);
}

/* Of a size that this kernel does not have there is none: the row `supported` refuses it. */
static void find_hugepages(struct plan *plan, const struct profile *p, struct host *host)
{
	struct host_hugepages pages;

	if (p->hugepage_bytes && !host_hugepages(host, p->hugepage_bytes, -1, &pages))
		plan->pages = (struct change_pages){
			.kib = pages.page_kib, .node = p->has_memory_node ? (int32_t)p->memory_node : -1
		};
}

static int copy_sections(struct plan *plan, const struct profile *profile)
{
	plan->requested = calloc(profile->device_count + 1, sizeof(*plan->requested));
	if (!plan->requested)
		return -ENOMEM;
	if (profile->device_count)
		memcpy(plan->requested, profile->device,
		       profile->device_count * sizeof(*plan->requested));
	plan->requested_count = profile->device_count;
	return 0;
}

/* Without the flag QEMU warns on AMD's processors and shows each thread as a core; `host` does not
 * have it by itself. Source: target/i386/cpu.c, no_autoenable_flags */
static bool needs_topoext(const struct profile *profile, struct host *host)
{
	struct host_machine m;

	return profile->threads > 1 && !host_machine(host, &m) && m.topoext;
}

/**
 * plan_select() - begin the plan of a run: its devices and their groups, and its memory
 * @profile:	the plan borrows its texts, so it must outlive the plan
 * @host:	the plan points into it, so it must outlive the plan
 * @facts:	borrowed for the call; NULL, or what could be found of them
 * @out:	freed with plan_free(); set on success only
 *
 * Refuses nothing: checks_run() is to be asked about the plan before it is completed.
 *
 * Return: 0, or -errno when the host could not be read, a name is too long for the plan
 * (-EOVERFLOW) or memory is out
 */
int plan_select(const struct profile *profile, struct host *host, const struct plan_host_facts *facts,
		struct plan **out)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	int r;

	if (!plan)
		return -ENOMEM;
	(void)snprintf(plan->name, sizeof(plan->name), "%s", profile->name);
	plan->memory_bytes = profile->memory_bytes;
	find_hugepages(plan, profile, host);
	r = copy_sections(plan, profile);
	if (!r)
		r = plan_devices(plan, host, facts ? facts->variant : NULL);
	if (!r)
		r = plan_usb_select(plan, profile, host);
	if (r) {
		plan_free(plan);
		return r;
	}
	if (plan->device_count)
		plan->address_limit = host_address_limit(host);
	plan->topoext = needs_topoext(profile, host);
	plan_boot_devices(plan, profile);
	plan_rebar_devices(plan, host);
	*out = plan;
	return 0;
}

/**
 * plan_complete() - add to a plan that nothing was refused of: changes, jail, arguments
 * @plan:	as plan_select() or plan_select_detach() has begun it
 * @profile:	what it was begun from; NULL: it is a detach's, which has changes only
 * @facts:	all of them; borrowed for the call; NULL like @profile
 *
 * Return: 0, or -errno as plan_select()
 */
int plan_complete(struct plan *plan, const struct profile *profile, struct host *host,
		  const struct plan_host_facts *facts)
{
	int r;

	if (profile)
		plan_places(plan, profile);
	plan->vendor_reset = profile && facts->vendor_reset;
	r = plan_changes(plan, profile, host, facts);
	return r || !profile ? r : fill_vm(plan, profile, facts);
}

/* The section that a profile would have for this address. */
static int request_for(struct host *host, const struct pci_address *a, struct profile_device *out)
{
	const struct host_device *d;
	int r = host_device(host, a, &d);
	bool display = !r && host_device_is_display(d);

	*out = (struct profile_device){
		.gpu = display,
		.group = display ? PROFILE_GROUP_SLOT : PROFILE_GROUP_FUNCTION,
		.device = { .address = *a },
	};
	return r == -ENOENT || r == -ENODEV ? 0 : r; /* the row `device` reports it */
}

/* Named before, or a function of a card whose whole slot goes: to name both is no mistake. */
static bool is_covered(struct host *host, const struct profile_device *requested, size_t count,
		       const struct pci_address *a)
{
	const struct host_device *d, *other;

	for (size_t i = 0; i < count; i++) {
		const struct pci_address *named = &requested[i].device.address;

		if (!pci_address_compare(a, named))
			return true;
		if (requested[i].gpu && !host_device(host, a, &d) && !host_device(host, named, &other) &&
		    host_same_card(d, other))
			return true;
	}
	return false;
}

/* Cards first, so that what their slots hold is known to go with them. */
static int request_all(struct host *host, const struct pci_address *address, size_t count,
		       struct profile_device *requested, size_t *requests)
{
	struct profile_device one;
	int r = 0;

	for (int cards = 1; cards >= 0; cards--)
		for (size_t i = 0; i < count && !r; i++) {
			r = request_for(host, &address[i], &one);
			if (!r && one.gpu == (cards == 1) && 
			    !is_covered(host, requested, *requests, &address[i]))
				requested[(*requests)++] = one;
		}
	return r;
}

static int select_detach(struct plan *plan, struct host *host, const struct pci_address *address,
			 size_t count)
{
	char text[PCI_ADDRESS_TEXT];
	int r;

	if (!count)
		return -EINVAL;
	plan->requested = calloc(count, sizeof(*plan->requested));
	if (!plan->requested)
		return -ENOMEM;
	(void)snprintf(plan->name, sizeof(plan->name), "detach-%s",
		       pci_address_format(&address[0], text));
	r = request_all(host, address, count, plan->requested, &plan->requested_count);
	return r ? r : plan_devices(plan, host, NULL);
}

/**
 * plan_select_detach() - begin the plan that hands bare addresses to vfio-pci
 * @address:	@count of them, at least 1
 *
 * As if each stood in a section with that section's default: a display controller in a
 * [gpu], so its whole slot goes; any other in a [pci], so it goes alone. One that is
 * named twice, or goes with its card anyway, is taken once.
 *
 * Return: as plan_select(); the plan gets no jail and no arguments
 */
int plan_select_detach(struct host *host, const struct pci_address *address, size_t count,
		       struct plan **out)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	int r;

	if (!plan)
		return -ENOMEM;
	r = select_detach(plan, host, address, count);
	if (r) {
		plan_free(plan);
		return r;
	}
	*out = plan;
	return 0;
}
