/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail-paths.c - the files that are in QEMU's root beside the system's
 *
 * What the profile names, what is behind its disks, and what the user named in added
 * arguments: each at the place that it has outside, so that QEMU's command line means the
 * same in the jail. The system's folders are there in any case, to be read.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/path.h"
#include "launcher/plan/programs/jail-paths.h"
#include "profiles/profile.h"

/* What the keeper puts in by itself, or makes. Source: system_paths of keeper/jail/jail-root.c. */
static const char *const already[] = { "/usr",	 "/bin",	  "/lib",	   "/lib32", "/lib64",
				       "/sbin",	 "/nix/store", "/gnu/store", "/proc",  "/sys" };

/** jail_has_already() - is this path the system's, or no place for a file of the user's? */
bool jail_has_already(const char *text)
{
	char path[PATH_MAX];

	if (!path_plain(text, path, sizeof(path)))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(already); i++) {
		size_t length = strlen(already[i]);

		if (!strncmp(path, already[i], length) && (!path[length] || path[length] == '/'))
			return true;
	}
	return !strcmp(path, "/") || !strcmp(path, "/dev") || !strcmp(path, "/etc");
}

/**
 * jail_add_path() - one more file in the jail of a program
 * @program:	the number of its row
 * @path:	NULL: nothing
 *
 * Return: 0 or -ENOMEM
 */
int jail_add_path(struct plan_jail *jail, unsigned int program, const char *path, bool writable,
		  bool executable)
{
	struct plan_file *bigger;

	if (!path || (!writable && !program && jail_has_already(path)))
		return 0;
	for (size_t i = 0; i < jail->file_count; i++)
		if (jail->file[i].program == program && !strcmp(jail->file[i].path, path)) {
			jail->file[i].writable |= writable;
			jail->file[i].executable |= executable;
			return 0;
		}
	bigger = reallocarray(jail->file, jail->file_count + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	jail->file = bigger;
	bigger[jail->file_count] = (struct plan_file){ strdup(path), writable, executable, program };
	if (!bigger[jail->file_count].path)
		return -ENOMEM;
	jail->file_count++;
	return 0;
}

static int add_path(struct plan_jail *jail, const char *path, bool writable, bool executable)
{
	return jail_add_path(jail, 0, path, writable, executable);
}

/* The one socket, and the right to it: nothing else of the user's session. */
static int add_window(struct plan_jail *jail, const struct plan_window *w)
{
	int r = add_path(jail, w->x11, false, false);

	if (!r && w->authority && *w->authority)
		r = add_path(jail, w->authority, false, false);
	if (!r)
		r = add_path(jail, w->fonts, false, false);
	return r ? r : add_path(jail, w->wayland, false, false);
}

static bool is_block(const struct plan_disk_facts *list, size_t i)
{
	return list && list[i].block;
}

static int add_disks(struct plan_jail *jail, const struct profile *p,
		     const struct plan_host_facts *facts)
{
	int r = 0;

	for (size_t i = 0; i < p->disk_count && !r; i++)
		if (!is_block(facts->disk, i))
			r = add_path(jail, p->disk[i].path, plan_disk_is_written(&p->disk[i]),
				     false);
	for (size_t i = 0; i < p->cdrom_count && !r; i++)
		r = add_path(jail, p->cdrom[i].path, false, false);
	for (size_t i = 0; i < p->device_count && !r; i++)
		r = add_path(jail, p->device[i].rom, false, false);
	for (size_t i = 0; i < p->acpi_table.count && !r; i++)
		r = add_path(jail, p->acpi_table.item[i].text, false, false);
	return r;
}

/*
 * An emulator of one's own, PREFIX/bin/qemu-system-x86_64, has its libraries and ROMs below
 * PREFIX. From anywhere else it is alone: a file in a home does not put that home into the jail.
 */
static int add_emulator(struct plan_jail *jail, const char *qemu)
{
	cleanup_free char *prefix = strdup(qemu);
	char *slash;

	if (!prefix)
		return -ENOMEM;
	slash = strrchr(prefix, '/');
	if (slash && slash - prefix > 4 && !strncmp(slash - 4, "/bin", 4)) {
		slash[-4] = '\0';
		if (strcmp(prefix, jail->home) != 0 && !jail_has_already(prefix))
			return add_path(jail, prefix, false, true);
	}
	return add_path(jail, qemu, false, true);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct plan_file *)a)->path, ((const struct plan_file *)b)->path);
}

/**
 * jail_files() - fill the list of files; a directory stands before what is in it
 * @plan:	its jail's home is there
 *
 * Return: 0 or -ENOMEM
 */
int jail_files(struct plan *plan, const struct profile *profile, const struct plan_host_facts *facts)
{
	struct plan_jail *jail = &plan->jail;
	int r = add_emulator(jail, facts->qemu);

	if (!r)
		r = add_path(jail, facts->firmware_code, false, false);
	if (!r)
		r = add_path(jail, facts->nvram, true, false);
	if (!r)
		r = add_disks(jail, profile, facts);
	if (!r)
		r = add_path(jail, profile->display_password, false, false);
	if (!r)
		r = add_window(jail, &facts->window);
	if (!r)
		r = add_path(jail, facts->audio.socket, false, false);
	for (size_t i = 0; i < facts->file_count && !r; i++)
		r = add_path(jail, facts->file[i].path, facts->file[i].writable, false);
	if (jail->file_count)
		qsort(jail->file, jail->file_count, sizeof(*jail->file), by_path);
	return r;
}

/** jail_files_fini() - free the list */
void jail_files_fini(struct plan_jail *jail)
{
	for (size_t i = 0; i < jail->file_count; i++)
		free(jail->file[i].path);
	free(jail->file);
	jail->file = NULL;
	jail->file_count = 0;
}
