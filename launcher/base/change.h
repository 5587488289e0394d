/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change.h - the kinds of change that a run makes to the host, and their words
 *
 * The closed table: nothing else is ever written to a device. The plan names
 * these kinds, --dry-run prints them, the keeper applies and reverts them, and
 * the journal holds them, all in the same words.
 */
#ifndef VFIO_RUN_CHANGE_H
#define VFIO_RUN_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/cleanup.h"

enum change_kind {
	CHANGE_MODULE,		/* load a kernel module; vfio's own stay loaded (design, promise 1) */
#ifdef VFIO_RUN_TEST_CHANGE
	CHANGE_TEST,		/* of a test build only: one that VMs share */
#endif
	CHANGE_D3COLD,		/* d3cold_allowed */
	CHANGE_POWER,		/* power/control */
	CHANGE_OVERRIDE,	/* driver_override */
	CHANGE_UNBIND,		/* take the device from its host driver */
	CHANGE_BIND,		/* give it to the vfio driver */
	CHANGE_MAX
};

#define CHANGE_TARGET_MAX 64 /* a PCI address or a module's name, with its NUL */
#define CHANGE_VALUE_MAX 64  /* a driver's name or an attribute's value, with its NUL; "" is none */

const char *change_name(enum change_kind kind);
int change_from_name(const char *name);
bool change_is_word(const char *text);
void change_describe(enum change_kind kind, const char *target, const char *from, const char *to,
		     char *buf, size_t size);

#endif /* VFIO_RUN_CHANGE_H */
