/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shm.h - memory that a guest shares with programs of the host: files in /dev/shm, or kvmfr */
#ifndef VFIO_RUN_PLAN_SHM_H
#define VFIO_RUN_PLAN_SHM_H

#include "launcher/plan/plan.h"

/* One device of the guest's. */
struct plan_shm {
	char id[32];	  /* QEMU's, of the device; its memory has another one */
	const char *file; /* its name in /dev/shm; NULL: it is a device of the host's */
	const struct profile_pos *pos; /* of the name, or of the size where it has none */
	uint64_t bytes;
	int fd;		  /* QEMU's descriptor of the file */
};

size_t plan_shm_count(const struct profile *profile);
void plan_shm(const struct profile *profile, const struct plan_host_facts *facts, size_t i,
	      struct plan_shm *out);
uint64_t plan_shm_bytes(const struct profile *profile, const struct plan_host_facts *facts);
size_t plan_shm_files(const struct profile *profile);
int plan_shm_list(struct plan *plan, const struct profile *profile,
		  const struct plan_host_facts *facts) must_check;

#endif /* VFIO_RUN_PLAN_SHM_H */
