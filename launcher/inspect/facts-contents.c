/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-contents.c - the check "files": other holders of an image, and what is in a ROM
 * file or an ACPI table */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/cli.h"
#include "launcher/host/holders/processes.h"
#include "launcher/host/holders/vms.h"
#include "launcher/host/user/acpi-table.h"
#include "launcher/host/user/apple-smc.h"
#include "launcher/host/user/image-lock.h"
#include "launcher/host/user/rom.h"
#include "launcher/inspect/looking.h"
#include "launcher/plan/find.h"

/**
 * looking_wrong() - a failed "files" at a place of the profile
 *
 * Return: EXIT_HOST
 */
int looking_wrong(const struct looking *l, const struct profile_pos *pos, const char *path,
		  const char *remedy, const char *what)
{
	check_add(l->results, "files", CHECK_FAILED, remedy, "%s: %s: %s", opened_place(l->o, pos), path,
		  what);
	return EXIT_HOST;
}

static int no_answer(const struct looking *l, const struct profile_pos *pos, const char *path,
		     int rc)
{
	return looking_wrong(l, pos, path, "see whether its file system answers: `stat -f FILE`",
			     strerror(-rc));
}

/* ---- locks ------------------------------------------------------------------------------ */

/* The holder, in words, and how that is ended; both safe to print. */
static void name_locker(const struct looking *l, const struct image_lock *lock, char *who,
			size_t who_size, char *remedy, size_t remedy_size)
{
	struct holder holder;
	struct host_vm vm;

	if (!host_image_locker(l->host, lock->inode, &holder)) {
		(void)snprintf(who, who_size, "a program that is not seen from here");
		(void)snprintf(
			remedy, remedy_size,
			"end the VM that uses it; on a network file system it can be on another host");
		return;
	}
	(void)host_process_describe(l->host, &holder, who, who_size);
	if (host_vm_of_process(l->host, holder.pid, &vm))
		(void)snprintf(remedy, remedy_size, "`vfio-run stop %s` first", vm.name);
	else
		(void)snprintf(remedy, remedy_size,
			       "end it first: two programs that write to one image destroy it");
}

/**
 * looking_at_lock() - will QEMU get the locks that it takes on an image?
 * @pos:	where the profile names it
 * @writable:	the guest writes to it
 *
 * Return: 0; EXIT_HOST: reported
 */
int looking_at_lock(const struct looking *l, const struct profile_pos *pos, const char *path,
		    bool writable)
{
	char who[512], what[640], remedy[256];
	struct image_lock lock;
	int rc = host_image_lock(&l->f->user, path, writable, &lock);

	if (rc)
		return no_answer(l, pos, path, rc);
	if (lock.error || !lock.locked)
		return 0; /* what cannot be opened is reported elsewhere */
	name_locker(l, &lock, who, sizeof(who), remedy, sizeof(remedy));
	(void)snprintf(what, sizeof(what), "is %s: %s",
		       lock.written ? "open for writing in another program"
				    : "open in another program that lets nobody else write to it",
		       who);
	return looking_wrong(l, pos, path, remedy, what);
}

/* ---- ROM files -------------------------------------------------------------------------- */

/* The ids that it must fit: of the device that is there, or that the section guards for. */
static bool wanted_ids(const struct looking *l, const struct profile_device *d,
		       struct profile_ids *out)
{
	const struct host_device *device;

	*out = (struct profile_ids){ d->has_id, d->id_vendor, d->id_device };
	if (!d->has_id && !plan_find_device(l->host, d, &device))
		*out = (struct profile_ids){ true, device->vendor, device->device };
	return out->given;
}

/* Another maker's is wrong for certain. */
static int judge_maker(const struct looking *l, const struct profile_device *d,
		       const struct rom *rom, const struct profile_ids *ids)
{
	char what[128];

	if (rom->vendor == ids->vendor)
		return 0;
	(void)snprintf(what, sizeof(what), "is a ROM for %04x:%04x, and the device is %04x:%04x",
		       rom->vendor, rom->device, ids->vendor, ids->device);
	return looking_wrong(l, &d->rom_pos, d->rom, ROM_ANOTHER, what);
}

/* Not wrong for certain: cards of one family share ROMs, and a guest may have a driver all the
 * same. */
static void remark_on_rom(const struct looking *l, const struct profile_device *d,
			  const struct rom *rom, const struct profile_ids *ids)
{
	if (l->o->profile->firmware != PROFILE_FIRMWARE_BIOS && !rom->efi)
		check_add(
			l->results, "files", CHECK_OK,
			"save the card's ROM again, whole, or write `firmware = bios`",
			"%s: %s: has no EFI image: UEFI shows nothing on this card before the "
			"guest's own driver does",
			opened_place(l->o, &d->rom_pos), d->rom);
	if (ids->given && rom->device != ids->device)
		check_add(l->results, "files", CHECK_OK, ROM_ANOTHER,
			  "%s: %s: is a ROM for %04x:%04x, and the device is %04x:%04x",
			  opened_place(l->o, &d->rom_pos), d->rom, rom->vendor, rom->device,
			  ids->vendor, ids->device);
}

/**
 * looking_at_rom() - is what `rom` names an expansion ROM?
 * @d:	has one, and it can be opened
 *
 * Return: 0; EXIT_HOST: reported
 */
int looking_at_rom(const struct looking *l, const struct profile_device *d)
{
	char what[256], remedy[256];
	struct profile_ids ids;
	struct rom rom;
	int rc = host_rom(&l->f->user, d->rom, &rom);

	if (rc || rom.error)
		return no_answer(l, &d->rom_pos, d->rom, rc ? rc : rom.error);
	if (rom_words(&rom, what, sizeof(what), remedy, sizeof(remedy)))
		return looking_wrong(l, &d->rom_pos, d->rom, remedy, what);
	if (wanted_ids(l, d, &ids) && judge_maker(l, d, &rom, &ids))
		return EXIT_HOST;
	remark_on_rom(l, d, &rom, &ids);
	return 0;
}

/* ---- ACPI tables ------------------------------------------------------------------------ */

#define ANOTHER_TABLE "compile it again: `iasl FILE.dsl` makes FILE.aml"

/**
 * looking_at_table() - is what an `acpi-table` names an ACPI table?
 * @table:	can be opened
 *
 * Return: 0; EXIT_HOST: reported
 */
int looking_at_table(const struct looking *l, const struct profile_text *table)
{
	static const char *const words[] = {
		[ACPI_TABLE_SHORT] = "is no ACPI table: it is shorter than the header of one",
		[ACPI_TABLE_LONG] = "is longer than the 65535 bytes that QEMU takes",
		[ACPI_TABLE_SIGNATURE] = "is no compiled ACPI table: it does not start with a signature",
		[ACPI_TABLE_CHECKSUM] = "is damaged: the bytes of the table do not add up to 0",
	};
	struct acpi_table t;
	char what[160];
	int rc = host_acpi_table(&l->f->user, table->text, &t);

	if (rc || t.error)
		return no_answer(l, &table->pos, table->text, rc ? rc : t.error);
	if (t.problem == ACPI_TABLE_GOOD)
		return 0;
	if (t.problem != ACPI_TABLE_LENGTH)
		return looking_wrong(l, &table->pos, table->text, ANOTHER_TABLE, words[t.problem]);
	(void)snprintf(what, sizeof(what),
		       "is cut off or has more behind it: by its header it has %" PRIu64
		       " bytes, the file has %" PRIu64, t.wanted, t.bytes);
	return looking_wrong(l, &table->pos, table->text, ANOTHER_TABLE, what);
}

/* ---- Apple's SMC ------------------------------------------------------------------------ */

/** looking_at_smc() - does the file of `apple-smc` hold such a string? 0, or EXIT_HOST: reported */
int looking_at_smc(const struct looking *l)
{
	const struct profile *p = l->o->profile;
	struct apple_smc smc;
	char what[128];
	int fd = -1, rc = host_apple_smc(&l->f->user, p->apple_smc, &smc, &fd);

	if (fd >= 0)
		(void)close(fd);
	if (rc || smc.error)
		return no_answer(l, &p->apple_smc_pos, p->apple_smc, rc ? rc : smc.error);
	if (smc.fits)
		return 0;
	(void)snprintf(what, sizeof(what),
		       "holds %" PRIu64 " characters, and not %d in one line without a quote", smc.length,
		       APPLE_SMC_LENGTH);
	return looking_wrong(l, &p->apple_smc_pos, p->apple_smc,
			     "put the string alone into the file, as a Mac's SMC has it", what);
}
