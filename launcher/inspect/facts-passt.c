/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-passt.c - the check "passt": does passt speak for the guest, or QEMU itself? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/hardware.h"
#include "launcher/cli.h"
#include "launcher/host/kernel/denial.h"
#include "launcher/host/qemu/passt.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/inspect/facts-files.h"
#include "launcher/inspect/looking.h"

/* Of all cards with mode = user; the first one's place is for messages. */
struct user_cards {
	size_t count, forwards;
	const struct profile_pos *pos;
};

static struct user_cards find_cards(const struct profile *p)
{
	struct user_cards all = { .count = 0 };

	for (size_t i = 0; i < p->net_count; i++) {
		if (p->net[i].mode != PROFILE_NET_USER)
			continue;
		all.pos = all.pos ? all.pos : &p->net[i].pos;
		all.count++;
		all.forwards += p->net[i].forward_count;
	}
	return all;
}

static void remark(const struct looking *l, const struct profile_pos *pos, const char *remedy,
		   const char *why)
{
	check_add(l->results, "passt", CHECK_OK, remedy,
		  "%s: QEMU itself is on the host's network for the guest: %s", opened_place(l->o, pos),
		  why);
}

static bool is_good(const struct looking *l, const struct user_cards *cards)
{
	uint64_t since_us = hardware_now();
	struct host_passt passt;
	char why[1024], denial[512];
	int r = host_passt(&l->f->user, l->f->passt, &passt);

	if (r || passt.error) {
		bool denied = host_denial("passt", since_us, denial, sizeof(denial)) ||
			      host_denial("passt.avx2", since_us, denial, sizeof(denial));

		(void)snprintf(why, sizeof(why), "%s does not start as user %s%s%s%s%s", l->f->passt,
			       l->f->user.name, *passt.said || r ? ": " : "",
			       r ? strerror(-r) : passt.said, denied ? "; " : "", denied ? denial : "");
		remark(l, cards->pos, "`passt -f` as that user shows why", why);
		return false;
	}
	if (!cards->forwards || passt.recent)
		return true;
	(void)snprintf(why, sizeof(why), "%s is older than 2025, and such ones have crashed at the first "
		       "connection to a forwarded port", l->f->passt);
	remark(l, cards->pos, "install a newer one, or leave it so", why);
	return false;
}

/**
 * facts_find_passt() - the passt that speaks for cards with mode = user; not having one is no error
 * @f:		its user is known; receives it
 *
 * Return: 0 or EXIT_HOST, out of memory
 */
int facts_find_passt(const struct opened_profile *o, struct host *host, struct facts *f,
		     struct check_results *results)
{
	const struct looking l = { o, host, f, results };
	const struct profile *p = o->profile;
	struct user_cards cards = find_cards(p);
	int r;

	if (!cards.count || (geteuid() && geteuid() != f->user.uid))
		return 0;
	r = host_qemu_find("passt", &f->passt);
	if (r)
		return r == -ENOMEM ? EXIT_HOST : 0;
	if (cards.count + p->has_tpm + p->share_count > KEEPER_QEMU_SERVED_MAX)
		return 0;
	f->plan.passt = is_good(&l, &cards) ? f->passt : NULL;
	return 0;
}
