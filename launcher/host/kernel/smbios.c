/* SPDX-License-Identifier: GPL-2.0-or-later */
/* smbios.c - maker and product of the host, as its firmware's SMBIOS tables have them */
#include <errno.h>
#include <stdio.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/kernel/smbios.h"

/* Source: Documentation/ABI/testing/sysfs-firmware-dmi-tables, SMBIOS 3.6, 7.2 and 7.3. */
/* clang-format off */
const struct host_smbios_row host_smbios_rows[HOST_SMBIOS_STRINGS] = {
	{ 1, "manufacturer", "sys_vendor" },
	{ 1, "product",      "product_name" },
	{ 1, "version",      "product_version" },
	{ 1, "family",       "product_family" },
	{ 2, "manufacturer", "board_vendor" },
	{ 2, "product",      "board_name" },
	{ 2, "version",      "board_version" },
};
/* clang-format on */

/* Firmware makers write anything: what is not printable ASCII is left out, and blanks at the end.
 */
static void clean(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (*from >= ' ' && *from <= '~')
			*to++ = *from;
	while (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
}

/**
 * host_smbios() - read the strings that `smbios = host` shows to the guest
 *
 * Return: 0; -ENOENT: the kernel shows none
 */
int host_smbios(struct host *h, struct host_smbios *out)
{
	bool some = false;

	*out = (struct host_smbios){ 0 };
	for (size_t i = 0; i < HOST_SMBIOS_STRINGS; i++) {
		char path[96];

		(void)snprintf(path, sizeof(path), "sys/class/dmi/id/%s", host_smbios_rows[i].file);
		if (sysfs_read(host_root_fd(h), path, out->text[i], sizeof(out->text[i])) < 0)
			out->text[i][0] = '\0';
		clean(out->text[i]);
		some |= out->text[i][0] != '\0';
	}
	return some ? 0 : -ENOENT;
}
