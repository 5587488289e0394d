/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * at-boot.c - `vfio-run detach --at-boot` and `attach --at-boot`: what a card does from the next
 * boot on
 *
 * Nothing is done to a device now. The steps are those of setup, shown, asked for, written down and
 * taken by its program, so `vfio-run setup --undo` takes them back as well.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/setup/at-boot.h"
#include "launcher/commands/setup/setup.h"
#include "launcher/commands/terminal/question.h"
#include "launcher/host/devices/claims.h"
#include "launcher/host/host.h"
#include "launcher/plan/checks/dark.h"
#include "launcher/plan/plan.h"

#define QUESTION "Take these steps"

struct at_boot {
	struct setup_need need[SETUP_NEEDS_MAX];
	size_t count;
};

static int add(struct at_boot *a, const char *format, ...) printf_like(2, 3);

static int add(struct at_boot *a, const char *format, ...)
{
	char text[SETUP_WORD_MAX + 16];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (a->count < SETUP_NEEDS_MAX && setup_need_parse(text, &a->need[a->count])) {
		a->count++;
		return 0;
	}
	log_error("--at-boot: at most %d devices in one go", SETUP_NEEDS_MAX);
	return EXIT_BAD_USE;
}

/* Return: an exit code; EXIT_HOST: something is left to its owner, or was refused */
static int take(const struct cli *cli, const struct setup_plan *plan, const char *question)
{
	int code = EXIT_OK;

	setup_print_steps(plan);
	for (size_t i = 0; i < plan->need_count; i++)
		if (plan->answer[i].state == SETUP_BY_HAND)
			code = EXIT_HOST;
	if (!plan->step_count || cli->dry_run)
		return code;
	if (!question_yes(cli, question)) {
		log_error("nothing was changed");
		return EXIT_HOST;
	}
	if (setup_take_steps(plan))
		return EXIT_HOST;
	log_notice(
		"done; it counts from the next boot on. `vfio-run setup --undo` takes it back, too");
	return code;
}

static int work_out(const struct cli *cli, int root, struct at_boot *a, const char *question)
{
	struct setup_plan plan;
	int rc = setup_plan_make(root, a->need, a->count, &plan), code = EXIT_HOST;

	if (rc)
		log_error("the steps cannot be worked out: %s", strerror(-rc));
	else
		code = take(cli, &plan, question);
	setup_plan_fini(&plan);
	return code;
}

/** at_boot_check_use() - what does not go with --at-boot; an exit code, reported */
int at_boot_check_use(const struct cli *cli)
{
	if (cli->json)
		log_error("--at-boot prints steps for people: it does not go with --json");
	else if (cli->for_what)
		log_error(
			"--at-boot: a node for a user is there from `vfio-run detach --for` on, not before");
	else
		return 0;
	return EXIT_BAD_USE;
}

/* The screen of a machine with one card: its owner has to know before. Return: the question */
static const char *say_what_to_expect(const struct plan *plan, struct host *host)
{
	bool dark = plan_is_dark(plan, host, true);
	char ways[PLAN_WAYS_MAX];
	int r;

	for (size_t i = 0; i < plan->device_count; i++) {
		const struct host_device *d = plan->device[i].host;

		if (!d->boot_vga)
			continue;
		dark |= d->vfio; /* what it showed before is not seen any more */
		log_warning(
			"%s: the firmware and the console show their pictures by this card: from the next "
			"boot on the screen stays as the boot loader leaves it. Have ssh, or another card's "
			"monitor, ready",
			d->name);
	}
	if (!dark)
		return QUESTION;
	r = plan_ways_in(host, ways);
	if (r < 0)
		log_warning("from the next boot on this host has no picture; " PLAN_WAYS_UNSEEN);
	else if (r)
		log_warning("from the next boot on this host has no picture; it is reached by %s",
			    ways);
	else
		log_warning("from the next boot on this host has no picture; " PLAN_NO_WAY_IN);
	return "From the next boot on this host has no picture. " QUESTION;
}

/* It comes when its driver makes it, and another one takes it before there is an event of udev's.
 */
static int refuse_virtual(const struct host_device *d)
{
	if (!*d->physfn)
		return 0;
	log_error(
		"%s is a virtual function of %s, which is not there when the host boots: let the "
		"system's start make it with `sriov_drivers_autoprobe` at 0, and run `vfio-run detach %s`",
		d->name, d->physfn, d->name);
	return EXIT_HOST;
}

/**
 * at_boot_detach() - from the next boot on the devices of a plan are on vfio-pci
 * @plan:	of a detach, complete
 *
 * Return: an exit code, reported
 */
int at_boot_detach(const struct cli *cli, const struct plan *plan, struct host *host)
{
	struct at_boot a = { .count = 0 };
	int code = 0;

	for (size_t i = 0; !code && i < plan->device_count; i++) {
		const struct host_device *d = plan->device[i].host;

		code = refuse_virtual(d);
		if (!code)
			code = add(&a, "at-boot=%s=%04x:%04x", d->name, d->vendor, d->device);
	}
	return code ? code : work_out(cli, host_root_fd(host), &a, say_what_to_expect(plan, host));
}

/* All functions of the slot have rules, as they were made together. */
static int add_slot(struct at_boot *a, struct host *host, const struct pci_address *address)
{
	char text[PCI_ADDRESS_TEXT];
	bool found = false;
	int code = 0;

	for (uint8_t f = 0; !code && f < 8; f++) {
		struct pci_address one = { address->domain, address->bus, address->device, f };

		(void)pci_address_format(&one, text);
		if (!host_at_boot(host, text))
			continue;
		found = true;
		code = add(a, "no-at-boot=%s", text);
	}
	if (!code && !found) {
		/* the image can have some still: of an `attach` whose last step has failed */
		log_notice(
			"%s: nothing sends it to vfio-pci at boot that `detach --at-boot` has written",
			pci_address_format(address, text));
		code = add(a, "no-at-boot=%s", text);
	}
	return code;
}

/**
 * at_boot_attach() - from the next boot on the devices are on the host's drivers
 * @address:	of them, with the other functions of their slots; none: all that there are
 *
 * Return: an exit code, reported
 */
int at_boot_attach(const struct cli *cli, const struct pci_address *address, size_t count)
{
	struct at_boot a = { .count = 0 };
	struct host *host = NULL;
	int code = 0, rc = host_open(NULL, &host);

	if (rc) {
		log_error("the host cannot be read: %s", strerror(-rc));
		code = EXIT_HOST;
	}
	for (size_t i = 0; !code && i < count; i++)
		code = add_slot(&a, host, &address[i]);
	if (!code && !count)
		code = add(&a, "no-at-boot=all");
	if (!code && a.count)
		code = work_out(cli, host_root_fd(host), &a, QUESTION);
	host_close(host);
	return code;
}
