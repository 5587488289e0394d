/* SPDX-License-Identifier: GPL-2.0-or-later */
/* at-boot.h - `vfio-run detach --at-boot` and `attach --at-boot` */
#ifndef VFIO_RUN_COMMANDS_AT_BOOT_H
#define VFIO_RUN_COMMANDS_AT_BOOT_H

#include <stddef.h>

#include "launcher/base/cleanup.h"

struct cli;
struct host;
struct pci_address;
struct plan;

int at_boot_check_use(const struct cli *cli) must_check;
int at_boot_detach(const struct cli *cli, const struct plan *plan, struct host *host);
int at_boot_attach(const struct cli *cli, const struct pci_address *address, size_t count);

#endif /* VFIO_RUN_COMMANDS_AT_BOOT_H */
