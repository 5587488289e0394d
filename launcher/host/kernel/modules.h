/* SPDX-License-Identifier: GPL-2.0-or-later */
/* modules.h - which kernel modules there are, and which of them run */
#ifndef VFIO_RUN_HOST_MODULES_H
#define VFIO_RUN_HOST_MODULES_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/cleanup.h"

enum host_module {
	HOST_MODULE_MISSING,   /* this kernel has no such module */
	HOST_MODULE_AVAILABLE, /* on disk, not loaded */
	HOST_MODULE_LOADED,
	HOST_MODULE_BUILTIN,
};

#define HOST_MODULE_NAME 64 /* a module's name with its NUL; Source: MODULE_NAME_LEN */

struct host;
struct host_modules; /* opaque: libkmod's context */

int host_modules_open(const char *directory, struct host_modules **out) must_check;
int host_modules_of(struct host *host, struct host_modules **out) must_check;
void host_modules_close(struct host_modules *m);
int host_module_state(struct host_modules *m, const char *module, enum host_module *out) must_check;
bool host_modules_are_off(int root);
const char *host_modules_want_signatures(int root);
int host_module_signed(struct host_modules *m, const char *module) must_check;
int host_module_variant(struct host_modules *m, const char *modalias, char *driver,
			size_t size) must_check;
int host_module_names(struct host_modules *m, const char *modalias, char (*names)[HOST_MODULE_NAME],
		      size_t room) must_check;

#endif /* VFIO_RUN_HOST_MODULES_H */
