/* SPDX-License-Identifier: GPL-2.0-or-later */
/* try-jail.h - the check "jail": QEMU's jail is built, entered, and taken away */
#ifndef VFIO_RUN_TRY_JAIL_H
#define VFIO_RUN_TRY_JAIL_H

struct check_results;
struct cli;
struct host_user;
struct plan;

void try_jail(const struct cli *cli, const struct host_user *user, struct plan *plan, struct check_results *results);

#endif /* VFIO_RUN_TRY_JAIL_H */
