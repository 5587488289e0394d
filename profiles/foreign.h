/* SPDX-License-Identifier: GPL-2.0-or-later */
/* foreign.h - files that are no profile, recognised by what is in them */
#ifndef VFIO_RUN_FOREIGN_H
#define VFIO_RUN_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "profiles/profile.h"

bool foreign_binary(const char *text, size_t size, struct profile_errors *errors);
bool foreign_text(const char *text, size_t size, struct profile_errors *errors);

#endif /* VFIO_RUN_FOREIGN_H */
