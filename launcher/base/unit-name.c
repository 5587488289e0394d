/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unit-name.c - what systemd calls the units of a VM */
#include <ctype.h>
#include <stdio.h>

#include "launcher/base/unit-name.h"

/**
 * unit_name() - "vfio-run-NAME" and @end
 * @name:	the VM's, escaped as systemd-escape(1) does it: "win-vm" must not be the VM of "win"
 * @end:	such as ".scope"
 * @buf:	filled
 */
void unit_name(const char *name, const char *end, char buf[UNIT_NAME_MAX])
{
	size_t used = (size_t)snprintf(buf, UNIT_NAME_MAX, "vfio-run-");

	for (; *name && used < UNIT_NAME_MAX - 32; name++)
		used += (size_t)snprintf(
			buf + used, UNIT_NAME_MAX - used,
			isalnum((unsigned char)*name) || *name == '_' || *name == '.' ? "%c"
										      : "\\x%02x",
			(unsigned char)*name);
	(void)snprintf(buf + used, UNIT_NAME_MAX - used, "%s", end);
}
