/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places.h - where the system keeps what is read: all absolute, and variables of the Makefile
 *
 * A distribution with other folders (NixOS: /run/current-system/sw) names its own there.
 */
#ifndef VFIO_RUN_PLACES_H
#define VFIO_RUN_PLACES_H

/* The administrator's profiles, and devices.allow. */
#ifndef VFIO_RUN_SYSCONFDIR
#define VFIO_RUN_SYSCONFDIR "/etc/vfio-run"
#endif

/* The emulator. PATH is the caller's, and is not read. RHEL has qemu-kvm in libexec. */
#ifndef VFIO_RUN_QEMU_DIRS
#define VFIO_RUN_QEMU_DIRS "/usr/bin", "/usr/local/bin", "/usr/libexec", "/usr/sbin"
#endif

/* Firmware descriptors of docs/interop/firmware.json; the first that has a name decides. */
#ifndef VFIO_RUN_FIRMWARE_DIRS
#define VFIO_RUN_FIRMWARE_DIRS "/etc/qemu/firmware", "/usr/share/qemu/firmware"
#endif

/* VFIO_RUN_PCI_IDS, the names of devices, has no default: libpci knows its own. */

#endif /* VFIO_RUN_PLACES_H */
