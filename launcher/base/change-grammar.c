/* SPDX-License-Identifier: GPL-2.0-or-later */
/* change-grammar.c - a row for each kind of change: its words, and what may stand in its records */
#include <string.h>

#include "launcher/base/change.h"
#include "launcher/base/cpus.h"
#include "launcher/base/path.h"
#include "launcher/base/pci-address.h"

/* ---- what may stand in a field ------------------------------------------------------- */

static bool is_address(const char *text)
{
	char canonical[PCI_ADDRESS_TEXT];
	struct pci_address a;

	return pci_address_parse(text, &a) && !strcmp(pci_address_format(&a, canonical), text);
}

static bool is_none(const char *text)
{
	return !*text;
}

static bool is_word_or_none(const char *text)
{
	return !*text || change_is_word(text);
}

static bool is_vfio_name(const char *text)
{
	return change_is_word(text) && strstr(text, "vfio");
}

/* vfio's, and the one that resets cards which nothing else can. */
static bool is_module(const char *text)
{
	return is_vfio_name(text) || !strcmp(text, "vendor_reset");
}

static bool is_loaded(const char *text)
{
	return !strcmp(text, "loaded");
}

static bool is_loaded_or_none(const char *text)
{
	return !*text || is_loaded(text);
}

/* vfio's own stay loaded. */
static bool is_other_module(const char *text)
{
	return change_is_word(text) && !strstr(text, "vfio");
}

static bool is_unloaded(const char *text)
{
	return !strcmp(text, "unloaded");
}

/* An override can hold any value that root wrote, and is never part of a path. */
static bool is_override(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

static bool is_on(const char *text)
{
	return !strcmp(text, "on");
}

static bool is_power_or_none(const char *text)
{
	return !*text || is_on(text) || !strcmp(text, "auto");
}

static bool is_zero(const char *text)
{
	return !strcmp(text, "0");
}

static bool is_flag_or_none(const char *text)
{
	return !*text || is_zero(text) || !strcmp(text, "1");
}

static bool is_pages(const char *text)
{
	struct change_pages pages;

	return change_pages_parse(text, &pages);
}

static bool is_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits <= 12 && !text[digits];
}

static bool is_number_or_none(const char *text)
{
	return !*text || is_number(text);
}

/* A directory of /sys/devices/system/cpu/cpufreq. */
static bool is_policy(const char *text)
{
	return !strncmp(text, "policy", 6) && is_number(text + 6);
}

static bool is_cpus(const char *text)
{
	struct cpus set;

	return !cpus_parse(text, &set) && !cpus_is_empty(&set) && !strchr(text, '\n');
}

static bool is_cpus_or_none(const char *text)
{
	return !*text || is_cpus(text);
}

/* Of a name that vfio-run gives: no other link is ever made or deleted. */
static bool is_link(const char *text)
{
	return !strncmp(text, CHANGE_LINK_PREFIX, sizeof(CHANGE_LINK_PREFIX) - 1) &&
	       strlen(text) < CHANGE_LINK_MAX && change_is_word(text);
}

static bool is_link_to(const char *text)
{
	struct change_link link;

	return change_link_parse(text, &link);
}

/* Names with blanks between; "": it has none, or they were taken away. */
static bool is_reset_methods(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyz_ ") == strlen(text);
}

static bool is_reset_method_or_none(const char *text)
{
	return is_reset_methods(text) && !strchr(text, ' ');
}

static bool is_bars(const char *text)
{
	struct change_bars bars;

	return change_bars_parse(text, &bars);
}

static bool is_bars_or_none(const char *text)
{
	return !*text || is_bars(text);
}

/* Without ".." and doubled or last slashes, and never the root. */
static bool is_mount_point(const char *text)
{
	char plain[CHANGE_TEXT_MAX];

	return *text == '/' && text[1] && change_is_line(text) &&
	       path_plain(text, plain, sizeof(plain)) && !strcmp(plain, text);
}

static bool is_mount(const char *text)
{
	struct change_mount m;

	return change_mount_parse(text, &m);
}

static bool is_unmounted(const char *text)
{
	return !strcmp(text, "unmounted");
}

static bool is_usb_to(const char *text)
{
	uint16_t vendor, product;

	return change_usb_parse(text, &vendor, &product);
}

/* As systemd.unit(5) has them; what a unit is of is its ending. */
static bool is_unit(const char *text)
{
	static const char *const endings[] = { ".service", ".socket", ".target", ".path", ".timer", ".scope" };
	const char *end = strrchr(text, '.');

	if (!end || end == text ||
	    strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\@") != strlen(text))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (!strcmp(end, endings[i]))
			return true;
	return false;
}

static bool is_announced(const char *text)
{
	struct pci_address a;
	const char *card;

	return change_announced_parse(text, &a, &card);
}

static bool is_add(const char *text)
{
	return !strcmp(text, "add");
}

static bool is_remove(const char *text)
{
	return !strcmp(text, "remove");
}

static bool is_user_unit(const char *text)
{
	const char *unit;
	uint32_t uid;

	return change_user_unit_parse(text, &uid, &unit) && is_unit(unit);
}

static bool is_container(const char *text)
{
	const char *program, *id;

	return change_container_parse(text, &program, &id);
}

static bool is_running(const char *text)
{
	return !strcmp(text, "running");
}

/* One that who keeps it forgets when it has stopped is not started again. */
static bool is_running_or_temporary(const char *text)
{
	return is_running(text) || !strcmp(text, CHANGE_TEMPORARY);
}

static bool is_running_temporary_or_none(const char *text)
{
	return !*text || is_running_or_temporary(text);
}

static bool is_program(const char *text)
{
	return *text == '/' && change_is_line(text);
}

static bool is_stopped(const char *text)
{
	return !strcmp(text, "stopped");
}

/* clang-format off */
static const struct change_grammar grammar[] = {
	[CHANGE_MODULE]   = { "module", "module", .none = "not loaded", .subject = CHANGE_OF_HOST, .stays = true,
			      .target = is_module, .from = is_loaded_or_none, .to = is_loaded },
	[CHANGE_LINK]     = { "link", "network link", .subject = CHANGE_OF_HOST, .shown = true,
			      .target = is_link, .from = is_none, .to = is_link_to },
	[CHANGE_VF_DRIVERS] = { "sriov_drivers_autoprobe", "drivers for virtual functions of", .subject = CHANGE_OF_HOST,
			      .combine = CHANGE_SAME, .needs_from = true,
			      .target = is_address, .from = is_flag_or_none, .to = is_zero },
	[CHANGE_VFS]      = { "sriov_numvfs", "virtual functions of", .subject = CHANGE_OF_HOST,
			      .combine = CHANGE_SAME, .needs_from = true, .shown = true,
			      .target = is_address, .from = is_number_or_none, .to = is_number },
	[CHANGE_HUGEPAGES] = { "hugepages", "huge pages of", .subject = CHANGE_OF_HOST, .combine = CHANGE_SUM,
			      .apart = change_pages_apart, .target = is_pages, .from = is_number_or_none, .to = is_number },
	[CHANGE_GOVERNOR] = { "governor", "governor of", .subject = CHANGE_OF_HOST, .combine = CHANGE_SAME,
			      .target = is_policy, .from = is_word_or_none, .to = change_is_word },
	[CHANGE_ISOLATION] = { "isolate_cpus", "CPUs of", .none = "shared", .subject = CHANGE_OF_HOST,
			      .target = change_is_word, .from = is_cpus_or_none, .to = is_cpus },
	[CHANGE_MOUNT]    = { "mount", "mount", .subject = CHANGE_OF_HOST, .shown = true,
			      .target = is_mount_point, .from = is_mount, .to = is_unmounted },
	[CHANGE_BRIDGE]   = { "bridge_power", "power/control of the bridge", .subject = CHANGE_OF_HOST,
			      .combine = CHANGE_SAME, .needs_from = true,
			      .target = is_address, .from = is_power_or_none, .to = is_on },
	[CHANGE_ANNOUNCE] = { "announce", "announcement of", .subject = CHANGE_OF_HOST,
			      .when_built = true, .shown = true,
			      .target = is_announced, .from = is_add, .to = is_remove },
	[CHANGE_USER_SERVICE] = { "user_service", "service of user", .none = "not running", .subject = CHANGE_OF_HOST,
			      .combine = CHANGE_SAME, .needs_from = true, .when_built = true, .shown = true,
			      .target = is_user_unit, .from = is_running_temporary_or_none, .to = is_stopped },
	[CHANGE_CONTAINER] = { "container", "container", .subject = CHANGE_OF_HOST,
			      .when_built = true, .shown = true,
			      .target = is_container, .from = is_running_or_temporary, .to = is_stopped },
	[CHANGE_SERVICE]  = { "service", "service", .none = "not running", .subject = CHANGE_OF_HOST,
			      .combine = CHANGE_SAME, .needs_from = true, .when_built = true, .shown = true,
			      .target = is_unit, .from = is_running_temporary_or_none, .to = is_stopped },
	[CHANGE_COMMAND]  = { "session_command", "session by", .subject = CHANGE_OF_HOST,
			      .when_built = true, .shown = true,
			      .target = is_program, .from = is_program, .to = is_stopped },
	[CHANGE_IRQ]      = { "irq_affinity", "CPUs of interrupts", .subject = CHANGE_OF_HOST,
			      .target = is_cpus, .from = is_cpus, .to = is_cpus },
	[CHANGE_D3COLD]   = { "d3cold_allowed", "d3cold_allowed", .subject = CHANGE_OF_DEVICE,
			      .fact = CHANGE_FACT_D3COLD, .needs_from = true,
			      .target = is_address, .from = is_flag_or_none, .to = is_zero },
	[CHANGE_POWER]    = { "power_control", "power/control", .subject = CHANGE_OF_DEVICE,
			      .fact = CHANGE_FACT_POWER, .needs_from = true,
			      .target = is_address, .from = is_power_or_none, .to = is_on },
	[CHANGE_OVERRIDE] = { "driver_override", "driver_override", .subject = CHANGE_OF_DEVICE,
			      .fact = CHANGE_FACT_OVERRIDE,
			      .target = is_address, .from = is_override, .to = is_vfio_name },
	[CHANGE_RESET]    = { "reset_method", "reset_method", .subject = CHANGE_OF_DEVICE, .needs_from = true,
			      .target = is_address, .from = is_reset_methods, .to = is_reset_method_or_none },
	[CHANGE_UNLOAD]   = { "unload", "module", .none = "not loaded", .subject = CHANGE_OF_HOST,
			      .needs_from = true, .shown = true,
			      .target = is_other_module, .from = is_loaded_or_none, .to = is_unloaded },
	[CHANGE_UNBIND]   = { "unbind", "driver", .subject = CHANGE_OF_DEVICE,
			      .fact = CHANGE_FACT_DRIVER, .shown = true,
			      .target = is_address, .from = change_is_word, .to = is_none },
	[CHANGE_REBAR]    = { "rebar", "BARs", .subject = CHANGE_OF_DEVICE, .needs_from = true, .shown = true,
			      .target = is_address, .from = is_bars_or_none, .to = is_bars },
	[CHANGE_BIND]     = { "bind", "driver", .subject = CHANGE_OF_DEVICE, .shown = true,
			      .target = is_address, .from = is_word_or_none, .to = is_vfio_name },
	[CHANGE_OWNER]    = { "vfio_owner", "owner of its VFIO node", .subject = CHANGE_OF_DEVICE, .needs_from = true,
			      .target = is_address, .from = is_number_or_none, .to = is_number },
	[CHANGE_USB]      = { "usb_interface", "USB interface", .none = "no driver", .subject = CHANGE_OF_USB, .shown = true,
			      .target = change_is_usb_interface, .from = is_word_or_none, .to = is_usb_to },
};
/* clang-format on */
_Static_assert(ARRAY_SIZE(grammar) == CHANGE_MAX, "a kind of change without a grammar");

/** change_grammar() - the row of a kind, NULL for what is no kind */
const struct change_grammar *change_grammar(uint32_t kind)
{
	return kind < CHANGE_MAX ? &grammar[kind] : NULL;
}
