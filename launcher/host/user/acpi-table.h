/* SPDX-License-Identifier: GPL-2.0-or-later */
/* acpi-table.h - is a file an ACPI table? */
#ifndef VFIO_RUN_HOST_ACPI_TABLE_H
#define VFIO_RUN_HOST_ACPI_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "launcher/host/user/user.h"

enum acpi_table_problem {
	ACPI_TABLE_GOOD,
	ACPI_TABLE_SHORT,     /* no room for a header */
	ACPI_TABLE_LONG,      /* more than QEMU takes */
	ACPI_TABLE_SIGNATURE, /* it does not start with four letters */
	ACPI_TABLE_LENGTH,    /* its header has another length than the file */
	ACPI_TABLE_CHECKSUM,  /* its bytes do not add up */
};

struct acpi_table {
	int error;              /* 0, or the -errno of reading it */
	uint32_t problem;       /* enum acpi_table_problem */
	uint64_t bytes, wanted; /* of the file; by its header */
};

void acpi_table_judge(const uint8_t *bytes, size_t size, struct acpi_table *out);
int host_acpi_table(const struct host_user *user, const char *path,
		    struct acpi_table *out) must_check;

#endif /* VFIO_RUN_HOST_ACPI_TABLE_H */
