/* SPDX-License-Identifier: GPL-2.0-or-later */
/* detach.c - `vfio-run detach` and `attach`: devices that stay on vfio-pci, and giving them back */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/handover/allowed.h"
#include "launcher/commands/setup/at-boot.h"
#include "launcher/commands/commands.h"
#include "launcher/inspect/invoker.h"
#include "launcher/commands/handover/keeper-job.h"
#include "launcher/commands/handover/leftovers.h"
#include "launcher/inspect/profile-open.h"
#include "launcher/host/host.h"
#include "launcher/host/holders/vms.h"
#include "launcher/plan/plan.h"
#include "profiles/profile.h"

/* The addresses that the words stand for: of devices, or of the devices of profiles. */
struct addresses {
	struct pci_address *item;
	size_t count;
	bool of_user; /* some are not from a profile of root's */
};

static int add_address(struct addresses *a, const struct pci_address *address)
{
	struct pci_address *bigger = reallocarray(a->item, a->count + 1, sizeof(*bigger));

	if (!bigger)
		return EXIT_HOST;
	a->item = bigger;
	a->item[a->count++] = *address;
	return 0;
}

/* A detach by profile moves what the profile names by address. */
static int add_profile(const struct cli *cli, const char *word, struct addresses *a)
{
	struct opened_profile o;
	int code = profile_open(cli, word, &o);

	if (!code) {
		log_notice("%s", o.path);
		a->of_user |= !o.of_root;
	}
	if (!code && !o.profile->device_count) {
		log_error("%s names no device: there is nothing to %s", o.path, cli->command->name);
		code = EXIT_BAD_USE;
	}
	for (size_t i = 0; !code && i < o.profile->device_count; i++) {
		const struct profile_device_name *n = &o.profile->device[i].device;

		if (n->by_id) {
			log_error("%s: device = %s: name it by its address for this command", o.path, n->text);
			code = EXIT_BAD_USE;
		} else if (o.profile->device[i].vf) { /* not the physical one, whose address this is */
			log_error("%s: device = %s, vf = %u: name the virtual function by its address for "
				  "this command, once it is there", o.path, n->text, o.profile->device[i].vf);
			code = EXIT_BAD_USE;
		} else {
			code = add_address(a, &n->address);
		}
	}
	if (!code || o.profile)
		profile_free(o.profile);
	return code;
}

static int add_words(const struct cli *cli, struct addresses *a)
{
	int code = 0;

	for (int i = 0; !code && i < cli->word_count; i++) {
		struct pci_address address;

		if (pci_address_parse(cli->word[i], &address)) {
			code = add_address(a, &address);
			a->of_user = true;
		} else {
			code = add_profile(cli, cli->word[i], a);
		}
	}
	return code;
}

/* Root without an invoking user has no limits. */
static int check_allowed(const struct addresses *a, const struct plan *plan)
{
	struct host_user user;
	bool found = false;
	int code = a->of_user ? invoker_find(&user, &found) : 0;

	return code || !found ? code : allowed_check(&user, NULL, NULL, NULL, plan);
}

/* Another user than the one behind sudo gets nothing of what that one may take. */
static int find_owner(const struct cli *cli, struct plan *plan)
{
	struct host_user user, invoker;
	bool found = false;
	int code, rc;

	if (!cli->for_what || !plan)
		return 0;
	rc = host_user_named(cli->for_what, &user);
	if (rc) {
		log_error("--for %s: %s", cli_shown(cli->for_what),
			  rc == -ESRCH   ? "there is no such user"
			  : rc == -EPERM ? "root can open the node already"
					 : strerror(-rc));
		return EXIT_BAD_USE;
	}
	code = invoker_find(&invoker, &found);
	if (!code && found && invoker.uid != user.uid) {
		log_error("--for %s: %s can have devices for itself only; root itself decides for others",
			  user.name, invoker.name);
		code = EXIT_HOST;
	}
	plan->has_owner = !code;
	plan->owner = user.uid;
	return code;
}

static int do_detach(const struct cli *cli, const struct plan *plan, struct host *host)
{
	if (cli->dry_run)
		return job_show_plan(cli, plan, host);
	if (plan->change_count)
		return job_show(cli, plan, KEEPER_DETACH);
	log_notice("nothing to do: already on a vfio driver%s",
		   plan->has_owner ? "; `vfio-run attach` first, and the node can be given to a user" : "");
	return 0;
}

static int detach(const struct cli *cli, const struct addresses *a, struct host *host)
{
	struct check_results results = { .count = 0 };
	struct plan *plan = NULL;
	int rc = plan_select_detach(host, a->item, a->count, &plan);
	const struct checks_request request = { .scope = cli->at_boot	? CHECKS_AT_BOOT
							 : cli->dry_run ? CHECKS_PLAN
									: CHECKS_START,
						.host = host,
						.plan = plan,
						.contained = cli->contained };
	int code = find_owner(cli, plan);

	if (!code)
		code = job_plan(plan, rc, &request, &results);
	check_results_fini(&results);
	if (!code)
		code = check_allowed(a, plan);
	if (!code)
		code = cli->at_boot ? at_boot_detach(cli, plan, host) : do_detach(cli, plan, host);
	plan_free(plan);
	return code;
}

/** command_detach() - hand devices to vfio-pci and leave them there; an exit code */
int command_detach(const struct cli *cli)
{
	struct addresses a = { .count = 0 };
	struct host *host = NULL;
	int code = cli->at_boot ? at_boot_check_use(cli) : 0, rc;

	if (!code)
		code = add_words(cli, &a);
	if (cli->dry_run)
		leftovers_say();
	else if (!code)
		code = job_needs_root(cli);
	if (!code && !cli->dry_run && !cli->at_boot)
		code = leftovers_revert(cli);
	if (!code) {
		rc = host_open(NULL, &host);
		if (!rc)
			rc = host_mark_all_stuck(host);
		code = rc ? EXIT_HOST : detach(cli, &a, host);
	}
	host_close(host);
	free(a.item);
	return code;
}

static int compare(const void *a, const void *b)
{
	return pci_address_compare(a, b);
}

/* A plan that names addresses and nothing else: attach takes the rest from its journals. */
static int attach(const struct cli *cli, struct addresses *a)
{
	struct host_device *host = calloc(a->count + 1, sizeof(*host));
	struct plan_device *device = calloc(a->count + 1, sizeof(*device));
	struct plan plan = { .device = device };
	int code = EXIT_HOST;

	if (host && device) {
		if (a->count)
			qsort(a->item, a->count, sizeof(*a->item), compare);
		for (size_t i = 0; i < a->count; i++) {
			if (i && !pci_address_compare(&a->item[i - 1], &a->item[i]))
				continue;
			host[i].address = a->item[i];
			device[plan.device_count++].host = &host[i];
		}
		code = job_show(cli, &plan, KEEPER_ATTACH);
	}
	free(host);
	free(device);
	return code;
}

/* What is detached on the host is not seen from here, and what is, is better given back there. */
static int refuse_contained(const struct cli *cli)
{
	const char *why = cli->contained || cli->dry_run ? NULL : plan_contained();

	if (!why)
		return 0;
	log_error("%s: " PLAN_CONTAINED_DANGER "; " PLAN_CONTAINED_REMEDY, why);
	return EXIT_HOST;
}

/** command_attach() - give back what `detach` took; an exit code */
int command_attach(const struct cli *cli)
{
	struct addresses a = { .count = 0 };
	int code = cli->at_boot ? at_boot_check_use(cli) : 0;

	if (!code)
		code = add_words(cli, &a);
	if (!code)
		code = job_needs_root(cli);
	if (!code && cli->at_boot) {
		code = at_boot_attach(cli, a.item, a.count);
		free(a.item);
		return code;
	}
	if (!code)
		code = refuse_contained(cli);
	if (!code && !cli->dry_run)
		code = leftovers_revert(cli);
	if (!code && cli->dry_run)
		leftovers_say();
	if (!code)
		code = attach(cli, &a);
	if (!code && cli->dry_run && !cli->json)
		log_notice("nothing was done");
	free(a.item);
	return code;
}
