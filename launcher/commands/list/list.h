/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list.h - what `vfio-run list` knows of a device beside what the snapshot has */
#ifndef VFIO_RUN_LIST_H
#define VFIO_RUN_LIST_H

#include "launcher/base/holders.h"
#include "launcher/host/devices/attached.h"
#include "launcher/host/devices/nodes.h"
#include "launcher/host/host.h"
#include "launcher/host/kernel/modules.h"

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

/* Can a guest have it? */
enum list_pass { LIST_AS_IT_IS, LIST_WITH, LIST_NOT, LIST_NO_DEVICE };
struct list_verdict {
	enum list_pass pass;
	char text[1024]; /* of WITH what is needed, of NOT why; safe to print */
};

struct json_object;
struct cli;

int list_fill(struct host *host, bool gpu, struct list *out) must_check;
void list_fini(struct list *list);
int list_table(const struct list *list, bool colour,
	       void (*more)(const struct list *list, const struct list_device *d)) must_check;
struct json_object *list_json(const struct list *list);
void list_verdict(const struct list *list, const struct list_device *d, struct list_verdict *out);
const char *list_verdict_line(const struct list_verdict *v, char *buf, size_t size);
bool list_is_named(const struct list_device *d, size_t holder);
int list_usb(const struct cli *cli, struct host *host) must_check;
int list_cpu(const struct cli *cli, struct host *host) must_check;
const char *list_user(const struct host *host, uint32_t uid, char buf[16]);

#endif /* VFIO_RUN_LIST_H */
