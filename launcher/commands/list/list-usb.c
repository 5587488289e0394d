/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list-usb.c - `vfio-run list usb`: what is plugged in, what the host does with it, and with
 * --watch where */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/list/list.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/commands/terminal/screen.h"
#include "launcher/host/devices/block-use.h"
#include "launcher/host/devices/usb-watch.h"
#include "launcher/host/holders/net-use.h"

#define DRIVERS_MAX 128
#define FIXED 25 /* columns of bus-port, ids, and what is between */

static const char *title_of(const struct host_usb *d)
{
	return *d->title ? d->title : d->root_hub ? "root hub" : d->hub ? "hub" : "without a name";
}

/* Of its interfaces, each once. */
static const char *drivers_of(const struct host_usb *d, char buf[DRIVERS_MAX])
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < d->interface_count && used < DRIVERS_MAX; i++) {
		const char *driver = d->interface[i].driver;

		if (*driver && !strstr(buf, driver))
			used += (size_t)snprintf(buf + used, DRIVERS_MAX - used, "%s%s",
						 used ? "," : "", driver);
	}
	return buf;
}

static bool is_taken(const struct host_usb *d)
{
	for (size_t i = 0; i < d->interface_count; i++)
		if (!strcmp(d->interface[i].driver, "usbfs"))
			return true;
	return false;
}

/* What the host does with what is on it. Return: is there something? */
static bool find_use(struct host *host, const struct host_usb *d, char *use, size_t size)
{
	struct host_nodes nodes;
	bool found = false;

	if (host_usb_nodes(host, d, &nodes))
		return false;
	for (size_t i = 0; i < nodes.count && !found; i++) {
		const struct host_node *n = &nodes.item[i];

		found = (n->block && host_block_use(host, n, use, size) > 0) ||
			(!strcmp(n->subsystem, "net") &&
			 host_net_use(host, n->name, use, size) > 0);
	}
	host_nodes_fini(&nodes);
	return found;
}

/* Is there another one with these ids? Then it is named by its port. */
static bool has_twin(const struct host_usb *all, size_t count, const struct host_usb *d)
{
	for (size_t i = 0; i < count; i++)
		if (&all[i] != d && all[i].vendor == d->vendor && all[i].product == d->product)
			return true;
	return false;
}

static void judge(struct host *host, const struct host_usb *all, size_t count,
		  const struct host_usb *d, struct list_verdict *out)
{
	char use[512];

	*out = (struct list_verdict){ .pass = LIST_NOT };
	if (d->root_hub)
		(void)snprintf(out->text, sizeof(out->text),
			       "a part of its controller, which a [pci] section gives as a whole");
	else if (d->hub)
		(void)snprintf(out->text, sizeof(out->text), "a hub: name what is plugged into it");
	else if (is_taken(d))
		(void)snprintf(out->text, sizeof(out->text),
			       "a program has it, or a VM: `fuser -v /dev/bus/usb/%03u/%03u`",
			       d->bus, d->number);
	else if (find_use(host, d, use, sizeof(use)))
		(void)log_quote(use, out->text, sizeof(out->text) / 4);
	else if (has_twin(all, count, d))
		*out = (struct list_verdict){ .pass = LIST_WITH,
					      .text = "its port, as another one has these ids" };
	else
		out->pass = LIST_AS_IT_IS;
}

/* The PCI device whose controller it is on: the last address in its path in sysfs. */
static void find_controller(struct host *host, const struct host_usb *d, char buf[PCI_ADDRESS_TEXT])
{
	struct pci_address a;
	char place[512], *save = NULL;

	*buf = '\0';
	if (host_usb_place(host, d, place, sizeof(place)))
		return;
	for (const char *part = strtok_r(place, "/", &save); part;
	     part = strtok_r(NULL, "/", &save))
		if (pci_address_parse(part, &a))
			(void)pci_address_format(&a, buf);
}

/* ---- text
 * ---------------------------------------------------------------------------------------- */

static void print_device(struct host *host, const struct host_usb *d)
{
	char drivers[DRIVERS_MAX], ids[16], cell[COLUMNS_TEXT_MAX], line[2 * COLUMNS_TEXT_MAX],
		controller[PCI_ADDRESS_TEXT];
	bool utf8 = screen_is_utf8();
	size_t name = screen_width() > FIXED + 50 ? screen_width() - FIXED - 27 : 28;

	find_controller(host, d, controller);
	(void)snprintf(ids, sizeof(ids), "%04x:%04x", d->vendor, d->product);
	(void)columns_fit(title_of(d), name, utf8, cell);
	(void)snprintf(line, sizeof(line), "%-12s %s %-12s %s%*s %s", d->name, ids, controller,
		       cell, columns_of(cell) < name ? (int)(name - columns_of(cell)) : 0, "",
		       drivers_of(d, drivers));
	for (size_t used = strlen(line); used && line[used - 1] == ' '; used--)
		line[used - 1] = '\0';
	(void)puts(columns_fit(line, screen_width(), utf8, cell));
}

static void print_verdict(const struct list_verdict *v)
{
	char line[1200];

	if (v->pass == LIST_AS_IT_IS)
		return; /* most are: said once, at the end */
	(void)printf("%13s", "");
	columns_wrap(list_verdict_line(v, line, sizeof(line)), 13, 15, screen_width());
}

static void print_text(struct host *host, const struct host_usb *all, size_t count)
{
	size_t hubs = 0;

	if (!count) {
		(void)puts("There is no USB device in this machine.");
		return;
	}
	(void)puts("BUS-PORT     ID        CONTROLLER   DEVICE, DRIVERS");
	for (size_t i = 0; i < count; i++) {
		struct list_verdict v;

		hubs += all[i].hub || all[i].root_hub;
		if (all[i].root_hub)
			continue;
		print_device(host, &all[i]);
		judge(host, all, count, &all[i], &v);
		print_verdict(&v);
	}
	(void)putchar('\n');
	columns_wrap(
		count == hubs
			? "Nothing is plugged in."
			: "All others can be passed as they are: `[usb]` with `device = ID`, or with the bus and "
			  "port for whatever is plugged in there. `vfio-run list usb --watch` shows which port is which.",
		0, 0, screen_width());
}

/* ---- JSON
 * ---------------------------------------------------------------------------------------- */

static void put(struct json_object *o, const char *key, struct json_object *value)
{
	(void)json_object_object_add(o, key, value);
}

static struct json_object *drivers_json(const struct host_usb *d)
{
	struct json_object *array = json_object_new_array();
	char drivers[DRIVERS_MAX], *save = NULL;

	(void)drivers_of(d, drivers);
	for (const char *w = strtok_r(drivers, ",", &save); w && array;
	     w = strtok_r(NULL, ",", &save))
		(void)json_object_array_add(array, json_object_new_string(w));
	return array;
}

static struct json_object *device_json(struct host *host, const struct host_usb *all, size_t count,
				       const struct host_usb *d)
{
	static const char *const states[] = {
		[LIST_AS_IT_IS] = "as-it-is", [LIST_WITH] = "with", [LIST_NOT] = "not"
	};
	struct json_object *o = json_object_new_object(), *pass = json_object_new_object();
	char ids[16], controller[PCI_ADDRESS_TEXT];
	struct list_verdict v;

	judge(host, all, count, d, &v);
	find_controller(host, d, controller);
	(void)snprintf(ids, sizeof(ids), "%04x:%04x", d->vendor, d->product);
	put(o, "bus_port", json_object_new_string(d->name));
	put(o, "id", json_object_new_string(ids));
	put(o, "name", *d->title ? json_object_new_string(d->title) : NULL);
	put(o, "hub", json_object_new_boolean(d->hub || d->root_hub));
	put(o, "drivers", drivers_json(d));
	put(o, "controller", *controller ? json_object_new_string(controller) : NULL);
	put(pass, "state", json_object_new_string(states[v.pass]));
	put(pass, "text", *v.text ? json_object_new_string(v.text) : NULL);
	put(o, "pass", pass);
	return o;
}

static void print_json(struct host *host, const struct host_usb *all, size_t count)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < count; i++)
		(void)json_object_array_add(array, device_json(host, all, count, &all[i]));
	screen_print_json(array);
	json_object_put(array);
}

/* ---- as it happens
 * --------------------------------------------------------------------------------- */

static void show_event(struct host *host, const struct host_usb_event *e)
{
	struct host_usb *all = NULL;
	char quoted[HOST_USB_NAME_MAX * 4], cell[COLUMNS_TEXT_MAX];
	size_t count = 0;

	if (e->added && !host_usb_all(host, &all, &count))
		for (size_t i = 0; i < count; i++)
			if (!strcmp(all[i].name, e->name))
				(void)printf(
					"plugged in  %-12s %04x:%04x %s\n", all[i].name,
					all[i].vendor, all[i].product,
					columns_fit(title_of(&all[i]), 48, screen_is_utf8(), cell));
	if (!e->added)
		(void)printf("pulled out  %s\n", log_quote(e->name, quoted, sizeof(quoted)));
	(void)fflush(stdout);
	free(all);
}

/* Until Ctrl-C. */
static int watch(struct host *host)
{
	cleanup_close int fd = host_usb_watch_open();
	int r = fd < 0 ? fd : 0;

	if (!r)
		(void)puts("Plug a device in or out; Ctrl-C ends this.");
	(void)fflush(stdout);
	while (!r || r == -ENOBUFS) {
		struct host_usb_event e;

		r = host_usb_watch_next(fd, &e);
		if (!r)
			show_event(host, &e);
		else if (r == -ENOBUFS)
			log_warning("more was plugged in and out than could be read");
	}
	log_error("the kernel does not tell what is plugged in: %s", strerror(-r));
	return EXIT_HOST;
}

/** list_usb() - Return: an exit code */
int list_usb(const struct cli *cli, struct host *host)
{
	struct host_usb *all = NULL;
	size_t count = 0;
	int r = host_usb_all(host, &all, &count);

	if (r) {
		log_error("the USB devices cannot be read: %s", strerror(-r));
		return EXIT_HOST;
	}
	if (cli->json)
		print_json(host, all, count);
	else
		print_text(host, all, count);
	free(all);
	return cli->watch ? watch(host) : EXIT_OK;
}
