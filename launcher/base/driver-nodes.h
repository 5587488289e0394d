/* SPDX-License-Identifier: GPL-2.0-or-later */
/* driver-nodes.h - nodes of a graphics card that its own directory of sysfs does not have */
#ifndef VFIO_RUN_DRIVER_NODES_H
#define VFIO_RUN_DRIVER_NODES_H

#include <stdbool.h>

#include "launcher/base/pci-address.h"

#define NVIDIA_MAJOR 195 /* Documentation/admin-guide/devices.txt */

bool driver_nodes_nvidia(int root, const char *name, unsigned int *minor);
bool driver_nodes_kfd(int root, const struct pci_address *device, unsigned int *cards);
bool driver_nodes_kfd_number(int root, unsigned int *major, unsigned int *minor);

#endif /* VFIO_RUN_DRIVER_NODES_H */
