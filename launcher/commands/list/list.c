/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list.c - `vfio-run list`: PCI devices by IOMMU group, as a person picks one from them */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/base/log.h"
#include "launcher/base/suggest.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/handover/leftovers.h"
#include "launcher/commands/list/list.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/commands/terminal/screen.h"
#include "launcher/host/devices/block-use.h"
#include "launcher/host/devices/card.h"
#include "launcher/host/devices/rebar.h"
#include "launcher/host/small-file.h"

#define INDENT "                "

/* Below the device, as wide as the terminal. */
static void show_wrapped(const char *text)
{
	(void)printf(INDENT);
	columns_wrap(text, strlen(INDENT), strlen(INDENT) + 2, screen_width());
}

/* The same; what comes from outside is made safe. */
static void detail(const char *word, const char *format, ...) printf_like(2, 3);

static void detail(const char *word, const char *format, ...)
{
	char line[512], quoted[1024], all[1100];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	(void)snprintf(all, sizeof(all), "%s%s", word, log_quote(line, quoted, sizeof(quoted)));
	show_wrapped(all);
}

static void show_driver(const struct list_device *d)
{
	const struct host_device *h = d->host;
	char could[256] = "";

	if (!*h->driver && d->module_count)
		(void)snprintf(could, sizeof(could), " (%s could)", d->module[0]);
	detail("", "%s%s%s%s%s%s", *h->driver ? "driver " : "no driver", h->driver, could,
	       *h->driver_override && strcmp(h->driver_override, h->driver) ? ", override " : "",
	       *h->driver_override && strcmp(h->driver_override, h->driver) ? h->driver_override
									    : "",
	       h->boot_vga ? ", boot VGA: the host started on it" : "");
	if (host_device_is_virtual(h))
		detail("", "virtual function of %s", h->physfn);
	if (h->sriov_numvfs > 0)
		detail("", "%d virtual functions are switched on", h->sriov_numvfs);
	if (h->config_dead)
		detail("", "does not answer");
	if (h->stuck)
		detail("", "stuck: its driver has not let go of it");
}

static void show_attached(const struct list_device *d)
{
	for (size_t i = 0; i < d->connector_count; i++)
		if (strcmp(d->connector[i].status, "disconnected"))
			detail("screen on ", "%s: %s%s%s", d->connector[i].name,
			       d->connector[i].status, *d->connector[i].title ? ", " : "",
			       d->connector[i].title);
	for (size_t i = 0; i < d->usb_count; i++)
		detail("USB ", "%s: %s %s", d->usb[i].name, d->usb[i].status, d->usb[i].title);
}

static void show_nodes(const struct list *list, const struct list_device *d)
{
	for (size_t i = 0; i < d->nodes.count; i++) {
		const struct host_node *n = &d->nodes.item[i];
		char use[512];

		if (!strcmp(n->subsystem, "net"))
			detail("network interface ", "%s", n->name);
		else if (n->block && host_block_use(list->host, n, use, sizeof(use)) > 0)
			detail("", "%s", use);
		else if (n->block)
			detail("disk ", "%s", n->name);
	}
}

static void show_users(const struct list *list, const struct list_device *d)
{
	char user[16];

	if (*d->vm)
		detail("belongs to the VM ", "%s", d->vm);
	for (size_t i = 0; i < d->holder_count; i++)
		detail("in use by ", "%s (pid %d, user %s): %s", d->holder[i].comm,
		       d->holder[i].pid, list_user(list->host, d->holder[i].uid, user),
		       d->holder[i].path);
}

/* "2 MiB" of a number of bytes */
static void size_words(uint64_t bytes, char *buf, size_t size)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;

	for (; bytes && !(bytes & 1023) && unit + 1 < ARRAY_SIZE(units); unit++)
		bytes >>= 10;
	(void)snprintf(buf, size, "%llu %s", (unsigned long long)bytes, units[unit]);
}

/* "BAR 1: 256 MiB, can be 512 MiB, 1 GiB" */
static void show_bar(const struct list *list, const struct list_device *d, unsigned int bar)
{
	uint64_t sizes = bar < 6 ? host_bar_sizes(list->host, d->host, bar) : 0;
	char line[512], words[40];
	const char *between = ", can be ";
	size_t used;

	size_words(d->host->bar_bytes[bar], words, sizeof(words));
	used = bar == 6 ? (size_t)snprintf(line, sizeof(line), "ROM: %s", words) :
			  (size_t)snprintf(line, sizeof(line), "BAR %u: %s", bar, words);
	for (unsigned int i = 0; i < 44 && used < sizeof(line); i++) {
		if (!(sizes >> i & 1) || (d->host->bar_bytes[bar] >> 20) == (uint64_t)1 << i)
			continue;
		size_words((uint64_t)1 << (i + 20), words, sizeof(words));
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%s", between, words);
		between = ", ";
	}
	show_wrapped(line);
}

/* What of the hardware decides how it goes, and how it comes back. */
static void show_hardware(const struct list *list, const struct list_device *d)
{
	const struct host_device *with;

	if (host_device_is_bridge(d->host))
		return;
	for (unsigned int i = 0; i < HOST_BARS; i++)
		if (d->host->bar_bytes[i])
			show_bar(list, d, i);
	with = *d->host->reset_methods ? NULL : host_resets_with(list->host, d->host);
	if (*d->host->reset_methods)
		detail("reset by ", "%s", d->host->reset_methods);
	else if (with)
		detail("reset with ", "%s, when a guest has all of the slot", with->name);
	else
		show_wrapped("no reset of its own: a guest that crashes can leave it in a state from which only "
			     "a reboot helps");
}

static void show_verdict(const struct list *list, const struct list_device *d)
{
	struct list_verdict v;
	char line[1200];

	list_verdict(list, d, &v);
	if (*list_verdict_line(&v, line, sizeof(line)))
		show_wrapped(line);
}

/* With -v, below the line of a device: all that is known of it. */
static void show_more(const struct list *list, const struct list_device *d)
{
	char class[128], title[256];

	detail("", "%s: %s", host_device_name(list->host, d->host, HOST_NAME_CLASS, class, sizeof(class)),
	       host_device_title(list->host, d->host, title, sizeof(title)));
	show_driver(d);
	show_attached(d);
	show_nodes(list, d);
	show_users(list, d);
	show_hardware(list, d);
	show_verdict(list, d);
}

static int print_text(const struct cli *cli, const struct list *list)
{
	if (!list_table(list, screen_wants_colour(cli), cli->verbosity > 0 ? show_more : NULL))
		return EXIT_OK;
	log_error("no memory for the list");
	return EXIT_HOST;
}

enum what { WHAT_ALL, WHAT_GPU, WHAT_USB, WHAT_CPU };

static const char *const whats[] = { [WHAT_ALL] = "all", [WHAT_GPU] = "gpu", [WHAT_USB] = "usb", [WHAT_CPU] = "cpu" };

static const char *what_word(size_t i)
{
	return whats[i];
}

/* What a person calls it, or has mistyped. Return: NULL: nothing is near */
static const char *meant(const char *word)
{
	static const struct {
		const char *word;
		enum what what;
	} others[] = {
		{ "pci", WHAT_ALL },   { "devices", WHAT_ALL }, { "iommu", WHAT_ALL }, { "groups", WHAT_ALL },
		{ "gpus", WHAT_GPU },  { "vga", WHAT_GPU },	{ "cards", WHAT_GPU }, { "card", WHAT_GPU },
		{ "cpus", WHAT_CPU },  { "cores", WHAT_CPU },	{ "numa", WHAT_CPU },
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcasecmp(word, others[i].word))
			return whats[others[i].what];
	return suggest(word, what_word, ARRAY_SIZE(whats));
}

/* Return: 0, or EXIT_BAD_USE */
static int which(const struct cli *cli, enum what *out)
{
	const char *word = cli->word_count ? cli->word[0] : whats[WHAT_ALL], *near;
	size_t i = 0;

	while (i < ARRAY_SIZE(whats) && strcmp(word, whats[i]) != 0)
		i++;
	*out = (enum what)i;
	near = i == ARRAY_SIZE(whats) ? meant(word) : NULL;
	if (near)
		log_error("list %s: expected `all`, `gpu`, `usb` or `cpu`; did you mean `list %s`?", cli_shown(word), near);
	else if (i == ARRAY_SIZE(whats))
		log_error("list %s: expected `all`, `gpu`, `usb` or `cpu`", cli_shown(word));
	else if (cli->watch && (*out != WHAT_USB || cli->sysroot || cli->json))
		log_error("--watch shows what is plugged in on this machine: `vfio-run list usb --watch`");
	else
		return 0;
	return EXIT_BAD_USE;
}

static int show_devices(const struct cli *cli, struct host *host, bool gpu)
{
	struct list list = { .host = NULL };
	int code = EXIT_OK, rc;

	if (!cli->json && cli->verbosity <= 0)
		host_read_briefly(host);
	rc = list_fill(host, gpu, &list);
	if (rc) {
		log_error("the host's devices cannot be read: %s", strerror(-rc));
		code = EXIT_HOST;
	} else if (cli->json) {
		struct json_object *o = list_json(&list);

		screen_print_json(o);
		json_object_put(o);
	} else {
		code = print_text(cli, &list);
	}
	list_fini(&list);
	if (!cli->sysroot && !code)
		(void)leftovers_say_unexplained(host);
	return code;
}

/** command_list() - 0, or EXIT_HOST when the host cannot be read */
int command_list(const struct cli *cli)
{
	struct host *host = NULL;
	enum what what;
	int code = which(cli, &what), rc;

	if (code)
		return code;
	if (!cli->sysroot)
		leftovers_say();
	rc = host_open(cli->sysroot, &host);
	if (rc) {
		log_error("the host cannot be read: %s", strerror(-rc));
		return EXIT_HOST;
	}
	if (what == WHAT_USB)
		code = list_usb(cli, host);
	else if (what == WHAT_CPU)
		code = list_cpu(cli, host);
	else
		code = show_devices(cli, host, what == WHAT_GPU);
	host_close(host);
	return code;
}
