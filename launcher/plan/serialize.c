/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serialize.c - a plan as the keeper takes it: one struct keeper_plan in a sealed memfd */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "launcher/host/host.h"
#include "launcher/plan/changes/usb.h"
#include "launcher/plan/programs/programs.h"
#include "launcher/plan/programs/rows-memfd.h"
#include "launcher/plan/serialize.h"

#define BLOCK_BYTES 4096
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* What a device is, in one word, for messages; names from pci.ids are too slow for a start. */
static const char *const class_words[] = {
	[0x01] = "storage controller",	  [0x02] = "network controller",
	[0x03] = "display controller",	  [0x04] = "multimedia device",
	[0x05] = "memory controller",	  [0x06] = "bridge",
	[0x07] = "serial controller",	  [0x08] = "system device",
	[0x09] = "input controller",	  [0x0b] = "processor",
	[0x0c] = "serial bus controller", [0x0d] = "wireless controller",
	[0x10] = "encryption device",	  [0x11] = "signal processor",
	[0x12] = "accelerator",
};

static size_t strings_size(char *const *vector)
{
	size_t size = 0;

	for (; vector && *vector; vector++)
		size += strlen(*vector) + 1;
	return size;
}

static size_t program_strings_size(const struct plan_programs *programs)
{
	size_t size = 0;

	for (size_t i = 0; i < programs->count; i++)
		size += strings_size(programs->item[i].argv) + strings_size(programs->item[i].env);
	return size;
}

static char *put_strings(char *at, char *const *vector)
{
	for (; vector && *vector; vector++)
		at = stpcpy(at, *vector) + 1;
	return at;
}

static char *put_programs(struct keeper_plan *k, const struct plan_programs *programs)
{
	char *at = k->strings;

	for (size_t i = 0; i < programs->count; i++) {
		k->program[i] = programs->item[i].row;
		at = put_strings(put_strings(at, programs->item[i].argv), programs->item[i].env);
	}
	k->program_count = (uint32_t)programs->count;
	return at;
}

/* Those of the programs that the job has. */
static size_t file_strings_size(const struct plan_jail *jail, size_t programs)
{
	size_t size = 0;

	for (size_t i = 0; i < jail->file_count; i++)
		if (jail->file[i].program < programs)
			size += strlen(jail->file[i].path) + 1;
	return size;
}

static void put_device(struct keeper_device *to, const struct plan_device *from)
{
	const struct host_device *d = from->host;
	unsigned int class = d->class_id >> 16;
	const char *word = class < ARRAY_SIZE(class_words) ? class_words[class] : NULL;

	*to = (struct keeper_device){ .address = d->address,
				      .vendor = d->vendor,
				      .device = d->device,
				      .group = d->iommu_group,
				      .number = from->number,
				      .assigned = from->assigned };
	if (to->number && !pci_address_parse(d->physfn, &to->physical))
		to->number = 0;
	(void)snprintf(to->title, sizeof(to->title), "%s [%04x:%04x]", word ? word : "device",
		       d->vendor, d->device);
}

static void put_node(struct keeper_node *to, const struct plan_node *from)
{
	_Static_assert(sizeof(to->path) == sizeof(from->path), "the same paths");
	memcpy(to->path, from->path, sizeof(to->path));
	to->block = from->block;
	to->readonly = from->readonly;
	to->late = from->late;
	to->major = from->major;
	to->minor = from->minor;
}

static void put_file(struct keeper_file *to, const struct plan_file *from)
{
	to->flags = (from->writable ? (uint32_t)KEEPER_FILE_WRITABLE : 0) |
		    (from->executable ? (uint32_t)KEEPER_FILE_EXECUTABLE : 0);
	to->program = from->program;
}

static void put_files(struct keeper_plan *k, const struct plan_jail *jail, char *at)
{
	for (size_t i = 0; i < jail->file_count; i++) {
		if (jail->file[i].program >= k->program_count)
			continue;
		put_file(&k->file[k->file_count++], &jail->file[i]);
		at = stpcpy(at, jail->file[i].path) + 1;
	}
}

static void put_usb(struct keeper_plan *k, const struct plan *plan)
{
	for (size_t i = 0; i < plan->usb_count; i++) {
		const struct plan_usb *from = &plan->usb[i];
		struct keeper_usb *to = &k->usb[i];

		to->vendor = from->vendor;
		to->product = from->product;
		(void)snprintf(to->port, sizeof(to->port), "%.31s", from->port);
		if (!plan_usb_is_there(from))
			continue;
		to->vendor = from->device.vendor;
		to->product = from->device.product;
		(void)snprintf(to->found, sizeof(to->found), "%.31s", from->device.name);
	}
	k->usb_count = (uint32_t)plan->usb_count;
}

static void put_inputs(struct keeper_plan *k, const struct plan *plan)
{
	memcpy(k->input, plan->input, sizeof(k->input));
	k->input_count = (uint32_t)plan->input_count;
}

static void put_lists(struct keeper_plan *k, const struct plan *plan)
{
	for (size_t i = 0; i < plan->device_count; i++)
		put_device(&k->device[i], &plan->device[i]);
	for (size_t i = 0; i < plan->group_count; i++)
		k->group[i] = plan->group[i];
	for (size_t i = 0; i < plan->change_count; i++)
		k->change[i] = plan->change[i];
	for (size_t i = 0; i < plan->jail.node_count; i++)
		put_node(&k->node[i], &plan->jail.node[i]);
	k->device_count = (uint32_t)plan->device_count;
	k->group_count = (uint32_t)plan->group_count;
	k->change_count = (uint32_t)plan->change_count;
	k->node_count = (uint32_t)plan->jail.node_count;
}

/* A detach has neither word. */
static bool is(const char *word, const char *wanted)
{
	return word && !strcmp(word, wanted);
}

static void put_holders(struct keeper_plan *k, const struct plan *plan)
{
	size_t count = plan->holder_count < KEEPER_HOLDERS_MAX ? plan->holder_count : KEEPER_HOLDERS_MAX;

	for (size_t i = 0; i < count; i++)
		if (!plan->holder[i].as_unit && !plan->holder[i].asked)
			k->holder[k->holder_count++] = plan->holder[i].id;
	for (size_t i = 0; i < count; i++)
		if (plan->holder[i].asked)
			k->holder[k->holder_count + k->asked_count++] = plan->holder[i].id;
	for (size_t i = 0; i < count; i++)
		if (plan->holder[i].as_unit)
			k->holder[k->holder_count + k->asked_count + k->known_count++] =
				plan->holder[i].id;
}

static void put_head(struct keeper_plan *k, const struct plan *plan, enum keeper_job job,
		     uint32_t flags)
{
	_Static_assert(sizeof(k->name) >= sizeof(plan->name), "the same names");
	_Static_assert(sizeof(k->user) >= sizeof(plan->jail.user), "the same users");
	k->magic = KEEPER_MAGIC;
	k->version = KEEPER_VERSION;
	k->job = job;
	k->flags = flags | (plan->jail.private_network ? KEEPER_PRIVATE_NETWORK : 0u) |
		   (plan_is_filtered(plan) ? KEEPER_FILTERED : 0u) |
		   (plan->cold ? KEEPER_COLD : 0u) |
		   (plan->host_name ? KEEPER_HOST_NAME : 0u) |
		   (plan->display_socket && job == KEEPER_RUN ? KEEPER_DISPLAY_SOCKET : 0u) |
		   (is(plan->on_hangup, "stop") ? KEEPER_STOP_ON_HANGUP : 0u) |
		   (is(plan->on_panic, "reset") ? KEEPER_RESET_ON_PANIC : 0u) |
		   (is(plan->on_panic, "fail") ? KEEPER_FAIL_ON_PANIC : 0u) |
		   (is(plan->inhibit, "sleep") ? KEEPER_INHIBIT_SLEEP : 0u) |
		   (is(plan->inhibit, "shutdown") ? KEEPER_INHIBIT_SHUTDOWN : 0u);
	memcpy(k->name, plan->name, sizeof(plan->name));
	memcpy(k->user, plan->jail.user, sizeof(plan->jail.user));
	k->uid = plan->jail.uid;
	k->gid = plan->jail.gid;
	k->shutdown_timeout_s = plan->shutdown_timeout_s;
	k->trial_s = job == KEEPER_RUN ? plan->trial_s : 0;
	k->memory_bytes = plan->memory_bytes;
	k->memlock_bytes = plan->jail.memlock_bytes;
	k->places = plan->places;
	if (job == KEEPER_RUN)
		put_holders(k, plan);
	if (job == KEEPER_RUN)
		memcpy(k->picture, plan->picture, sizeof(k->picture));
	for (int i = 0; i < KEEPER_HOOK_MAX; i++)
		if (plan->hook[i] && job == KEEPER_RUN)
			(void)snprintf(k->hook[i], sizeof(k->hook[i]), "%s", plan->hook[i]);
}

static bool fits(const struct plan *plan, const struct plan_programs *programs, size_t strings)
{
	for (size_t i = 0; i < programs->count; i++)
		if (programs->item[i].row.arg_count > KEEPER_ARGS_MAX ||
		    programs->item[i].row.env_count > KEEPER_ARGS_MAX)
			return false;
	return plan->device_count <= KEEPER_DEVICES_MAX && plan->group_count <= KEEPER_GROUPS_MAX &&
	       plan->change_count <= KEEPER_CHANGES_MAX &&
	       plan->jail.node_count <= KEEPER_NODES_MAX &&
	       plan->usb_count <= KEEPER_USB_MAX &&
	       plan->jail.file_count <= KEEPER_FILES_MAX && strings <= KEEPER_STRINGS_MAX;
}

static bool is_zero(const char *data, size_t size)
{
	return !size || (!*data && !memcmp(data, data + 1, size - 1));
}

/*
 * Most of the tables is empty: what is zero is left out, so that the plan takes a few pages
 * for as long as the VM runs, and not thirty.
 */
static int write_what_is(int fd, const char *data, size_t size)
{
	for (size_t at = 0, n; at < size; at += n) {
		n = size - at < BLOCK_BYTES ? size - at : BLOCK_BYTES;
		while (!is_zero(data + at, n) && n < size - at) {
			size_t more = size - at - n < BLOCK_BYTES ? size - at - n : BLOCK_BYTES;

			if (is_zero(data + at + n, more))
				break;
			n += more;
		}
		if (!is_zero(data + at, n) && pwrite(fd, data + at, n, (off_t)at) != (ssize_t)n)
			return errno ? -errno : -EIO;
	}
	return 0;
}

/* A file without a name, sealed: no process can change it any more, its maker included. */
static int seal(const void *data, size_t size, int *out)
{
	cleanup_close int fd = memfd_create("vfio-run-plan", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r;

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		return -errno;
	r = write_what_is(fd, data, size);
	if (r)
		return r;
	if (fcntl(fd, F_ADD_SEALS, SEALS))
		return -errno;
	*out = take_fd(&fd);
	return 0;
}

/**
 * plan_serialize() - write the plan where the keeper reads it
 * @flags:	of enum keeper_flag; the one for a private network is set from the plan
 * @fd_out:	a sealed memfd at offset 0, close-on-exec, that the caller closes
 *
 * Return: 0; -E2BIG when the plan is larger than the keeper takes (nothing is ever cut);
 * other -errno
 */
int plan_serialize(const struct plan *plan, enum keeper_job job, uint32_t flags, int *fd_out)
{
	struct plan_programs programs;
	struct keeper_plan *k;
	size_t strings, size;
	int r;

	plan_programs(plan, job, flags, &programs);
	strings = program_strings_size(&programs) + file_strings_size(&plan->jail, programs.count);
	size = sizeof(*k) + strings;
	if (!fits(plan, &programs, strings))
		return -E2BIG;
	k = calloc(1, size);
	if (!k)
		return -ENOMEM;
	put_head(k, plan, job, flags);
	put_lists(k, plan);
	if (job == KEEPER_RUN) {
		put_usb(k, plan);
		put_inputs(k, plan);
		k->populate_rows = (uint32_t)plan_populate_rows(plan);
		k->plug_rows = (uint32_t)plan_plug_rows(plan);
	}
	k->size = (uint32_t)size;
	k->strings_size = (uint32_t)strings;
	put_files(k, &plan->jail, put_programs(k, &programs));
	r = seal(k, size, fd_out);
	free(k);
	return r;
}
