/* SPDX-License-Identifier: GPL-2.0-or-later */
/* profile-names.h - the names of the profiles in the usual places */
#ifndef VFIO_RUN_COMMANDS_PROFILE_NAMES_H
#define VFIO_RUN_COMMANDS_PROFILE_NAMES_H

#include <stddef.h>

#include "launcher/host/user/user.h"

#define PROFILE_NAMES_MAX 24 /* of a directory; more are not listed */

struct profile_names {
	size_t count;
	char name[2 * PROFILE_NAMES_MAX][33]; /* sorted */
};

void profile_names(const struct host_user *invoker, struct profile_names *out);

#endif /* VFIO_RUN_COMMANDS_PROFILE_NAMES_H */
