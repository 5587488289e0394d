/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shm.c - memory that a guest shares with programs of the host
 *
 * The files in /dev/shm are opened and made as the VM's user, and QEMU gets their descriptors:
 * which file it is cannot change any more. A kvmfr device is a node of the jail's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "launcher/plan/changes/nets.h"
#include "launcher/plan/changes/shm.h"

#define LOOKING_GLASS_BYTES (UINT64_C(64) << 20) /* of a device that could not be asked */

/** plan_shm_count() - how many there are: that of [looking-glass] first */
size_t plan_shm_count(const struct profile *p)
{
	return p->has_looking_glass + p->shm_count;
}

static bool has_device(const struct profile *p)
{
	return p->has_looking_glass && p->looking_glass_device;
}

/** plan_shm_files() - how many of them are files, and so descriptors of QEMU's */
size_t plan_shm_files(const struct profile *p)
{
	return plan_shm_count(p) - has_device(p);
}

/* All that a device has, and a part of it only as far as the profile says. */
static uint64_t looking_glass_bytes(const struct profile *p, const struct plan_host_facts *facts)
{
	if (p->looking_glass_bytes)
		return p->looking_glass_bytes;
	return facts && facts->kvmfr.bytes ? facts->kvmfr.bytes : LOOKING_GLASS_BYTES;
}

/* Behind those of the network cards and of temporary disks. */
static int descriptor(const struct profile *p, const struct plan_host_facts *facts, size_t i)
{
	size_t before = plan_net_channels(p, facts, NULL, 0) +
			plan_temporaries(p, p->disk_count) + i - has_device(p);

	return KEEPER_QEMU_NETS_FD + (int)before;
}

/** plan_shm() - the @i-th of plan_shm_count() */
void plan_shm(const struct profile *p, const struct plan_host_facts *facts, size_t i,
	      struct plan_shm *out)
{
	const struct profile_shm *shm = i >= p->has_looking_glass ? &p->shm[i - p->has_looking_glass]
								  : NULL;

	*out = (struct plan_shm){ .fd = -1 };
	if (shm) {
		(void)snprintf(out->id, sizeof(out->id), "shm%zu", i - p->has_looking_glass);
		out->file = shm->name;
		out->pos = &shm->name_pos;
		out->bytes = shm->bytes;
	} else {
		(void)snprintf(out->id, sizeof(out->id), "looking-glass");
		out->file = p->looking_glass_device ? NULL : PROFILE_LOOKING_GLASS_FILE;
		out->pos = p->looking_glass_device ? &p->looking_glass_device_pos
						   : &p->looking_glass_pos;
		out->bytes = looking_glass_bytes(p, facts);
	}
	if (out->file)
		out->fd = descriptor(p, facts, i);
}

/** plan_shm_bytes() - of all of them: VFIO pins what a guest sees as memory */
uint64_t plan_shm_bytes(const struct profile *p, const struct plan_host_facts *facts)
{
	struct plan_shm shm;
	uint64_t bytes = 0;

	for (size_t i = 0; i < plan_shm_count(p); i++) {
		plan_shm(p, facts, i, &shm);
		bytes += shm.bytes;
	}
	return bytes;
}

/** plan_shm_list() - the files, for whoever shows the plan; 0 or -ENOMEM */
int plan_shm_list(struct plan *plan, const struct profile *p, const struct plan_host_facts *facts)
{
	plan->shared = calloc(plan_shm_files(p) + 1, sizeof(*plan->shared));
	if (!plan->shared)
		return -ENOMEM;
	for (size_t i = 0; i < plan_shm_count(p); i++) {
		struct plan_shared *to = &plan->shared[plan->shared_count];
		struct plan_shm shm;

		plan_shm(p, facts, i, &shm);
		if (!shm.file)
			continue;
		(void)snprintf(to->path, sizeof(to->path), "/dev/shm/%s", shm.file);
		to->bytes = shm.bytes;
		to->fd = shm.fd;
		plan->shared_count++;
	}
	return 0;
}
