/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quirks.h - what is known of drivers and cards, by version: a table, and the administrator's file
 */
#ifndef VFIO_RUN_HOST_QUIRKS_H
#define VFIO_RUN_HOST_QUIRKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/host/host.h"

#define QUIRKS_FILE "/etc/vfio-run/quirks"

/* "6.12.23": as many numbers as were written. */
#define QUIRK_NUMBERS 3
struct quirk_version {
	unsigned int number[QUIRK_NUMBERS];
	unsigned int count; /* 0: no limit */
};

/* Both ends belong to it; "6.15" as the last one has all of 6.15 in it. */
struct quirk_range {
	struct quirk_version from, to;
};

/* A row, for which what is left out applies to all. */
struct quirk {
	const char *name;   /* stable; a row of the file with the same name stands for this one */
	const char *driver; /* a host driver's name; NULL: any */
	const char *ids;    /* "1002:744c 1002:73*", ids or the beginning of them; NULL: any graphics card's */
	const char *kernel, *version; /* "6.14.2", "6.0..6.4", "595.."; of the kernel, of the driver's module */
	const char *condition; /* "module:vendor_reset", "class:kfd", "boot_vga", "virtual", "parameter:nvidia_drm/modeset", a "!" before */
	const char *reset;  /* done: `reset = auto` means this reset method, where the card has it */
	const char *unload; /* done: not NULL: `unload-modules = auto` unloads what uses the driver's module */
	const char *text;   /* said: what can happen, one sentence without its full stop */
	const char *remedy; /* NULL: none */
};

struct quirks {
	struct quirk *item;
	size_t count;
	char *text;	    /* of the file: its rows' words stand in it */
	unsigned int line;  /* of the first line that cannot be read; 0: none */
	const char *error;  /* what was expected there, or why the file cannot be used; NULL: nothing is wrong */
};

int host_quirks(struct host *h, struct quirks *out) must_check;
void host_quirks_fini(struct quirks *q);
bool host_quirk_applies(struct host *h, const struct quirk *q, const struct host_device *d);
bool host_quirk_unloads(struct host *h, const struct host_device *d);
const char *host_quirk_reset(struct host *h, const struct host_device *d, char *buf, size_t size);

bool quirk_parse_version(const char *text, struct quirk_version *out);
bool quirk_parse_range(const char *text, struct quirk_range *out);
bool quirk_is_in(const struct quirk_range *range, const char *version);
bool quirk_ids_match(const char *ids, uint16_t vendor, uint16_t device);
bool quirk_ids_valid(const char *ids);

#endif /* VFIO_RUN_HOST_QUIRKS_H */
