/* SPDX-License-Identifier: GPL-2.0-or-later */
/* at-boot.h - where `detach --at-boot` writes which devices go to vfio-pci: rules of udev's */
#ifndef VFIO_RUN_AT_BOOT_RULES_H
#define VFIO_RUN_AT_BOOT_RULES_H

#define AT_BOOT_RULES "etc/udev/rules.d/10-vfio-run.rules" /* below the root */

#endif /* VFIO_RUN_AT_BOOT_RULES_H */
