/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * new-card.c - which graphics card a new VM gets
 *
 * Only one that a plan would take: each is asked what --dry-run asks of a profile with it, so a profile
 * that is written here is not refused there for its card.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/base/pci-address.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/new/new.h"
#include "launcher/host/devices/card.h"
#include "launcher/host/kernel/machine.h"
#include "launcher/plan/checks/checks.h"

/* Why not, with what to do, in the words of the rows. Without an IOMMU nothing is known of groups. */
static bool can_go(struct host *h, const struct host_device *card, char why[NEW_WHY_MAX])
{
	struct check_results results = { 0 };
	bool good = !host_has_iommu(h) || checks_can_go(h, card, host_card_sound(h, card), &results);

	(void)snprintf(why, NEW_WHY_MAX, "what it needs cannot be worked out");
	for (size_t i = results.count; i-- > 0;)
		if (results.item[i].state == CHECK_FAILED)
			(void)snprintf(why, NEW_WHY_MAX, "%s%s%s", results.item[i].detail,
				       results.item[i].remedy ? "; " : "",
				       results.item[i].remedy ? results.item[i].remedy : "");
	check_results_fini(&results);
	return good;
}

static void say_card(struct host *h, const struct host_device *d)
{
	char name[128], quoted[256];

	log_error("  --gpu %s   %s", d->name,
		  log_quote(host_device_short(h, d, name, sizeof(name)), quoted, sizeof(quoted)));
}

static int which_card(struct host *h, const struct host_devices *cards)
{
	char why[NEW_WHY_MAX];

	log_error("this machine has several graphics cards that a guest can have: which one is it?");
	for (size_t i = 0; i < cards->count; i++)
		if (can_go(h, cards->item[i], why))
			say_card(h, cards->item[i]);
	return EXIT_HOST;
}

/* What a server's board has for its remote console: ASPEED, Matrox G200. Source: pci.ids */
static bool is_console(const struct host_device *d)
{
	return d->vendor == 0x1a03 || d->vendor == 0x102b;
}

static size_t count_whole(const struct host_devices *cards)
{
	size_t count = 0;

	for (size_t i = 0; i < cards->count; i++)
		count += !host_device_is_virtual(cards->item[i]) && !is_console(cards->item[i]);
	return count;
}

/* Of several cards the one that the host started on is the host's; its remote console always is. */
static bool is_hosts(const struct host_devices *cards, const struct host_device *d)
{
	return is_console(d) || (d->boot_vga && count_whole(cards) > 1);
}

/* Return: how many of these can go; @vm has the last of them, or why not */
static size_t look_at(struct host *h, const struct host_devices *cards, bool virtual, struct new_vm *vm)
{
	size_t good = 0;
	char why[NEW_WHY_MAX];

	for (size_t i = 0; i < cards->count; i++) {
		const struct host_device *d = cards->item[i];

		if (host_device_is_virtual(d) != virtual || is_hosts(cards, d))
			continue;
		if (can_go(h, d, why)) {
			vm->card = d;
			good++;
		} else if (!vm->refused) {
			vm->refused = d;
			(void)snprintf(vm->why, sizeof(vm->why), "%s", why);
		}
	}
	return good;
}

/* The only one that can go; virtual functions (SR-IOV) come after whole cards: they are gone with a reboot. */
static int choose_card(struct host *h, const struct host_devices *cards, struct new_vm *vm)
{
	size_t good = look_at(h, cards, false, vm);

	if (!good)
		good = look_at(h, cards, true, vm);
	if (good)
		vm->refused = NULL;
	if (good <= 1)
		return 0;
	vm->card = NULL;
	return which_card(h, cards);
}

static int take_card(struct host *h, const char *wanted, const struct host_devices *cards, struct new_vm *vm)
{
	struct pci_address address;
	char why[NEW_WHY_MAX];

	if (!pci_address_parse(wanted, &address)) {
		log_error("--gpu %s: expected an address, such as 01:00.0", cli_shown(wanted));
		return EXIT_BAD_USE;
	}
	for (size_t i = 0; i < cards->count; i++)
		if (pci_address_compare(&cards->item[i]->address, &address) == 0)
			vm->card = cards->item[i];
	if (vm->card && can_go(h, vm->card, why))
		return 0;
	if (vm->card)
		log_error("--gpu %s: no guest can have it: %s", cli_shown(wanted), why);
	else
		log_error("--gpu %s: there is no graphics card; `vfio-run list gpu` shows those that there are",
			  cli_shown(wanted));
	return EXIT_HOST;
}

/**
 * new_find_card() - the card that was asked for, or the one to take
 * @vm:	receives it, its name and its sound, or what is in the way; the devices are the snapshot's
 *
 * Return: 0, also for none; or an exit code, reported
 */
int new_find_card(const struct cli *cli, struct host *h, struct new_vm *vm)
{
	struct host_devices all;
	struct host_machine m;
	size_t cards = 0;
	int code, rc;

	if (!host_machine(h, &m) && m.foreign) {
		log_error(PLAN_FOREIGN "; " PLAN_FOREIGN_REMEDY, m.foreign);
		return EXIT_HOST;
	}
	rc = host_all(h, &all);
	if (rc) {
		log_error("the host's devices cannot be read: %s", strerror(-rc));
		return EXIT_HOST;
	}
	for (size_t i = 0; i < all.count; i++)
		if (host_device_is_display(all.item[i]))
			all.item[cards++] = all.item[i];
	all.count = cards;
	code = cli->gpu ? take_card(h, cli->gpu, &all, vm) : choose_card(h, &all, vm);
	vm->no_iommu = vm->card && !host_has_iommu(h);
	if (vm->card || vm->refused)
		(void)host_device_short(h, vm->card ? vm->card : vm->refused, vm->card_name, sizeof(vm->card_name));
	if (vm->card)
		vm->sound = host_card_sound(h, vm->card);
	vm->desktop = vm->card && !host_device_is_virtual(vm->card) &&
		      (count_whole(&all) == 1 || vm->card->boot_vga);
	host_devices_fini(&all);
	return code;
}
