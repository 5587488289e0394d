/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rom.c - `vfio-run rom check` and `rom dump`: is a file a card's ROM; the ROM that a card has */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/handover/allowed.h"
#include "launcher/commands/handover/keeper-job.h"
#include "launcher/host/devices/rom-dump.h"
#include "launcher/host/holders/vms.h"
#include "launcher/host/host.h"
#include "launcher/inspect/invoker.h"
#include "launcher/inspect/profile-open.h"
#include "launcher/plan/plan.h"
#include "profiles/profile.h"

/* What a file is held against. */
struct card {
	bool given;
	bool uefi; /* the guest's firmware is */
	uint16_t vendor, device;
};

/* Who reads and writes files here: the user behind sudo, or whoever this is. */
static int find_reader(struct host_user *out, bool *invoked)
{
	int code = invoker_find(out, invoked);

	if (!code && !*invoked)
		*out = (struct host_user){ .name = "root" };
	return code;
}

static int say_file(const char *path, int error)
{
	log_error("%s: %s", path, strerror(-error));
	return EXIT_HOST;
}

static int say_missing(const char *address)
{
	log_error("no device at %s; `vfio-run list` shows the devices of this host", address);
	return EXIT_HOST;
}

static void print_rom(const char *path, const struct rom *rom, uint64_t bytes)
{
	(void)printf("%s: a ROM for %04x:%04x, %" PRIu64 " bytes, %s\n", path, rom->vendor,
		     rom->device, bytes,
		     rom->bios && rom->efi ? "for BIOS and UEFI"
		     : rom->efi            ? "for UEFI alone"
		     : rom->bios           ? "for BIOS alone"
					   : "for neither BIOS nor UEFI");
}

/* ---- check ------------------------------------------------------------------------------ */

/* The card of the profile's first [gpu] that can be found. */
static int card_of_profile(const struct cli *cli, const char *word, struct host *host,
			   struct card *out)
{
	struct opened_profile o;
	struct plan *plan = NULL;
	int code = profile_open(cli, word, &o), rc;

	if (code) {
		profile_free(o.profile);
		return code;
	}
	rc = plan_select(o.profile, host, NULL, &plan);
	for (size_t i = 0; !rc && !out->given && i < plan->wanted_count; i++) {
		const struct plan_wanted *w = &plan->wanted[i];

		if (w->named && plan->requested[w->section].gpu)
			*out = (struct card){ true, o.profile->firmware != PROFILE_FIRMWARE_BIOS,
					      w->host->vendor, w->host->device };
	}
	plan_free(plan);
	if (!out->given)
		log_error("%s: has no [gpu] whose card is here", o.path);
	profile_free(o.profile);
	return out->given ? 0 : EXIT_HOST;
}

static int find_card(const struct cli *cli, const char *word, struct card *out)
{
	const struct host_device *d;
	struct pci_address address;
	struct host *host = NULL;
	int code = 0, rc = host_open(NULL, &host);

	if (!rc)
		rc = host_mark_all_stuck(host);
	if (rc)
		code = say_file("/sys", rc);
	else if (!pci_address_parse(word, &address))
		code = card_of_profile(cli, word, host, out);
	else if (host_device(host, &address, &d))
		code = say_missing(word);
	else
		*out = (struct card){ true, false, d->vendor, d->device };
	host_close(host);
	return code;
}

static int compare(const char *path, const struct rom *rom, const struct card *card)
{
	if (card->uefi && !rom->efi)
		log_warning("%s: has no EFI image: UEFI shows nothing on this card before the "
			    "guest's own driver does", path);
	if (!card->given || (rom->vendor == card->vendor && rom->device == card->device))
		return 0;
	if (rom->vendor == card->vendor) {
		log_warning("%s: is for %04x:%04x, and the card is %04x:%04x: cards of one family "
			    "share ROMs, others do not", path, rom->vendor, rom->device,
			    card->vendor, card->device);
		return 0;
	}
	log_error("%s: is for %04x:%04x, and the card is %04x:%04x; " ROM_ANOTHER, path,
		  rom->vendor, rom->device, card->vendor, card->device);
	return EXIT_HOST;
}

static int check(const struct cli *cli)
{
	const char *path = cli->word[1];
	char what[256], remedy[256];
	struct card card = { .given = false };
	struct host_user user;
	struct rom rom;
	bool invoked;
	int code = find_reader(&user, &invoked), rc;

	if (!code && cli->word_count > 2)
		code = find_card(cli, cli->word[2], &card);
	if (code)
		return code;
	rc = host_rom(&user, path, &rom);
	if (rc || rom.error)
		return say_file(path, rc ? rc : rom.error);
	if (rom_words(&rom, what, sizeof(what), remedy, sizeof(remedy))) {
		log_error("%s: %s; %s", path, what, remedy);
		return EXIT_HOST;
	}
	print_rom(path, &rom, rom.bytes);
	return compare(path, &rom, &card);
}

/* ---- dump ------------------------------------------------------------------------------- */

/* Not while a driver uses it: to read a ROM can switch its other registers off. */
static int check_idle(const struct host_device *d)
{
	if (d->stuck || d->config_dead) {
		log_error("%s: does not answer", d->name);
		return EXIT_HOST;
	}
	if (!*d->driver || d->vfio)
		return 0;
	log_error("%s: is in use by %s; `vfio-run detach %s` first, and `vfio-run attach %s` after it",
		  d->name, d->driver, d->name, d->name);
	return EXIT_HOST;
}

static int say_unread(const struct host_device *d, int rc)
{
	switch (rc) {
	case -ELIBACC:
		break;
	case -EBUSY:
		log_error("%s: a VM has it open; end that first", d->name);
		break;
	case -ENOENT:
		log_error("%s: has no ROM of its own", d->name);
		break;
	case -EIO:
	case -EINVAL:
		log_error("%s: what it shows as its ROM is none; after a start of the host in which "
			  "the card was not the first one it often is", d->name);
		break;
	default:
		log_error("%s: its ROM cannot be read: %s", d->name, strerror(-rc));
	}
	return EXIT_HOST;
}

static int keep(const struct host_user *user, const struct host_device *d, int fd, const char *path)
{
	char what[256], remedy[256];
	struct rom rom;
	int rc = host_rom_keep(user, fd, path, &rom);

	if (rc || rom.error)
		return say_file(path, rc ? rc : rom.error);
	if (rom_words(&rom, what, sizeof(what), remedy, sizeof(remedy))) {
		log_error("%s: its ROM %s; nothing was written", d->name, what);
		return EXIT_HOST;
	}
	print_rom(path, &rom, rom.wanted);
	if (rom.front)
		(void)printf("%" PRIu64 " bytes before it were left out\n", rom.front);
	if (d->boot_vga)
		log_warning("%s: is the card that the firmware started on: what it shows is a copy, "
			    "which can have been changed since", d->name);
	if (rom.vendor != d->vendor || rom.device != d->device)
		log_warning("%s: is %04x:%04x, and its ROM is for %04x:%04x", d->name, d->vendor,
			    d->device, rom.vendor, rom.device);
	return 0;
}

static int dump_from(const struct cli *cli, struct host *host, const struct pci_address *address)
{
	const struct host_device *d;
	cleanup_close int fd = -1;
	struct plan *plan = NULL;
	struct host_user user;
	bool invoked;
	int code = find_reader(&user, &invoked), rc;

	if (code)
		return code;
	if (host_device(host, address, &d))
		return say_missing(cli->word[1]);
	code = check_idle(d);
	if (!code && invoked)
		code = plan_select_detach(host, address, 1, &plan)
			       ? EXIT_HOST
			       : allowed_check(&user, NULL, NULL, NULL, plan);
	plan_free(plan);
	if (code)
		return code;
	rc = host_rom_read(d, &fd);
	return rc ? say_unread(d, rc) : keep(&user, d, fd, cli->word[2]);
}

static int dump(const struct cli *cli)
{
	struct pci_address address;
	struct host *host = NULL;
	int code, rc;

	if (cli->word_count != 3 || !pci_address_parse(cli->word[1], &address)) {
		log_error("`vfio-run rom dump ADDRESS FILE`: the card's address, and a file that is not there yet");
		return EXIT_BAD_USE;
	}
	code = job_needs_root(cli);
	if (code)
		return code;
	rc = host_open(NULL, &host);
	if (!rc)
		rc = host_mark_all_stuck(host);
	code = rc ? say_file("/sys", rc) : dump_from(cli, host, &address);
	host_close(host);
	return code;
}

/** command_rom() - 0; EXIT_HOST: it is no ROM, or could not be read; EXIT_BAD_USE */
int command_rom(const struct cli *cli)
{
	if (!strcmp(cli->word[0], "check"))
		return check(cli);
	if (!strcmp(cli->word[0], "dump"))
		return dump(cli);
	log_error("rom %s: expected `rom check FILE` or `rom dump ADDRESS FILE`",
		  cli_shown(cli->word[0]));
	return EXIT_BAD_USE;
}
