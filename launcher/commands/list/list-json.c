/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list-json.c - `vfio-run list --json`: one object a device; the keys are a promise */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/commands/list/list.h"
#include "launcher/host/devices/block-use.h"
#include "launcher/host/devices/rebar.h"
#include "launcher/host/small-file.h"

static void put(struct json_object *o, const char *key, struct json_object *value)
{
	(void)json_object_object_add(o, key, value);
}

static struct json_object *text(const char *value)
{
	return json_object_new_string(value);
}

static struct json_object *text_or_null(const char *value)
{
	return *value ? text(value) : NULL;
}

static struct json_object *hex(uint32_t value, int digits)
{
	char buf[16];

	(void)snprintf(buf, sizeof(buf), "%0*x", digits, value);
	return text(buf);
}

static void append_json(struct json_object *array, struct json_object *value)
{
	(void)json_object_array_add(array, value);
}

static struct json_object *name_of(const struct list *list, const struct list_device *d,
				   enum host_name which)
{
	char name[256];

	return text(host_device_name(list->host, d->host, which, name, sizeof(name)));
}

static void put_identity(struct json_object *o, const struct list *list,
			 const struct list_device *d)
{
	put(o, "address", text(d->host->name));
	put(o, "vendor_id", hex(d->host->vendor, 4));
	put(o, "device_id", hex(d->host->device, 4));
	put(o, "subsystem_vendor_id", hex(d->host->subsystem_vendor, 4));
	put(o, "subsystem_device_id", hex(d->host->subsystem_device, 4));
	put(o, "vendor", name_of(list, d, HOST_NAME_VENDOR));
	put(o, "device", name_of(list, d, HOST_NAME_DEVICE));
	put(o, "class_id", hex(d->host->class_id, 6));
	put(o, "class", name_of(list, d, HOST_NAME_CLASS));
}

static struct json_object *words(const char *list)
{
	struct json_object *array = json_object_new_array();
	char copy[HOST_WORD_MAX], *save = NULL;

	(void)snprintf(copy, sizeof(copy), "%s", list);
	for (char *w = strtok_r(copy, " ", &save); array && w; w = strtok_r(NULL, " ", &save))
		append_json(array, text(w));
	return array;
}

static struct json_object *modules(const struct list_device *d)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < d->module_count; i++)
		append_json(array, text(d->module[i]));
	return array;
}

static struct json_object *bars(const struct host_device *d)
{
	struct json_object *array = json_object_new_array();

	for (int i = 0; array && i < HOST_BARS; i++) {
		struct json_object *bar = d->bar_bytes[i] ? json_object_new_object() : NULL;

		if (!bar)
			continue;
		put(bar, "index", json_object_new_int(i));
		put(bar, "size", json_object_new_uint64(d->bar_bytes[i]));
		append_json(array, bar);
	}
	return array;
}

/* Of those that can be resized: the sizes in bytes, as the device offers them. */
static struct json_object *resizable(const struct list *list, const struct list_device *d)
{
	struct json_object *array = json_object_new_array();

	for (unsigned int i = 0; array && i < 6; i++) {
		uint64_t sizes = host_bar_sizes(list->host, d->host, i);
		struct json_object *bar = sizes ? json_object_new_object() : NULL, *all;

		if (!bar)
			continue;
		all = json_object_new_array();
		for (unsigned int k = 0; k < 44; k++)
			if (sizes >> k & 1)
				append_json(all, json_object_new_uint64((uint64_t)1 << (k + 20)));
		put(bar, "index", json_object_new_int((int)i));
		put(bar, "sizes", all);
		append_json(array, bar);
	}
	return array;
}

static struct json_object *verdict(const struct list *list, const struct list_device *d)
{
	static const char *const states[] = { [LIST_AS_IT_IS] = "as-it-is", [LIST_WITH] = "with", [LIST_NOT] = "not" };
	struct json_object *o;
	struct list_verdict v;

	list_verdict(list, d, &v);
	o = v.pass == LIST_NO_DEVICE ? NULL : json_object_new_object();
	if (!o)
		return NULL;
	put(o, "state", text(states[v.pass]));
	put(o, "text", text_or_null(v.text));
	return o;
}

static void put_kernel(struct json_object *o, const struct list_device *d)
{
	put(o, "driver", text_or_null(d->host->driver));
	put(o, "driver_override", text_or_null(d->host->driver_override));
	put(o, "modules", modules(d));
	put(o, "iommu_group",
	    d->host->iommu_group < 0 ? NULL : json_object_new_int(d->host->iommu_group));
	put(o, "boot_vga", json_object_new_boolean(d->host->boot_vga));
	put(o, "physical_function", text_or_null(d->host->physfn));
	put(o, "virtual_functions",
	    d->host->sriov_numvfs < 0 ? NULL : json_object_new_int(d->host->sriov_numvfs));
	put(o, "reset_methods", words(d->host->reset_methods));
	put(o, "bars", bars(d->host));
	put(o, "numa_node", json_object_new_int(d->host->numa_node));
}

/* The nodes of one subsystem, by name; @dev puts the folder in /dev before it. */
static struct json_object *nodes(const struct list_device *d, const char *subsystem,
				 const char *dev)
{
	struct json_object *array = json_object_new_array();
	char path[HOST_WORD_MAX + 16];

	for (size_t i = 0; array && i < d->nodes.count; i++) {
		if (strcmp(d->nodes.item[i].subsystem, subsystem))
			continue;
		(void)snprintf(path, sizeof(path), "%s%s", dev, d->nodes.item[i].name);
		append_json(array, text(path));
	}
	return array;
}

static struct json_object *mounts(const struct list *list, const struct host_node *n)
{
	struct json_object *array = json_object_new_array();
	char **point;
	size_t count;

	if (!array || host_block_mounts(list->host, n, &point, &count))
		return array;
	for (size_t i = 0; i < count; i++)
		append_json(array, text(point[i]));
	host_list_free(point, count);
	return array;
}

static struct json_object *block_devices(const struct list *list, const struct list_device *d)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < d->nodes.count; i++) {
		struct json_object *o = d->nodes.item[i].block ? json_object_new_object() : NULL;

		if (!o)
			continue;
		put(o, "name", text(d->nodes.item[i].name));
		put(o, "mounts", mounts(list, &d->nodes.item[i]));
		append_json(array, o);
	}
	return array;
}

static struct json_object *attached(const struct host_attached *item, size_t count,
				    const char *name, const char *status, const char *title)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < count; i++) {
		struct json_object *o = json_object_new_object();

		if (!o)
			break;
		put(o, name, text(item[i].name));
		put(o, status, text(item[i].status));
		if (title)
			put(o, title, text_or_null(item[i].title));
		append_json(array, o);
	}
	return array;
}

static struct json_object *holders(const struct list *list, const struct list_device *d)
{
	struct json_object *array = json_object_new_array();
	char user[16];

	for (size_t i = 0; array && i < d->holder_count; i++) {
		struct json_object *o = json_object_new_object();

		if (!o)
			break;
		put(o, "pid", json_object_new_int(d->holder[i].pid));
		put(o, "name", text(d->holder[i].comm));
		put(o, "user", text(list_user(list->host, d->holder[i].uid, user)));
		put(o, "path", text(d->holder[i].path));
		append_json(array, o);
	}
	return array;
}

static struct json_object *device(const struct list *list, const struct list_device *d)
{
	struct json_object *o = json_object_new_object();

	if (!o)
		return NULL;
	put_identity(o, list, d);
	put_kernel(o, d);
	put(o, "drm_nodes", nodes(d, "drm", "/dev/dri/"));
	put(o, "connectors", attached(d->connector, d->connector_count, "name", "status", "monitor"));
	put(o, "net_interfaces", nodes(d, "net", ""));
	put(o, "block_devices", block_devices(list, d));
	put(o, "usb_devices", attached(d->usb, d->usb_count, "bus_port", "id", "name"));
	put(o, "in_use_by", holders(list, d));
	put(o, "vm", text_or_null(d->vm));
	put(o, "resizable_bars", resizable(list, d));
	put(o, "pass", verdict(list, d));
	return o;
}

/**
 * list_json() - the list as an array
 *
 * Return: freed with json_object_put(); NULL without memory
 */
struct json_object *list_json(const struct list *list)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < list->count; i++)
		append_json(array, device(list, &list->device[i]));
	return array;
}
