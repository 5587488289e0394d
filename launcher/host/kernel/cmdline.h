/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmdline.h - the kernel's command line and modprobe.d, as kernel and kmod parse them */
#ifndef VFIO_RUN_HOST_CMDLINE_H
#define VFIO_RUN_HOST_CMDLINE_H

#include "launcher/host/host.h"
#include "launcher/host/kernel/machine.h"

#define HOST_PLACE_MAX 256 /* "the kernel's command line (/etc/default/grub, line 6)" */

/* The command line's settings of the IOMMU. */
struct host_iommu_words {
	bool asked;		    /* intel_iommu= ends with on: it is needed where that is not the default */
	char off[96];		    /* what switches it off: "iommu=off", "off of iommu=pt,off"; "" nothing */
	char place[HOST_PLACE_MAX]; /* where that stands */
};

void host_iommu_words(struct host *h, enum host_cpu cpu, struct host_iommu_words *out);

/* Called for each value that a module's parameter is given, the one that counts last. */
typedef int (*host_option_fn)(void *context, const char *value, const char *place);
int host_module_options(struct host *h, const char *module, const char *parameter, host_option_fn fn,
			void *context) must_check;
const char *host_module_places(struct host *h, const char *module, const char *parameter, char *buf,
			       size_t size);

#endif /* VFIO_RUN_HOST_CMDLINE_H */
