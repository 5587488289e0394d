/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print.c - a plan for people: devices, changes, jail, command line */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/host/host.h"
#include "launcher/plan/changes/usb.h"
#include "launcher/plan/print/print.h"
#include "launcher/plan/programs/programs.h"

/* Ends a stream into memory; everything written so far counts. */
static int close_stream(FILE *f, char **buf, char **out)
{
	bool failed = ferror(f);

	if (fclose(f) || failed) {
		free(*buf);
		return -ENOMEM;
	}
	*out = *buf;
	return 0;
}

static void usb_devices(FILE *f, const struct plan *plan)
{
	char quoted[512];

	for (size_t i = 0; i < plan->usb_count; i++) {
		const struct host_usb *d = &plan->usb[i].device;

		if (plan_usb_is_there(&plan->usb[i]))
			(void)fprintf(f, "  USB %-8s  %s [%04x:%04x]\n                goes to the guest\n",
				      d->name, log_quote(d->title, quoted, sizeof(quoted)), d->vendor,
				      d->product);
	}
}

static void devices(FILE *f, const struct plan *plan, struct host *host)
{
	(void)fprintf(f, "Devices:\n");
	for (size_t i = 0; i < plan->device_count; i++) {
		const struct plan_device *d = &plan->device[i];
		char name[128], quoted[512];

		(void)host_device_short(host, d->host, name, sizeof(name));
		(void)fprintf(f, "  %s  %s [%04x:%04x]\n", d->host->name,
			      log_quote(name, quoted, sizeof(quoted)), d->host->vendor,
			      d->host->device);
		if (d->host->expected)
			(void)fprintf(f, "                made by this run, %s",
				      "in a group that has its number then, ");
		else
			(void)fprintf(f, "                group %d, ", d->host->iommu_group);
		(void)fprintf(f, "%s%s, %s\n",
			      *d->host->driver ? d->host->driver : "no driver",
			      d->host->vfio ? " (stays there)" : "",
			      d->assigned ? "goes to the guest" : "held, not given to the guest");
	}
	usb_devices(f, plan);
	if (!plan->device_count && !plan_usb_there(plan))
		(void)fprintf(f, "  none\n");
}

static void changes(FILE *f, const struct plan *plan)
{
	char line[CHANGE_LINE_MAX];
	bool said = false;

	for (size_t i = 0; i < plan->holder_count; i++) {
		if (plan->holder[i].as_unit || plan->holder[i].asked)
			continue;
		(void)fprintf(f, "%s  %s\n", said ? "" : "Ended, for what they hold, before the first device is taken:\n",
			      plan->holder[i].who);
		said = true;
	}
	(void)fprintf(f, "Changes, in this order; undone in the reverse order %s:\n",
		      plan->argv ? "when the VM ends" : "by `vfio-run attach`");
	for (size_t i = 0; i < plan->change_count; i++) {
		change_describe(&plan->change[i], line, sizeof(line));
		(void)fprintf(f, "  %2zu. %s\n", i + 1, line);
	}
	if (!plan->change_count)
		(void)fprintf(f, "  none\n");
	else if (change_grammar(plan->change[0].kind)->stays)
		(void)fprintf(f, "  The modules stay loaded.\n");
}

static void shared(FILE *f, const struct plan *plan)
{
	for (size_t i = 0; i < plan->shared_count; i++) {
		const struct plan_shared *s = &plan->shared[i];

		(void)fprintf(f, "  %s %s, %" PRIu64 "M, made when it is not there, is /dev/fd/%d\n",
			      i ? "         " : "shared   ", s->path, s->bytes >> 20, s->fd);
	}
}

static void files(FILE *f, const struct plan *plan, size_t program, const char *before)
{
	for (size_t i = 0; i < plan->jail.file_count; i++) {
		const struct plan_file *file = &plan->jail.file[i];

		if (file->program != program)
			continue;
		(void)fputs(before, f);
		plan_quote(f, file->path);
		(void)fprintf(f, "%s\n", file->writable ? ", to be written too" : "");
	}
}

static void jail(FILE *f, const struct plan *plan)
{
	const struct plan_jail *j = &plan->jail;

	(void)fprintf(f, "Jail:\n");
	(void)fprintf(f, "  user      %s (uid %u, gid %u), no capabilities\n", j->user, j->uid,
		      j->gid);
	if (j->memlock_bytes)
		(void)fprintf(f, "  memory    %" PRIu64 " MiB can be locked\n", j->memlock_bytes >> 20);
	(void)fprintf(f, "  network   %s\n", j->private_network ? "none" : "the host's");
	(void)fprintf(f, "  sandbox   %s\n", j->sandbox);
	(void)fprintf(f, "  files     the system's in /usr, to be read\n");
	files(f, plan, 0, "            ");
	shared(f, plan);
	(void)fprintf(f, "  /dev     ");
	for (size_t i = 0; i < j->node_count; i++)
		(void)fprintf(f, " %s", j->node[i].path);
	(void)fprintf(f, "\n  environ  ");
	for (size_t i = 0; plan->environ_ && plan->environ_[i]; i++)
		(void)fprintf(f, " %s", plan->environ_[i]);
	(void)fputc('\n', f);
	if (plan->nvram_template && plan->nvram) {
		(void)fprintf(f, "  variables ");
		plan_quote(f, plan->nvram);
		(void)fprintf(f, ", copied from ");
		plan_quote(f, plan->nvram_template);
		(void)fprintf(f, " when it is not there\n");
	}
	if (plan->tpm_state) {
		(void)fprintf(f, "  TPM       ");
		plan_quote(f, plan->tpm_state);
		(void)fprintf(f, ", made by swtpm_setup when nothing is there\n");
	}
}

/* What it is started with, and what it sees of the user's. */
static void beside(FILE *f, const struct plan *plan, size_t number, char *const *argv)
{
	(void)fprintf(f, "           ");
	for (size_t i = 0; argv && argv[i]; i++) {
		(void)fputc(' ', f);
		plan_quote(f, argv[i]);
	}
	(void)fputc('\n', f);
	files(f, plan, number, "            sees ");
}

static void programs(FILE *f, const struct plan *plan)
{
	static const char *const jails[KEEPER_JAIL_MAX] = {
		[KEEPER_JAIL_USER] = "as the user, without capabilities",
		[KEEPER_JAIL_VM] = "in the jail",
		[KEEPER_JAIL_BESIDE] = "in a jail of its own, without devices or network",
		[KEEPER_JAIL_PROC] = "in a jail of its own, without devices or network",
		[KEEPER_JAIL_NETWORK] = "in a jail of its own, with the host's network and no file",
		[KEEPER_JAIL_USERS] = "in a jail and a user namespace of its own, without devices or network",
	};
	static const char *const deaths[KEEPER_DEATH_MAX] = {
		[KEEPER_DEATH_IGNORE] = "the VM goes on",
		[KEEPER_DEATH_WARN] = "the VM goes on, with a warning",
		[KEEPER_DEATH_NO_RESET] = "the guest runs on, and the VM ends when it reboots",
		[KEEPER_DEATH_ENDS] = "the VM ends",
	};
	struct plan_programs all;

	plan_programs(plan, KEEPER_RUN, 0, &all);
	(void)fprintf(f, "Programs:\n");
	for (size_t i = 0; i < all.count; i++) {
		const struct keeper_program *row = &all.item[i].row;

		(void)fprintf(f, "  %-9s %s; when it is dead ", row->role, jails[row->jail]);
		if (row->restarts)
			(void)fprintf(f, "another is started, %" PRIu32 " times; then ",
				      row->restarts);
		(void)fprintf(f, "%s\n", deaths[row->on_death]);
		if (i >= PLAN_BESIDE_FIRST)
			beside(f, plan, i, all.item[i].argv);
	}
}

static void place(FILE *f, const char *threads, const struct cpus *set)
{
	char text[256];

	cpus_format(set, text, sizeof(text));
	if (*text)
		(void)fprintf(f, "  %-9s on %s\n", threads, text);
}

/* Only what is not left to the host. */
static void places(FILE *f, const struct plan *plan)
{
	const struct cpu_places *p = &plan->places;

	if (!cpu_places_any(p))
		return;
	(void)fprintf(f, "CPUs:\n");
	if (p->vcpu_count)
		(void)fprintf(f, "  vcpus     ");
	for (uint32_t i = 0; i < p->vcpu_count; i++)
		(void)fprintf(f, "%s%" PRIu32 " on %u", i ? ", " : "", i, p->vcpu[i]);
	if (p->vcpu_count)
		(void)fputc('\n', f);
	place(f, "vcpus", &p->vcpus);
	place(f, "emulator", &p->emulator);
	place(f, "iothreads", &p->iothread);
}

static void end(FILE *f, const struct plan *plan)
{
	if (plan->log) {
		(void)fprintf(f, "  log       ");
		plan_quote(f, plan->log);
		(void)fputc('\n', f);
	}
	(void)fprintf(f, "End:\n");
	(void)fprintf(f,
		      "  asked     the power button, %u s later `quit`, then SIGTERM and SIGKILL\n",
		      plan->shutdown_timeout_s);
	(void)fprintf(f, "  panic     %s\n", plan->on_panic);
	(void)fprintf(f, "  hangup    %s\n", plan->on_hangup);
	(void)fprintf(f, "  inhibit   %s\n", plan->inhibit);
}

static void hooks(FILE *f, const struct plan *plan)
{
	static const char *const words[KEEPER_HOOK_MAX] = {
		[KEEPER_HOOK_PREPARE] = "prepare", [KEEPER_HOOK_STARTED] = "started",
		[KEEPER_HOOK_STOPPED] = "stopped", [KEEPER_HOOK_FAILED] = "failed",
		[KEEPER_HOOK_RELEASED] = "released",
	};
	bool any = false;

	for (int i = 0; i < KEEPER_HOOK_MAX; i++) {
		if (!plan->hook[i])
			continue;
		if (!any)
			(void)fprintf(f, "Hooks, as root:\n");
		any = true;
		(void)fprintf(f, "  %-9s ", words[i]);
		plan_quote(f, plan->hook[i]);
		(void)fputc('\n', f);
	}
}

static void plug(FILE *f, const struct plan *plan)
{
	if (!plan->plug && !plan->usb_count && !plan->input_count)
		return;
	(void)fprintf(f, "Plug, when QEMU stands%s and the devices are taken:\n",
		      plan->populate ? ", its memory is there" : "");
	for (size_t i = 0; i < plan->usb_count; i++) {
		(void)fprintf(f, "  device_add ");
		plan_quote(f, plan->usb_plug[i]);
		(void)fprintf(f, "%s\n", plan_usb_is_there(&plan->usb[i]) ? "" :
					 ", when it is plugged in");
	}
	for (size_t i = 0; i < plan->input_count; i++) {
		(void)fprintf(f, "  object-add ");
		plan_quote(f, plan->input_plug[i * plan->input_count + i]);
		(void)fprintf(f, ", when it is plugged in again\n");
	}
	for (size_t i = 0; plan->plug && plan->plug[i]; i++) {
		(void)fprintf(f, "  device_add ");
		plan_quote(f, plan->plug[i]);
		(void)fputc('\n', f);
	}
	if (plan->plug || plan->usb_boots)
		(void)fprintf(f, "  system_reset\n");
}

/* One option with its value on a line: an argument that starts with "-" begins a new one. */
static void command_line(FILE *f, const struct plan *plan)
{
	(void)fprintf(f, "Command line:\n");
	for (size_t i = 0; plan->argv && plan->argv[i]; i++) {
		const char *a = plan->argv[i];

		(void)fputs(!i ? "  " : *a == '-' ? " \\\n    " : " ", f);
		plan_quote(f, a);
	}
	(void)fputc('\n', f);
}

/*
 * What matters is printed last, where it stays on the screen. As comments: what is from the
 * command line on can be given to a shell.
 */
static void summary(FILE *f, const struct plan *plan, struct host *host)
{
	for (size_t i = 0; i < plan->device_count; i++) {
		const struct plan_device *d = &plan->device[i];
		char name[128], quoted[512];

		(void)host_device_short(host, d->host, name, sizeof(name));
		(void)fprintf(f, "# %s %s %s\n", d->host->name,
			      log_quote(name, quoted, sizeof(quoted)),
			      d->assigned ? "goes to the guest" : "is held");
	}
	(void)fprintf(f, "# Nothing was done. A %s makes %zu change%s", plan->argv ? "run" : "detach",
		      plan->change_count, plan->change_count == 1 ? "" : "s");
	(void)fprintf(f, plan->argv ? ", and undoes %s at its end.\n" : "; `vfio-run attach` undoes %s.\n",
		      plan->change_count == 1 ? "it" : "them");
}

/**
 * plan_text() - what --dry-run prints; the changes in the words of the log and the journal
 * @host:	the snapshot that the plan points into, for names
 * @out:	freed by the caller
 *
 * Return: 0 or -ENOMEM
 */
int plan_text(const struct plan *plan, struct host *host, char **out)
{
	char *buf = NULL;
	size_t size;
	FILE *f = open_memstream(&buf, &size);

	if (!f)
		return -ENOMEM;
	devices(f, plan, host);
	changes(f, plan);
	if (plan->argv) {
		jail(f, plan);
		end(f, plan);
		programs(f, plan);
		hooks(f, plan);
		plug(f, plan);
		places(f, plan);
		command_line(f, plan);
	}
	summary(f, plan, host);
	return close_stream(f, &buf, out);
}
