/* SPDX-License-Identifier: GPL-2.0-or-later */
/* denial.h - has AppArmor denied a program something? */
#ifndef VFIO_RUN_HOST_DENIAL_H
#define VFIO_RUN_HOST_DENIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool host_denial(const char *program, uint64_t since_us, char *buf, size_t size);

#endif /* VFIO_RUN_HOST_DENIAL_H */
