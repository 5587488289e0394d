/* SPDX-License-Identifier: GPL-2.0-or-later */
/* setup.h - `vfio-run setup`: what its files share */
#ifndef VFIO_RUN_COMMANDS_SETUP_H
#define VFIO_RUN_COMMANDS_SETUP_H

#include "launcher/plan/checks/checks.h"
#include "launcher/setup/setup.h"

struct cli;
struct profile;

/* What the host lacks: what there are steps for, and which failed checks are left to its owner. */
struct setup_lack {
	struct setup_need need[SETUP_NEEDS_MAX];
	size_t need_count;
	const struct check_result *hand[64]; /* borrowed from the results */
	size_t hand_count;
	struct setup_need extra[SETUP_NEEDS_MAX]; /* packages that a profile could ask for */
	size_t extra_count;
};

void setup_find_lack(struct host *host, const struct check_results *results,
		     const struct profile *profile, struct setup_lack *out);
bool setup_mends(const char *check);
bool setup_is_ready(const struct setup_lack *lack);
void setup_print(const struct cli *cli, const struct setup_plan *plan, const struct setup_plan *extra,
		 const struct setup_lack *lack);
void setup_print_steps(const struct setup_plan *plan);
int setup_take_steps(const struct setup_plan *plan);
void setup_print_json(const struct setup_plan *plan, const struct setup_plan *extra,
		      const struct setup_lack *lack);

#endif /* VFIO_RUN_COMMANDS_SETUP_H */
