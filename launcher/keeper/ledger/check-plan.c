/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check-plan.c - the plan as it comes from vfio-run, held against the closed table
 *
 * vfio-run is linked to five libraries and reads what users write, so it is not trusted:
 * whatever went wrong there, the keeper moves only PCI devices, only
 * to vfio drivers, and writes only the attributes of its table.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "launcher/base/log.h"
#include "launcher/base/path.h"
#include "launcher/keeper/ledger/check-plan.h"

static bool terminated(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static const struct keeper_device *find_device(const struct keeper_plan *p, const char *address)
{
	char text[PCI_ADDRESS_TEXT];

	for (uint32_t i = 0; i < p->device_count; i++)
		if (!strcmp(pci_address_format(&p->device[i].address, text), address))
			return &p->device[i];
	return NULL;
}

static const char *check_header(const struct keeper_plan *p, size_t size)
{
	if (p->magic != KEEPER_MAGIC || p->version != KEEPER_VERSION)
		return "made by another version of vfio-run: install vfio-run and its keeper together";
	if (p->size != size || p->strings_size != size - sizeof(*p) ||
	    p->strings_size > KEEPER_STRINGS_MAX)
		return "its sizes do not agree";
	if (p->job >= KEEPER_JOB_MAX || (p->flags & ~(uint32_t)KEEPER_FLAGS_ALL))
		return "an unknown job or flag";
	if (p->device_count > KEEPER_DEVICES_MAX || p->group_count > KEEPER_GROUPS_MAX ||
	    p->change_count > KEEPER_CHANGES_MAX || p->node_count > KEEPER_NODES_MAX ||
	    p->file_count > KEEPER_FILES_MAX || p->program_count > KEEPER_PROGRAMS_MAX)
		return "more entries than there can be";
	if (p->usb_count > KEEPER_USB_MAX || p->input_count > KEEPER_INPUTS_MAX)
		return "more entries than there can be";
	if (p->places.vcpu_count > CPUS_VM_MAX)
		return "more entries than there can be";
	for (uint32_t i = 0; i < p->places.vcpu_count; i++)
		if (p->places.vcpu[i] >= CPUS_MAX)
			return "more entries than there can be";
	if (!terminated(p->name, sizeof(p->name)) || !terminated(p->user, sizeof(p->user)))
		return "a text without its end";
	return NULL;
}

static const char *check_job(const struct keeper_plan *p)
{
	bool vm = p->job == KEEPER_RUN || p->job == KEEPER_TRY;
	bool changes = vm || p->job == KEEPER_DETACH;

	if (vm && (!change_is_word(p->name) || !p->uid || !p->gid || !p->program_count))
		return "a VM without a name, a user or a command";
	if (p->job == KEEPER_DETACH && !*p->name)
		return "a detach without a name";
	if ((p->job != KEEPER_RUN && (p->populate_rows || p->plug_rows)) ||
	    (p->flags & KEEPER_COLD && p->plug_rows && !p->usb_count) || p->populate_rows > KEEPER_ROWS_MAX ||
	    p->plug_rows > KEEPER_ROWS_MAX)
		return "commands where there can be none, or too many";
	if (!vm && p->program_count)
		return "programs where there is no VM";
	if (changes ? !p->device_count && p->job == KEEPER_DETACH : p->change_count)
		return "changes where there are none, or none where there should be";
	if (*p->name && strspn(p->name, "0123456789abcdefghijklmnopqrstuvwxyz"
					"ABCDEFGHIJKLMNOPQRSTUVWXYZ_.:-") != strlen(p->name))
		return "a name with other characters than a name has";
	return *p->name == '.' ? "a name that starts with a dot" : NULL;
}

/* Does a row make the virtual functions, of which this device is one? */
static bool makes_it(const struct keeper_plan *p, const struct keeper_device *d)
{
	char physical[PCI_ADDRESS_TEXT];

	pci_address_format(&d->physical, physical);
	for (uint32_t i = 0; i < p->change_count; i++)
		if (p->change[i].kind == CHANGE_VFS && !change_is_cut(&p->change[i]) &&
		    !strcmp(p->change[i].target, physical))
			return true;
	return false;
}

static const char *check_devices(const struct keeper_plan *p)
{
	for (uint32_t i = 0; i < p->device_count; i++) {
		const struct keeper_device *d = &p->device[i];

		if (d->address.device > 31 || d->address.function > 7)
			return "a device at no address";
		if (!terminated(d->title, sizeof(d->title)) || !change_is_line(d->title))
			return "a device's name that is no line";
		if (i && pci_address_compare(&p->device[i - 1].address, &d->address) >= 0)
			return "devices out of order or twice";
		if (!d->vendor && p->change_count)
			return "a device that could be any";
		if (d->group < 0 && d->number && !makes_it(p, d))
			return "a virtual function that no row makes";
	}
	for (uint32_t i = 0; i < p->group_count; i++)
		if (p->group[i] < 0 || (i && p->group[i - 1] >= p->group[i]))
			return "IOMMU groups out of order or twice";
	return NULL;
}

/* Its group is not known before it is there, and is locked then. */
static bool is_made(const struct keeper_device *d)
{
	return d->group < 0 && d->number;
}

static bool is_known_group(const struct keeper_plan *p, int32_t group)
{
	for (uint32_t i = 0; i < p->group_count; i++)
		if (p->group[i] == group)
			return true;
	return false;
}

/* The device that an announced card is of: "0000:02:00.1/sound/card1" */
static const struct keeper_device *find_announced(const struct keeper_plan *p, const struct change *c)
{
	char text[PCI_ADDRESS_TEXT];
	struct pci_address address;
	const char *card;

	return change_announced_parse(c->target, &address, &card) ?
		       find_device(p, pci_address_format(&address, text)) :
		       NULL;
}

static const char *check_change(const struct keeper_plan *p, const struct change *c)
{
	const char *wrong = change_wrong(c);
	const struct keeper_device *d;

	if (wrong || (c->kind != CHANGE_ANNOUNCE && change_grammar(c->kind)->subject != CHANGE_OF_DEVICE))
		return wrong;
	d = c->kind == CHANGE_ANNOUNCE ? find_announced(p, c) : find_device(p, c->target);
	if (!d)
		return "a change of a device that is not in the plan";
	return is_made(d) || is_known_group(p, d->group) ?
		       NULL :
		       "a device whose IOMMU group is not in the plan";
}

static const char *check_changes(const struct keeper_plan *p)
{
	const char *wrong = NULL;

	for (uint32_t i = 0; !wrong && i < p->change_count; i++)
		wrong = check_change(p, &p->change[i]);
	return wrong;
}

static const char *check_usb(const struct keeper_plan *p)
{
	for (uint32_t i = 0; i < p->usb_count; i++) {
		const struct keeper_usb *u = &p->usb[i];

		if (!terminated(u->port, sizeof(u->port)) || !terminated(u->found, sizeof(u->found)))
			return "a text without its end";
		if ((*u->port && !change_is_usb(u->port)) || (*u->found && !change_is_usb(u->found)) ||
		    (!*u->port && !u->vendor && !u->product))
			return "a USB device that could be any";
	}
	if ((p->usb_count || p->input_count) && p->job != KEEPER_RUN)
		return "USB or input devices where there is no VM";
	return NULL;
}

/* Below /dev, no way out of it, no hidden name. */
static bool is_node_path(const char *path)
{
	if (*path == '/' || *path == '.' || strstr(path, "/.") || strstr(path, "//"))
		return false;
	return *path && strspn(path, "0123456789abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ_.:/+=-") == strlen(path);
}

/* "vfio/0000:03:00.1": of the group of a virtual function that is made */
static bool is_made_node(const struct keeper_plan *p, const char *path)
{
	const struct keeper_device *d = find_device(p, path + strlen("vfio/"));

	return d && is_made(d);
}

/* Of VFIO's nodes only the container and the groups that are locked: not another VM's. */
static bool is_foreign_group(const struct keeper_plan *p, const char *path)
{
	char own[KEEPER_NODE_PATH_MAX];

	if (strncmp(path, "vfio/", 5) || !strcmp(path, "vfio/vfio") || is_made_node(p, path))
		return false;
	for (uint32_t i = 0; i < p->group_count; i++) {
		(void)snprintf(own, sizeof(own), "vfio/%d", p->group[i]);
		if (!strcmp(path, own))
			return false;
	}
	return true;
}

/* Made in a jail that stands: a group's, where QEMU is there before its devices. */
static bool is_wrongly_late(const struct keeper_plan *p, const struct keeper_node *n)
{
	if (n->late > 1)
		return true;
	return n->late && (p->flags & KEEPER_COLD || strncmp(n->path, "vfio/", 5) ||
			   !strcmp(n->path, "vfio/vfio"));
}

static const char *check_nodes(const struct keeper_plan *p)
{
	for (uint32_t i = 0; i < p->node_count; i++)
		if (!terminated(p->node[i].path, sizeof(p->node[i].path)) ||
		    !is_node_path(p->node[i].path))
			return "a device node at no place below /dev";
		else if (is_foreign_group(p, p->node[i].path) ||
			 (!strncmp(p->node[i].path, "vfio/", 5) && p->node[i].block))
			return "a VFIO group that is not in the plan";
		else if (is_wrongly_late(p, &p->node[i]))
			return "a device node that cannot be made that late";
	return NULL;
}

static bool serves(uint32_t channel)
{
	return channel == KEEPER_CHANNEL_SERVES || channel == KEEPER_CHANNEL_ACCEPTS;
}

/* @at: its strings */
static const char *check_program(const struct keeper_program *row, bool first, const char *at)
{
	if (!process_is_role(row->role))
		return "a program whose role is no word";
	if (row->jail >= KEEPER_JAIL_MAX || row->ready >= KEEPER_READY_MAX ||
	    row->after >= KEEPER_AFTER_MAX || row->on_death >= KEEPER_DEATH_MAX ||
	    row->log >= KEEPER_LOG_MAX || row->channel_count > KEEPER_CHANNELS_MAX ||
	    row->restarts > KEEPER_RESTARTS_MAX)
		return "a program with an unknown word in its row";
	for (uint32_t i = 0; i < row->channel_count; i++)
		if (row->channel[i] >= KEEPER_CHANNEL_MAX)
			return "a program with an unknown channel";
		else if (!first && (row->channel[i] == KEEPER_CHANNEL_GIVEN ||
				    row->channel[i] == KEEPER_CHANNEL_LINK))
			return "a program that may not have the network";
		else if (serves(row->channel[i]) ? first || row->jail == KEEPER_JAIL_USER :
			 row->channel[i] == KEEPER_CHANNEL_SERVED && !first)
			return "a program that serves another than the VM";
	/* what has the devices is in a jail of its own, built before they are taken, and is never
	 * started again; all others are let go by what they wait for */
	if (row->has_devices != first || (!first && row->jail == KEEPER_JAIL_VM) ||
	    (first &&
	     (row->jail != KEEPER_JAIL_VM || row->after != KEEPER_AFTER_PLACED || row->restarts)))
		return "a program that may not have the devices";
	if ((row->jail != KEEPER_JAIL_USER) != (row->ready == KEEPER_READY_BUILT) ||
	    (row->ready == KEEPER_READY_BUILT && row->after != KEEPER_AFTER_PLACED) ||
	    (row->ready != KEEPER_READY_STARTED && row->after == KEEPER_AFTER_GUEST) ||
	    (row->ready == KEEPER_READY_EXECUTED && row->after != KEEPER_AFTER_START))
		return "a program that is waited for where it cannot be ready";
	/* by then the keeper has dropped a jail's capabilities and closed that pipe */
	if ((row->restarts || row->after == KEEPER_AFTER_GUEST) &&
	    (row->jail != KEEPER_JAIL_USER || row->log == KEEPER_LOG_OUTPUT))
		return "a program that cannot be started that late";
	if (row->after == KEEPER_AFTER_GUEST && row->on_death == KEEPER_DEATH_ENDS)
		return "a program that the VM cannot need";
	if (first ? row->filter != KEEPER_FD_FILTER :
		    row->filter && row->filter != KEEPER_FD_FILTER_BESIDE)
		return "a program with another filter than its own";
	if (row->descriptor && row->descriptor != KEEPER_FD_QMP &&
	    row->descriptor != KEEPER_FD_SESSION)
		return "a program that was not handed over";
	if (!row->descriptor && *at != '/')
		return "a program without an absolute path";
	return NULL;
}

static bool has_channel(const struct keeper_program *row, enum keeper_channel channel)
{
	for (uint32_t i = 0; i < row->channel_count; i++)
		if (row->channel[i] == channel)
			return true;
	return false;
}

/* How many of a kind QEMU gets; what is no VM has no row, and nothing there was checked. */
static unsigned int channels_of(const struct keeper_plan *p, enum keeper_channel channel)
{
	const struct keeper_program *row = &p->program[0];
	unsigned int count = 0;

	for (uint32_t i = 0; p->program_count && i < row->channel_count; i++)
		count += row->channel[i] == channel;
	return count;
}

/* How many descriptors the links have that are made. */
static unsigned int links_of(const struct keeper_plan *p)
{
	struct change_link link;
	unsigned int count = 0;

	for (uint32_t i = 0; i < p->change_count; i++)
		if (p->change[i].kind == CHANGE_LINK && change_link_parse(p->change[i].to, &link))
			count += link.queues;
	return count;
}

/* How many of the programs serve QEMU, each by one channel; more of one are too many of all. */
static unsigned int servers_of(const struct keeper_plan *p)
{
	unsigned int count = 0;

	for (uint32_t i = 1; i < p->program_count; i++) {
		unsigned int own = 0;

		for (uint32_t n = 0; n < p->program[i].channel_count; n++)
			own += serves(p->program[i].channel[n]);
		count += own > 1 ? KEEPER_CHANNELS_MAX : own;
	}
	return count;
}

static const char *check_programs(const struct keeper_plan *p)
{
	const char *at = p->strings, *wrong = NULL;
	unsigned int talk = 0;

	for (uint32_t i = 0; !wrong && i < p->program_count; i++) {
		const struct keeper_program *row = &p->program[i];

		wrong = check_program(row, i == 0, at);
		talk += has_channel(row, KEEPER_CHANNEL_RECORDS);
		for (uint32_t n = 0; n < i && !wrong; n++)
			if (!strcmp(p->program[n].role, row->role))
				wrong = "two programs of one role";
		for (uint32_t n = 0; n < row->arg_count + row->env_count; n++)
			at += strlen(at) + 1;
	}
	if (!wrong && links_of(p) != channels_of(p, KEEPER_CHANNEL_LINK))
		wrong = "links that nobody gets, or more than are made";
	if (!wrong && p->job == KEEPER_RUN && servers_of(p) != channels_of(p, KEEPER_CHANNEL_SERVED))
		wrong = "a program that serves nobody, or one that is missing";
	if (!wrong && talk > 1)
		wrong = "two programs that the keeper talks to";
	return wrong;
}

static uint32_t program_strings(const struct keeper_plan *p)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < p->program_count; i++)
		count += p->program[i].arg_count + p->program[i].env_count;
	return count;
}

static const char *check_strings(const struct keeper_plan *p)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < p->program_count; i++)
		if (p->program[i].arg_count > KEEPER_ARGS_MAX || !p->program[i].arg_count ||
		    p->program[i].env_count > KEEPER_ARGS_MAX)
			return "a program with no argument or too many";

	if (p->strings_size && p->strings[p->strings_size - 1] != '\0')
		return "a text without its end";
	for (uint32_t i = 0; i < p->strings_size; i++)
		count += p->strings[i] == '\0';
	if (count != program_strings(p) + p->file_count)
		return "more or fewer arguments than it says";
	return check_programs(p);
}

/* Its shape only: it is opened as the user, and is used inside the user's jail only. */
static bool is_file_path(const char *path)
{
	return path[0] == '/' && path[1] && strlen(path) < KEEPER_PATH_MAX;
}

/* What the jail makes itself is no place for a file, nor is the root. */
static bool is_taken(const char *text)
{
	static const char *const taken[] = { "/proc", "/sys", "/dev", "/usr", "/etc" };
	char path[KEEPER_PATH_MAX];

	if (!path_plain(text, path, sizeof(path)) || !path[1])
		return true;

	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
		size_t length = strlen(taken[i]);

		if (!strcmp(path, taken[i]) ||
		    (i < 2 && !strncmp(path, taken[i], length) && path[length] == '/'))
			return true;
	}
	return false;
}

static const char *check_hooks(const struct keeper_plan *p)
{
	for (int i = 0; i < KEEPER_HOOK_MAX; i++)
		if (!terminated(p->hook[i], sizeof(p->hook[i])) ||
		    (*p->hook[i] && (*p->hook[i] != '/' || p->job != KEEPER_RUN)))
			return "a hook that is no path, or of no run";
	return NULL;
}

static const char *check_ends(const struct keeper_plan *p)
{
	uint64_t holders = (uint64_t)p->holder_count + p->asked_count + p->known_count;

	if (!terminated(p->picture, sizeof(p->picture)) || !change_is_addresses(p->picture) ||
	    (*p->picture && p->job != KEEPER_RUN))
		return "a picture on what is no device, or of no run";
	if (p->trial_s > KEEPER_TRIAL_MAX_S || (p->trial_s && p->job != KEEPER_RUN))
		return "a trial that is no run's, or has no end";
	if (holders > KEEPER_HOLDERS_MAX || (holders && p->job != KEEPER_RUN))
		return "more processes to be ended or asked than there can be";
	for (uint64_t i = 0; i < holders; i++)
		if (p->holder[i].pid <= 1 || !p->holder[i].start)
			return "a process to be ended or asked that is none, or the first";
	return NULL;
}

static const char *check_files(const struct keeper_plan *p)
{
	const char *at = p->strings;

	for (uint32_t i = program_strings(p); i; i--)
		at += strlen(at) + 1;
	for (uint32_t i = 0; i < p->file_count; i++, at += strlen(at) + 1)
		if (!is_file_path(at) || is_taken(at))
			return "a file at no place in the jail";
		else if (p->file[i].flags & ~(uint32_t)KEEPER_FILE_FLAGS_ALL)
			return "a file with an unknown flag";
		else if (p->program_count &&
			 (p->file[i].program >= p->program_count ||
			  p->program[p->file[i].program].jail == KEEPER_JAIL_USER))
			return "a file of a program that has no root of its own";
	return NULL;
}

/**
 * check_plan() - is this a plan that a keeper may carry out?
 * @p:		the mapped bytes, at least sizeof(*p) of them
 * @size:	bytes
 *
 * Return: NULL when it is; else what is wrong with it
 */
const char *check_plan(const struct keeper_plan *p, size_t size)
{
	const char *wrong = check_header(p, size);

	if (!wrong)
		wrong = check_job(p);
	if (!wrong)
		wrong = check_devices(p);
	if (!wrong)
		wrong = check_changes(p);
	if (!wrong)
		wrong = check_hooks(p);
	if (!wrong)
		wrong = check_ends(p);
	if (!wrong)
		wrong = check_nodes(p);
	if (!wrong)
		wrong = check_usb(p);
	if (!wrong)
		wrong = check_strings(p);
	return wrong ? wrong : check_files(p);
}

/**
 * check_plan_open() - map the plan that vfio-run handed over
 * @fd:		a memfd, sealed against every change
 * @out:	the plan, mapped for as long as the process lives
 *
 * Return: NULL; else what is wrong with it
 */
const char *check_plan_open(int fd, const struct keeper_plan **out)
{
	const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	const char *wrong;
	struct stat st;
	void *map;

	if (fstat(fd, &st) < 0 || fcntl(fd, F_GET_SEALS) < 0 ||
	    (fcntl(fd, F_GET_SEALS) & seals) != seals)
		return "there is none: the keeper is started by vfio-run";
	if ((size_t)st.st_size < sizeof(struct keeper_plan) ||
	    (size_t)st.st_size > sizeof(struct keeper_plan) + KEEPER_STRINGS_MAX)
		return "its sizes do not agree";
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return "it cannot be mapped";
	wrong = check_plan(map, (size_t)st.st_size);
	if (!wrong)
		*out = map;
	return wrong;
}
