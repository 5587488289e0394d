/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print-json.c - a plan for programs, in the shape that the interface fixes */
#include <errno.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/host/host.h"
#include "launcher/plan/argv.h"
#include "launcher/plan/json-text.h"
#include "launcher/plan/print/print.h"
#include "launcher/plan/programs/programs.h"

/* Adds to an array; the error sticks in @a as with all the others. */
static void append(struct argv *a, struct json_object *list, struct json_object *item)
{
	if (!list || !item || json_object_array_add(list, item)) {
		(void)json_object_put(item);
		a->error = -ENOMEM;
	}
}

/* A text, or null for "none". */
static void put_or_null(struct argv *a, struct json_object *o, const char *key, const char *text)
{
	if (*text)
		put_text(a, o, key, text);
	else if (!o || json_object_object_add(o, key, NULL))
		a->error = -ENOMEM;
}

static struct json_object *devices(struct argv *a, const struct plan *plan)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < plan->device_count; i++) {
		const struct plan_device *d = &plan->device[i];
		struct json_object *o = argv_object("address", d->host->name);

		put_or_null(a, o, "driver", d->host->driver);
		put_text(a, o, "to", d->driver);
		put_bool(a, o, "assigned", d->assigned);
		if (d->host->expected) /* it has its number when it is made */
			put_or_null(a, o, "iommu_group", "");
		else
			put_number(a, o, "iommu_group", (uint64_t)d->host->iommu_group);
		append(a, list, o);
	}
	return list;
}

static struct json_object *changes(struct argv *a, const struct plan *plan)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < plan->change_count; i++) {
		const struct change *c = &plan->change[i];
		struct json_object *o = argv_object("step", change_name(c->kind));

		put_text(a, o, "target", c->target);
		put_or_null(a, o, "from", c->from);
		put_or_null(a, o, "to", c->to);
		append(a, list, o);
	}
	return list;
}

static struct json_object *strings(struct argv *a, char *const *vector)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; vector && vector[i]; i++)
		append(a, list, json_object_new_string(vector[i]));
	return list;
}

static struct json_object *files(struct argv *a, const struct plan_jail *j, unsigned int program)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < j->file_count; i++) {
		struct json_object *o;

		if (j->file[i].program != program)
			continue;
		o = argv_object("path", j->file[i].path);
		put_bool(a, o, "writable", j->file[i].writable);
		append(a, list, o);
	}
	return list;
}

static struct json_object *programs(struct argv *a, const struct plan *plan)
{
	struct json_object *list = json_object_new_array();
	struct plan_programs all;

	plan_programs(plan, KEEPER_RUN, 0, &all);
	for (size_t i = 0; i < all.count; i++) {
		struct json_object *o = argv_object("role", all.item[i].row.role);

		put_object(a, o, "argv", strings(a, all.item[i].argv));
		if (i >= PLAN_BESIDE_FIRST)
			put_object(a, o, "files", files(a, &plan->jail, (unsigned int)i));
		append(a, list, o);
	}
	return list;
}

static struct json_object *shared(struct argv *a, const struct plan *plan)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < plan->shared_count; i++) {
		struct json_object *o = argv_object("path", plan->shared[i].path);

		put_number(a, o, "bytes", plan->shared[i].bytes);
		put_number(a, o, "fd", (uint64_t)plan->shared[i].fd);
		append(a, list, o);
	}
	return list;
}

static struct json_object *jail(struct argv *a, const struct plan *plan)
{
	const struct plan_jail *j = &plan->jail;
	struct json_object *o = argv_object("user", j->user), *nodes = json_object_new_array();

	put_number(a, o, "uid", j->uid);
	put_number(a, o, "gid", j->gid);
	put_number(a, o, "memlock", j->memlock_bytes);
	put_bool(a, o, "private_network", j->private_network);
	for (size_t i = 0; i < j->node_count; i++)
		append(a, nodes, json_object_new_string(j->node[i].path));
	put_text(a, o, "sandbox", j->sandbox);
	put_object(a, o, "files", files(a, j, 0));
	put_object(a, o, "nodes", nodes);
	if (plan->shared_count)
		put_object(a, o, "shared", shared(a, plan));
	put_object(a, o, "environ", strings(a, plan->environ_));
	return o;
}

static struct json_object *plug(struct argv *a, const struct plan *plan)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; plan->usb_plug && plan->usb_plug[i]; i++)
		append(a, list, json_tokener_parse(plan->usb_plug[i]));
	for (size_t i = 0; plan->plug && plan->plug[i]; i++)
		append(a, list, json_tokener_parse(plan->plug[i]));
	return list;
}

static struct json_object *end(struct argv *a, const struct plan *plan)
{
	struct json_object *o = json_object_new_object();

	put_number(a, o, "shutdown_timeout", plan->shutdown_timeout_s);
	put_text(a, o, "on_panic", plan->on_panic);
	put_text(a, o, "on_hangup", plan->on_hangup);
	put_text(a, o, "inhibit", plan->inhibit);
	return o;
}

static void put_cpus(struct argv *a, struct json_object *o, const char *key, const struct cpus *set)
{
	char text[4096];

	cpus_format(set, text, sizeof(text));
	put_text(a, o, key, text);
}

/* An empty text: wherever the host puts them. */
static struct json_object *places(struct argv *a, const struct plan *plan)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	for (uint32_t i = 0; i < plan->places.vcpu_count; i++)
		append(a, list, json_object_new_int(plan->places.vcpu[i]));
	put_object(a, o, "pin", list);
	put_cpus(a, o, "affinity", &plan->places.vcpus);
	put_cpus(a, o, "emulator", &plan->places.emulator);
	put_cpus(a, o, "iothread", &plan->places.iothread);
	return o;
}

/**
 * plan_json() - what --dry-run --json prints, on one line
 * @profile:	the file's path
 * @out:	freed by the caller
 *
 * Return: 0 or -ENOMEM
 */
int plan_json(const struct plan *plan, const char *profile, char **out)
{
	struct argv a = { 0 };
	struct json_object *o = argv_object("name", plan->name);

	put_text(&a, o, "user", plan->jail.user);
	put_text(&a, o, "profile", profile);
	put_object(&a, o, "devices", devices(&a, plan));
	put_object(&a, o, "changes", changes(&a, plan));
	put_object(&a, o, "programs", programs(&a, plan));
	put_object(&a, o, "jail", jail(&a, plan));
	if (cpu_places_any(&plan->places))
		put_object(&a, o, "cpus", places(&a, plan));
	put_object(&a, o, "end", end(&a, plan));
	put_object(&a, o, "argv", strings(&a, plan->argv));
	put_object(&a, o, "plug", plug(&a, plan));
	*out = a.error ? NULL : json_text(o, JSON_ONE_LINE);
	(void)json_object_put(o);
	return *out ? 0 : -ENOMEM;
}
