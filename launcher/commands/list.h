/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list.h - what `vfio-run list` knows of a device beside what the snapshot has */
#ifndef VFIO_RUN_LIST_H
#define VFIO_RUN_LIST_H

#include "launcher/base/holders.h"
#include "launcher/host/attached.h"
#include "launcher/host/host.h"
#include "launcher/host/modules.h"
#include "launcher/host/nodes.h"

#define LIST_MODULES_MAX 8

struct list_device {
	const struct host_device *host;
	struct host_nodes nodes;
	char module[LIST_MODULES_MAX][HOST_MODULE_NAME];
	size_t module_count;
	struct host_attached *connector, *usb;
	size_t connector_count, usb_count;
	struct holder *holder; /* into the list's */
	size_t holder_count;
	char vm[HOST_WORD_MAX]; /* "" none, or not to be seen without root */
};

struct list {
	struct host *host;
	struct list_device *device; /* sorted by address */
	size_t count;
};

struct json_object;

int list_fill(struct host *host, bool gpu, struct list *out) must_check;
void list_fini(struct list *list);
int list_table(const struct list *list, bool colour,
	       void (*more)(const struct list *list, const struct list_device *d)) must_check;
struct json_object *list_json(const struct list *list);
const char *list_user(const struct host *host, uint32_t uid, char buf[16]);

#endif /* VFIO_RUN_LIST_H */
