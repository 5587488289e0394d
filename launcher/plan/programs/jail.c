/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jail.c - QEMU's environment: user, limits, device nodes, network, filters */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/host.h"
#include "launcher/plan/changes/shm.h"
#include "launcher/plan/programs/arguments.h"
#include "launcher/plan/programs/filter-rows.h"
#include "launcher/plan/programs/jail-paths.h"
#include "launcher/plan/programs/jail.h"
#include "profiles/profile.h"

/*
 * What a guest's memory is pinned with, beside itself: libvirt's allowance, made for the
 * holes of an x86 machine. Source: qemuDomainGetMemLockLimitBytes().
 */
#define MEMLOCK_SLACK (UINT64_C(1) << 30)

/*
 * Numbers that never change. Source: Documentation/admin-guide/devices.txt,
 * include/linux/miscdevice.h.
 */
static const struct plan_node nodes_always[] = {
	{ .path = "null", .major = 1, .minor = 3 },    { .path = "zero", .major = 1, .minor = 5 },
	{ .path = "full", .major = 1, .minor = 7 },    { .path = "random", .major = 1, .minor = 8 },
	{ .path = "urandom", .major = 1, .minor = 9 },
};
static const struct plan_node node_kvm = { .path = "kvm", .major = 10, .minor = 232 };
/* Of no device: a libusb that was built without udev wants a folder that is not empty. */
static const struct plan_node node_usb = { .path = "bus/usb/000/000", .major = 1, .minor = 3 };
static const struct plan_node node_vfio = { .path = "vfio/vfio", .major = 10, .minor = 196 };

static int add_node(struct plan_jail *jail, const struct plan_node *node)
{
	struct plan_node *bigger;

	for (size_t i = 0; i < jail->node_count; i++)
		if (!strcmp(jail->node[i].path, node->path)) {
			jail->node[i].readonly &= node->readonly;
			return 0;
		}
	bigger = reallocarray(jail->node, jail->node_count + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	jail->node = bigger;
	jail->node[jail->node_count++] = *node;
	return 0;
}

/*
 * The groups' nodes have no numbers yet: they come to be with the first bind. The group of what is not
 * there yet has none itself: the device stands for it.
 */
static int add_vfio(struct plan *plan)
{
	int r = plan->device_count ? add_node(&plan->jail, &node_vfio) : 0;

	for (size_t i = 0; i < plan->group_count && !r; i++) {
		struct plan_node node = { 0 };

		node.late = !plan->cold;
		(void)snprintf(node.path, sizeof(node.path), "vfio/%d", plan->group[i]);
		r = add_node(&plan->jail, &node);
	}
	for (size_t i = 0; i < plan->device_count && !r; i++) {
		struct plan_node node = { .late = !plan->cold };

		(void)snprintf(node.path, sizeof(node.path), "vfio/%s", plan->device[i].host->name);
		r = plan->device[i].host->expected ? add_node(&plan->jail, &node) : 0;
	}
	return r;
}

static int add_disk(struct plan_jail *jail, const struct plan_disk_facts *disk, bool readonly)
{
	struct plan_node node = { .block = true,
				  .readonly = readonly,
				  .major = disk->major,
				  .minor = disk->minor };

	if (!disk->block)
		return 0;
	if (strlen(disk->node) >= sizeof(node.path))
		return -EOVERFLOW;
	(void)snprintf(node.path, sizeof(node.path), "%s", disk->node);
	return add_node(jail, &node);
}

static int add_disks(struct plan_jail *jail, const struct profile *p,
		     const struct plan_host_facts *facts)
{
	int r = 0;

	for (size_t i = 0; facts->disk && i < p->disk_count && !r; i++)
		r = add_disk(jail, &facts->disk[i], !plan_disk_is_written(&p->disk[i]));
	return r;
}

/* Its user can open the host's, which is why QEMU gets it: launcher/inspect has looked. */
static int add_kvmfr(struct plan_jail *jail, const struct profile *p,
		     const struct plan_host_facts *facts)
{
	struct plan_node node = { .major = facts->kvmfr.major, .minor = facts->kvmfr.minor };

	if (!p->looking_glass_device || (!node.major && !node.minor))
		return 0;
	(void)snprintf(node.path, sizeof(node.path), "%.*s", (int)sizeof(node.path) - 1,
		       p->looking_glass_device + strlen("/dev/"));
	return add_node(jail, &node);
}

static int add_sound(struct plan_jail *jail, const struct plan_audio *audio)
{
	int r = 0;

	for (size_t i = 0; i < audio->node_count && !r; i++)
		r = add_node(jail, &audio->node[i]);
	return r;
}

static int add_render(struct plan *plan, const struct profile *p, const struct plan_host_facts *facts)
{
	const struct plan_render *render = plan_render(plan, facts);
	struct plan_node node = { .major = 0 };

	if (!render || profile_display_type(p) != PROFILE_DISPLAY_EGL_HEADLESS)
		return 0;
	node.major = render->major;
	node.minor = render->minor;
	(void)snprintf(node.path, sizeof(node.path), "dri/%s", render->node);
	return add_node(&plan->jail, &node);
}

/* Its user's in the jail, whatever the host's node is: the group `input` would be all of them. */
static int add_inputs(struct plan_jail *jail, const struct profile *p,
		      const struct plan_host_facts *facts)
{
	int r = 0;

	for (size_t i = 0; facts->input && i < p->input_count && !r; i++) {
		const struct plan_input_facts *input = &facts->input[i];
		struct plan_node node = { .major = input->major, .minor = input->minor };

		(void)snprintf(node.path, sizeof(node.path), "input/%s", input->node);
		r = *input->node ? add_node(jail, &node) : 0;
	}
	return r;
}

static bool has_net(const struct profile *p, enum profile_net_mode mode)
{
	for (size_t i = 0; i < p->net_count; i++)
		if (p->net[i].mode == mode)
			return true;
	return false;
}

/* To QEMU a macvtap is one too. */
static bool has_tap(const struct profile *p)
{
	return has_net(p, PROFILE_NET_TAP) || has_net(p, PROFILE_NET_BRIDGE) ||
	       has_net(p, PROFILE_NET_MACVTAP);
}

static const char *const sandbox_words[] = {
	[PROFILE_SANDBOX_STRICT] = "strict",
	[PROFILE_SANDBOX_LOG] = "log",
	[PROFILE_SANDBOX_OFF] = "off",
};

/* What has descriptors needs no network: only QEMU's own stack does, or what the user has added. */
static bool needs_network(const struct profile *p, const struct plan_host_facts *facts)
{
	return (has_net(p, PROFILE_NET_USER) && !facts->passt) ||
	       arguments_reach_network(p, facts->extra_argument);
}

/* enum filter_need */
static unsigned int filter_needs(const struct profile *p, const struct plan_host_facts *facts)
{
	return (needs_network(p, facts) ? (unsigned int)FILTER_NETWORK : 0) |
	       (has_tap(p) ? (unsigned int)FILTER_TAP : 0) |
	       (p->usb_count ? (unsigned int)FILTER_USB : 0) |
	       (profile_display_type(p) == PROFILE_DISPLAY_EGL_HEADLESS ? (unsigned int)FILTER_RENDER : 0);
}

static int add_nodes(struct plan *plan, const struct profile *p,
		     const struct plan_host_facts *facts)
{
	struct plan_jail *jail = &plan->jail;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(nodes_always) && !r; i++)
		r = add_node(jail, &nodes_always[i]);
	if (!r && p->accel == PROFILE_ACCEL_KVM)
		r = add_node(jail, &node_kvm);
	if (!r)
		r = add_vfio(plan);
	if (!r)
		r = add_kvmfr(jail, p, facts);
	if (!r)
		r = add_sound(jail, &facts->audio);
	if (!r)
		r = add_render(plan, p, facts);
	if (!r && p->usb_count)
		r = add_node(jail, &node_usb);
	if (!r)
		r = add_inputs(jail, p, facts);
	return r ? r : add_disks(jail, p, facts);
}

/**
 * plan_jail() - fill the plan's jail
 * @plan:	its groups are there
 *
 * Return: 0, -ENOMEM, or -EOVERFLOW when a name of @facts is too long
 */
int plan_jail(struct plan *plan, const struct profile *profile, const struct plan_host_facts *facts)
{
	struct plan_jail *jail = &plan->jail;
	const char *user = facts->user ? facts->user : "", *home = facts->home ? facts->home : "/";
	int r;

	if (strlen(user) >= sizeof(jail->user) || strlen(home) >= sizeof(jail->home))
		return -EOVERFLOW;
	jail->uid = facts->uid;
	jail->gid = facts->gid;
	(void)snprintf(jail->user, sizeof(jail->user), "%s", user);
	(void)snprintf(jail->home, sizeof(jail->home), "%s", home);
	if (plan->device_count) /* VFIO pins the guest's memory; nothing else does */
		jail->memlock_bytes = 
			profile->memory_bytes + plan_shm_bytes(profile, facts) + MEMLOCK_SLACK;
	jail->private_network = !needs_network(profile, facts);
	jail->sandbox = sandbox_words[profile->sandbox];
	jail->needs = filter_needs(profile, facts);
	r = add_nodes(plan, profile, facts);
	return r ? r : jail_files(plan, profile, facts);
}

/** plan_is_filtered() - are there the two system call filters, or none? */
bool plan_is_filtered(const struct plan *plan)
{
	return plan->jail.sandbox && strcmp(plan->jail.sandbox, "off") != 0;
}
