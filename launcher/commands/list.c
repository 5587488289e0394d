/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list.c - `vfio-run list`: PCI devices by IOMMU group, as a person picks one from them */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/leftovers.h"
#include "launcher/commands/list.h"
#include "launcher/commands/screen.h"
#include "launcher/host/block-use.h"
#include "launcher/host/small-file.h"

#define INDENT "                "

/* One line below the device; what comes from outside is made safe. */
static void detail(const char *word, const char *format, ...) printf_like(2, 3);

static void detail(const char *word, const char *format, ...)
{
	char line[512], quoted[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	(void)printf(INDENT "%s%s\n", word, log_quote(line, quoted, sizeof(quoted)));
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
			detail("screen on ", "%s: %s", d->connector[i].name,
			       d->connector[i].status);
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
}

static int print_text(const struct cli *cli, const struct list *list)
{
	if (!list_table(list, screen_wants_colour(cli), cli->verbosity > 0 ? show_more : NULL))
		return EXIT_OK;
	log_error("no memory for the list");
	return EXIT_HOST;
}

/* Return: 0, or EXIT_BAD_USE */
static int which(const struct cli *cli, bool *gpu)
{
	*gpu = cli->word_count && !strcmp(cli->word[0], "gpu");
	if (!cli->word_count || *gpu || !strcmp(cli->word[0], "all"))
		return 0;
	log_error("list %s: expected `all` or `gpu`", cli->word[0]);
	return EXIT_BAD_USE;
}

/** command_list() - 0, or EXIT_HOST when the host cannot be read */
int command_list(const struct cli *cli)
{
	struct host *host = NULL;
	struct list list = { .host = NULL };
	bool gpu;
	int code = which(cli, &gpu), rc;

	if (code)
		return code;
	if (!cli->sysroot)
		leftovers_say();
	rc = host_open(cli->sysroot, &host);
	if (!rc && !cli->json)
		host_read_briefly(host);
	if (!rc)
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
	host_close(host);
	return code;
}
