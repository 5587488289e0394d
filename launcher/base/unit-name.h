/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unit-name.h - what systemd calls the units of a VM */
#ifndef VFIO_RUN_UNIT_NAME_H
#define VFIO_RUN_UNIT_NAME_H

#define UNIT_NAME_MAX 256

void unit_name(const char *name, const char *end, char buf[UNIT_NAME_MAX]);

#endif /* VFIO_RUN_UNIT_NAME_H */
