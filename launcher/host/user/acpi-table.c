/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * acpi-table.c - is a file an ACPI table?
 *
 * QEMU takes any bytes; a guest whose firmware or kernel finds a table broken ignores it, or does
 * not start. Source files (.dsl, .asl) in place of compiled ones are common. Source: ACPI 6.5,
 * 5.2.6; QEMU's hw/acpi/core.c.
 *
 * The file is the user's: a child that is the user reads it, and only the verdict comes back.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/host/user/acpi-table.h"
#include "launcher/host/user/as-user.h"

#define HEADER_BYTES 36
#define TABLE_BYTES_MAX UINT16_MAX /* of QEMU */

static bool is_signature(const uint8_t *bytes)
{
	for (int i = 0; i < 4; i++)
		if (!((bytes[i] >= 'A' && bytes[i] <= 'Z') ||
		      (bytes[i] >= '0' && bytes[i] <= '9') || bytes[i] == '_' || bytes[i] == '!'))
			return false;
	return true;
}

/**
 * acpi_table_judge() - what is wrong with these bytes as an ACPI table
 * @bytes:	the file, at most one byte more than QEMU takes
 * @out:	overwritten
 */
void acpi_table_judge(const uint8_t *bytes, size_t size, struct acpi_table *out)
{
	uint8_t sum = 0;

	*out = (struct acpi_table){ .problem = ACPI_TABLE_GOOD, .bytes = size };
	if (size < HEADER_BYTES) {
		out->problem =
			size < 4 || is_signature(bytes) ? ACPI_TABLE_SHORT : ACPI_TABLE_SIGNATURE;
		return;
	}
	out->wanted = (uint64_t)bytes[4] | (uint64_t)bytes[5] << 8 | (uint64_t)bytes[6] << 16 |
		      (uint64_t)bytes[7] << 24;
	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + bytes[i]);
	if (!is_signature(bytes))
		out->problem = ACPI_TABLE_SIGNATURE;
	else if (size > TABLE_BYTES_MAX)
		out->problem = ACPI_TABLE_LONG;
	else if (out->wanted != size)
		out->problem = ACPI_TABLE_LENGTH;
	else if (sum)
		out->problem = ACPI_TABLE_CHECKSUM;
}

static int do_table(const void *request, void *reply)
{
	static uint8_t bytes[TABLE_BYTES_MAX + 1];
	int fd = open(request, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct acpi_table *out = reply;
	size_t used = 0;
	ssize_t n = 1;

	while (fd >= 0 && n > 0 && used < sizeof(bytes)) {
		n = read(fd, bytes + used, sizeof(bytes) - used);
		used += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || n < 0)
		out->error = -errno;
	else
		acpi_table_judge(bytes, used, out);
	return -1;
}

/**
 * host_acpi_table() - look at a file as the user
 * @out:	overwritten; a path that does not open is no error of the call but @out->error
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_acpi_table(const struct host_user *user, const char *path, struct acpi_table *out)
{
	*out = (struct acpi_table){ 0 };
	return as_user_call(user, do_table, path, out, sizeof(*out), NULL);
}
