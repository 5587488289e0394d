/* SPDX-License-Identifier: GPL-2.0-or-later */
/* boot.h - the guest's boot order: disks, CDs and PCI devices. Inside launcher/plan only. */
#ifndef VFIO_RUN_PLAN_BOOT_H
#define VFIO_RUN_PLAN_BOOT_H

#include <stddef.h>

struct plan;
struct profile;

/* The sections that can have a place in the boot order. */
enum boot_kind { BOOT_DISK, BOOT_CDROM, BOOT_DEVICE, BOOT_USB };

unsigned int plan_boot_index(const struct plan *plan, const struct profile *profile,
			     enum boot_kind kind, size_t index);
void plan_boot_devices(struct plan *plan, const struct profile *profile);

#endif /* VFIO_RUN_PLAN_BOOT_H */
