/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hyperv.h - the Hyper-V enlightenments: which of them QEMU and KVM have */
#ifndef VFIO_RUN_HOST_HYPERV_H
#define VFIO_RUN_HOST_HYPERV_H

#include <stddef.h>

#include "launcher/host/user/user.h"

struct hyperv_feature {
	const char *name;  /* as a property of a CPU: "hv-relaxed" */
	const char *needs; /* another one; it stands before this one. NULL: none */
	const char *value; /* what it is set to */
	bool every_kvm;    /* QEMU 7.2 and KVM of Linux 5.12 have it on every processor */
};

/* A set of them is a mask: bit N is hyperv_features[N]. */
extern const struct hyperv_feature hyperv_features[];
extern const size_t hyperv_feature_count;

unsigned int hyperv_of_every_kvm(void);
unsigned int hyperv_with_needs(unsigned int mask);
int host_qemu_hyperv(const char *path, const struct host_user *user, unsigned int *mask) must_check;

#endif /* VFIO_RUN_HOST_HYPERV_H */
