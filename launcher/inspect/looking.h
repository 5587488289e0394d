/* SPDX-License-Identifier: GPL-2.0-or-later */
/* looking.h - inside the check "files": what its parts work on, and how they report errors */
#ifndef VFIO_RUN_LOOKING_H
#define VFIO_RUN_LOOKING_H

#include "launcher/host/user/as-user.h"
#include "launcher/inspect/facts.h"
#include "profiles/profile.h"

struct looking {
	const struct opened_profile *o;
	struct host *host;
	struct facts *f;
	struct check_results *results;
};

int looking_wrong(const struct looking *l, const struct profile_pos *pos, const char *path,
		  const char *remedy, const char *what);
int looking_at_image(const struct looking *l, const struct profile_pos *pos, const char *path,
		     bool writable, struct as_user_file *file) must_check;
int looking_at_chain(const struct looking *l, const struct profile_pos *pos, const char *path) must_check;
int looking_at_lock(const struct looking *l, const struct profile_pos *pos, const char *path,
		    bool writable) must_check;
int looking_at_smc(const struct looking *l) must_check;
int looking_at_table(const struct looking *l, const struct profile_text *table) must_check;
int looking_at_rom(const struct looking *l, const struct profile_device *d) must_check;

int facts_need_device(const struct looking *l, const struct profile_pos *pos, const char *device,
		      const char *remedy) must_check;

#endif /* VFIO_RUN_LOOKING_H */
