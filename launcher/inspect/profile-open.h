/* SPDX-License-Identifier: GPL-2.0-or-later */
/* profile-open.h - from a word of the command line to a profile that may be trusted */
#ifndef VFIO_RUN_PROFILE_OPEN_H
#define VFIO_RUN_PROFILE_OPEN_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/user/user.h"
#include "profiles/profile.h"

struct cli;

struct opened_profile {
	char path[PATH_MAX];
	struct profile *profile; /* owned: profile_free() */
	bool of_root;		 /* only root can change it: it may hold what a user's may not */
	bool has_invoker;	 /* a user invoked sudo, or the caller is not root */
	struct host_user invoker;
};

/* Where something stands, as messages begin with it; as long as the block in which it is used. */
#define opened_place(o, pos)                                                                       \
	profile_place((o)->path, (pos), (char[PATH_MAX + PROFILE_PLACE_MAX]){ "" },                \
		      PATH_MAX + PROFILE_PLACE_MAX)

int profile_open(const struct cli *cli, const char *word, struct opened_profile *out) must_check;
int profile_find(const struct cli *cli, const char *word, struct opened_profile *out) must_check;
bool profile_is_path(const char *word);

#endif /* VFIO_RUN_PROFILE_OPEN_H */
