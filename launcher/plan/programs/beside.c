/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * beside.c - the programs that a profile asks for beside QEMU: a row each, with its arguments and files
 *
 * One that serves QEMU is connected with it by descriptors alone, and sees in its jail what it serves
 * and nothing else of the user's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/plan/argv.h"
#include "launcher/plan/programs/beside.h"
#include "launcher/plan/programs/jail-paths.h"
#include "profiles/profile.h"

#define OWN_FD 3 /* a program's first channel */

/* clang-format off */
/* Its state is in the guest: without it QEMU goes on, and cannot reset the guest any more. */
static const struct keeper_program swtpm = {
	.role = "swtpm",
	.jail = KEEPER_JAIL_BESIDE,
	.ready = KEEPER_READY_BUILT,
	.after = KEEPER_AFTER_PLACED,
	.on_death = KEEPER_DEATH_NO_RESET,
	.log = KEEPER_LOG_OUTPUT,
	.channel_count = 1,
	.channel = { KEEPER_CHANNEL_SERVES },
	.filter = KEEPER_FD_FILTER_BESIDE,
};
/* What the guest has open there is lost to it, and nothing else. */
static const struct keeper_program virtiofsd = {
	.role = "share-1",
	.jail = KEEPER_JAIL_PROC,
	.ready = KEEPER_READY_BUILT,
	.after = KEEPER_AFTER_PLACED,
	.on_death = KEEPER_DEATH_WARN,
	.log = KEEPER_LOG_OUTPUT,
	.channel_count = 1,
	.channel = { KEEPER_CHANNEL_ACCEPTS },
};
/* A guest without its network goes on: to it, its cable was pulled. */
static const struct keeper_program passt = {
	.role = "passt-1",
	.jail = KEEPER_JAIL_NETWORK,
	.ready = KEEPER_READY_BUILT,
	.after = KEEPER_AFTER_PLACED,
	.on_death = KEEPER_DEATH_WARN,
	.log = KEEPER_LOG_OUTPUT,
	.channel_count = 1,
	.channel = { KEEPER_CHANNEL_SERVES },
};
/* The user can close it at any time; what it becomes is ended with the VM. */
static const struct keeper_program of_user = {
	.role = "program-1",
	.descriptor = KEEPER_FD_SESSION,
	.jail = KEEPER_JAIL_USER,
	.ready = KEEPER_READY_STARTED,
	.after = KEEPER_AFTER_GUEST,
	.on_death = KEEPER_DEATH_IGNORE,
	.log = KEEPER_LOG_TERMINAL,
};
/* clang-format on */

static void free_one(struct plan_beside *b)
{
	argv_free(b->argv);
	argv_free(b->env);
}

/** plan_beside_fini() - free them */
void plan_beside_fini(struct plan *plan)
{
	for (size_t i = 0; i < plan->beside_count; i++)
		free_one(&plan->beside[i]);
	free(plan->beside);
	free(plan->tpm_state);
	plan->beside = NULL;
	plan->beside_count = 0;
	plan->tpm_state = NULL;
}

static bool serves(const struct keeper_program *row)
{
	for (uint32_t i = 0; i < row->channel_count; i++)
		if (row->channel[i] == KEEPER_CHANNEL_SERVES ||
		    row->channel[i] == KEEPER_CHANNEL_ACCEPTS)
			return true;
	return false;
}

/**
 * plan_served_fd() - QEMU's descriptor of what serves it
 * @number:	among those that do, from 0
 */
int plan_served_fd(const struct plan *plan, size_t number)
{
	size_t served = 0;

	for (size_t i = 0; i < plan->beside_count; i++)
		served += serves(&plan->beside[i].row);
	return KEEPER_QEMU_NETS_FD + (int)(plan->channel_count - served + number);
}

static void plain_environment(struct argv *env)
{
	argv_add(env, "LC_ALL=C.UTF-8");
	argv_add(env, "PATH=/usr/bin:/bin");
	argv_add(env, "HOME=/");
}

/* What holds when the user has no session. */
static void user_environment(struct argv *env, const struct plan_host_facts *facts)
{
	char text[512];

	argv_add(env, "PATH=/usr/local/bin:/usr/bin:/bin");
	(void)snprintf(text, sizeof(text), "HOME=%s", facts->home ? facts->home : "/");
	argv_add(env, text);
	(void)snprintf(text, sizeof(text), "USER=%s", facts->user ? facts->user : "");
	argv_add(env, text);
	(void)snprintf(text, sizeof(text), "LOGNAME=%s", facts->user ? facts->user : "");
	argv_add(env, text);
}

/* @given: its environment, NULL: the plain one. Return: the number of its row; 0: -ENOMEM, and both are freed */
static unsigned int add(struct plan *plan, const struct keeper_program *row, struct argv *argv,
			struct argv *given)
{
	struct argv env = given ? *given : (struct argv){ 0 };
	struct plan_beside *bigger =
		reallocarray(plan->beside, plan->beside_count + 1, sizeof(*bigger)), *b;

	if (bigger)
		plan->beside = bigger;
	if (!bigger) {
		argv_fini(argv);
		argv_fini(&env);
		return 0;
	}
	b = &bigger[plan->beside_count];
	*b = (struct plan_beside){ .row = *row };
	if (!given)
		plain_environment(&env);
	if (argv_finish(argv, &b->argv) | argv_finish(&env, &b->env)) {
		free_one(b);
		return 0;
	}
	if (serves(row) && plan->channel_count < ARRAY_SIZE(plan->channel))
		plan->channel[plan->channel_count++] = KEEPER_CHANNEL_SERVED;
	plan->beside_count++;
	return PLAN_BESIDE_FIRST + (unsigned int)plan->beside_count - 1;
}

/* Without a limit for the mode it would make its files readable to the group. */
static int add_tpm(struct plan *plan, const struct plan_host_facts *facts)
{
	struct argv argv = { 0 };
	unsigned int number;

	if (asprintf(&plan->tpm_state, "%s/.local/state/vfio-run/%s/tpm",
		     facts->home ? facts->home : "/", plan->name) < 0) {
		plan->tpm_state = NULL;
		return -ENOMEM;
	}
	argv_add(&argv, facts->swtpm);
	argv_add(&argv, "socket");
	argv_add(&argv, "--tpm2");
	argv_option(&argv, "--tpmstate", "dir=%s,mode=0600", plan->tpm_state);
	argv_option(&argv, "--ctrl", "type=unixio,clientfd=%d", OWN_FD);
	argv_add(&argv, "--terminate");
	number = add(plan, &swtpm, &argv, NULL);
	return number ? jail_add_path(&plan->jail, number, plan->tpm_state, true, false) : -ENOMEM;
}

/*
 * In a jail that holds the directory alone it needs no sandbox of its own, and that of QEMU cannot do
 * without: it is root in a user namespace for that. Each puts its own filter on. Whether the guest may
 * write is the jail's matter, as not every version can be told.
 */
static int add_share(struct plan *plan, const struct plan_host_facts *facts,
		     const struct profile_share *share, size_t i)
{
	struct keeper_program row = virtiofsd;
	struct argv argv = { 0 };
	unsigned int number;

	(void)snprintf(row.role, sizeof(row.role), "share-%u", (unsigned int)i + 1);
	argv_add(&argv, facts->virtiofsd);
	argv_option(&argv, "--fd=3", "--rlimit-nofile=0");
	if (facts->virtiofsd_of_qemu) {
		row.jail = KEEPER_JAIL_USERS;
		argv_add(&argv, "-f");
		argv_option(&argv, "-o", "source=%s", share->path);
		argv_option(&argv, "-o", "sandbox=chroot");
		argv_option(&argv, "-o", "log_level=warn");
	} else {
		argv_option(&argv, "--sandbox=none", "--shared-dir=%s", share->path);
		argv_add(&argv, "--log-level=warn");
	}
	number = add(plan, &row, &argv, NULL);
	if (!number)
		return -ENOMEM;
	return jail_add_path(&plan->jail, number, share->path, !share->readonly, false);
}

/* "2222:22,8080:80", or "none": without the option it would forward what it likes. */
static void put_ports(struct argv *argv, const char *option, const struct profile_net *net, bool udp)
{
	char *text = NULL;
	size_t size, count = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f) {
		argv->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < net->forward_count; i++)
		if (net->forward[i].udp == udp)
			(void)fprintf(f, "%s%u:%u", count++ ? "," : "", net->forward[i].host_port,
				      net->forward[i].guest_port);
	if (fclose(f))
		argv->error = -ENOMEM;
	else
		argv_option(argv, option, "%s", count ? text : "none");
	free(text);
}

/**
 * plan_user_nets_before() - how many cards with mode = user stand before one of them
 * @i:		its number among profile->net
 *
 * Each of them has a network of its own: a guest with two cards in the same one answers through the first what
 * has come in by the second.
 */
unsigned int plan_user_nets_before(const struct profile *profile, size_t i)
{
	unsigned int count = 0;

	for (size_t k = 0; k < i; k++)
		count += profile->net[k].mode == PROFILE_NET_USER;
	return count;
}

static bool has_passt(const struct profile_net *net, const struct plan_host_facts *facts)
{
	return facts->passt && net->mode == PROFILE_NET_USER;
}

/* The first card has the host's own address, which is passt's default; no other one can have it too. */
static void put_address(struct argv *argv, const struct profile *profile, size_t i)
{
	unsigned int before = plan_user_nets_before(profile, i);

	if (!before)
		return;
	argv_option(argv, "--address", PLAN_USER_NET ".15", PLAN_USER_NET_FIRST + before);
	argv_option(argv, "--netmask", "24");
	argv_option(argv, "--gateway", PLAN_USER_NET ".2", PLAN_USER_NET_FIRST + before);
}

/* It puts itself into an empty root and under a filter, for which it needs to be let alone. */
static int add_net(struct plan *plan, const struct plan_host_facts *facts,
		   const struct profile *profile, size_t i)
{
	const struct profile_net *net = &profile->net[i];
	struct keeper_program row = passt;
	struct argv argv = { 0 };

	(void)snprintf(row.role, sizeof(row.role), "passt-%u", (unsigned int)i + 1);
	argv_add(&argv, facts->passt);
	argv_add(&argv, "--foreground");
	argv_add(&argv, "--quiet");
	argv_option(&argv, "--fd", "%d", OWN_FD);
	put_address(&argv, profile, i);
	put_ports(&argv, "--tcp-ports", net, false);
	put_ports(&argv, "--udp-ports", net, true);
	return add(plan, &row, &argv, NULL) ? 0 : -ENOMEM;
}

/**
 * plan_passt_fd() - QEMU's descriptor of the passt of a network card
 * @i:		its number among profile->net
 *
 * Return: -1: it has none
 */
int plan_passt_fd(const struct plan *plan, const struct profile *profile,
		  const struct plan_host_facts *facts, size_t i)
{
	size_t number = (plan->tpm_state != NULL) + (facts->virtiofsd ? profile->share_count : 0);

	if (!has_passt(&profile->net[i], facts))
		return -1;
	for (size_t k = 0; k < i; k++)
		number += has_passt(&profile->net[k], facts);
	return plan_served_fd(plan, number);
}

static int add_program(struct plan *plan, const struct plan_host_facts *facts,
		       const struct profile_program *program, size_t i)
{
	struct keeper_program row = of_user;
	struct argv argv = { 0 }, env = { 0 };

	(void)snprintf(row.role, sizeof(row.role), "program-%u", (unsigned int)i + 1);
	argv_add(&argv, "session");
	argv_add(&argv, program->run);
	for (size_t k = 0; k < program->argument.count; k++)
		argv_add(&argv, program->argument.item[k].text);
	user_environment(&env, facts);
	return add(plan, &row, &argv, &env) ? 0 : -ENOMEM;
}

/**
 * plan_beside() - fill the plan's list of them, QEMU's channels to them, and their files
 * @plan:	its name and the channels of its network cards are there
 *
 * Return: 0 or -ENOMEM
 */
int plan_beside(struct plan *plan, const struct profile *profile,
		const struct plan_host_facts *facts)
{
	int r = profile->has_tpm && facts->swtpm ? add_tpm(plan, facts) : 0;

	for (size_t i = 0; i < profile->share_count && facts->virtiofsd && !r; i++)
		r = add_share(plan, facts, &profile->share[i], i);
	for (size_t i = 0; i < profile->net_count && !r; i++)
		if (has_passt(&profile->net[i], facts))
			r = add_net(plan, facts, profile, i);
	for (size_t i = 0; i < profile->program_count && !r; i++)
		r = add_program(plan, facts, &profile->program[i], i);
	return r;
}
