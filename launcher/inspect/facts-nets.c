/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-nets.c - what a plan needs to know of the host for its network cards */
#include <stdlib.h>
#include <unistd.h>

#include "launcher/cli.h"
#include "launcher/host/user/links.h"
#include "launcher/inspect/facts-files.h"
#include "launcher/inspect/looking.h"
#include "launcher/plan/changes/nets.h"

/* Two that each QEMU has; distributions leave others out. */
static bool is_everywhere(enum profile_net_model model)
{
	return model == PROFILE_NET_VIRTIO || model == PROFILE_NET_E1000E;
}

/* Without it frames go through QEMU, which is slower and nothing else. */
static bool may_have_vhost(const struct profile *p, const struct facts *f)
{
	bool wanted = false;
	int fd = -1;

	for (size_t i = 0; i < p->net_count; i++)
		wanted |= p->net[i].model == PROFILE_NET_VIRTIO &&
			  (p->net[i].mode == PROFILE_NET_BRIDGE || p->net[i].mode == PROFILE_NET_TAP ||
			   p->net[i].mode == PROFILE_NET_MACVTAP);
	if (!wanted || (geteuid() && geteuid() != f->user.uid) || host_open_vhost(&f->user, &fd))
		return false;
	(void)close(fd);
	return true;
}

/**
 * facts_look_at_nets() - is the model there, and has a tap several queues?
 * @f:		its emulator is known; receives multi_queue and vhost
 *
 * Return: 0 or EXIT_HOST
 */
int facts_look_at_nets(const struct opened_profile *o, struct host *host, struct facts *f,
		       struct check_results *results)
{
	const struct looking l = { o, host, f, results };
	const struct profile *p = o->profile;
	int code = 0;

	f->multi_queue = calloc(p->net_count + 1, sizeof(*f->multi_queue));
	if (!f->multi_queue)
		return EXIT_HOST;
	for (size_t i = 0; i < p->net_count; i++) {
		const struct profile_net *net = &p->net[i];
		struct host_link link;

		if (net->mode == PROFILE_NET_TAP && !host_link(host, net->tap, &link))
			f->multi_queue[i] = link.multi_queue;
		if (!is_everywhere(net->model))
			code |= facts_need_device(&l, &net->model_pos, plan_net_driver(net->model),
						  "write another `model`");
	}
	f->plan.vhost = may_have_vhost(p, f);
	f->plan.multi_queue = f->multi_queue;
	return code;
}
