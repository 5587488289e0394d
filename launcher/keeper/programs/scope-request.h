/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scope-request.h - what the program that talks to systemd is asked for; between its files */
#ifndef VFIO_RUN_SCOPE_REQUEST_H
#define VFIO_RUN_SCOPE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/cpus.h"

#define SCOPE_DEADLINE_S 4 /* the keeper waits a little longer */
#define SCOPE_ANSWER_S 12 /* one that hangs; less than WORK_UNIT has */
#define SCOPE_UNIT_MAX 256
#define USEC_PER_S UINT64_C(1000000)

/* scope.c: a call of systemd's manager that starts or stops a unit, and the wait for its job. */
int scope_call(sd_bus *bus, const char *method, sd_bus_message **out) must_check;
int scope_do(sd_bus *bus, sd_bus_message *call, unsigned int seconds) must_check;

/* scope-slice.c */
void slice_unit(const char *name, char buf[SCOPE_UNIT_MAX]);
int slice_main(sd_bus *bus, int argc, char **argv) must_check;

/* scope-inhibit.c */
int inhibit_main(sd_bus *bus, int argc, char **argv) must_check;

/* scope-picture.c */
struct picture_masters {
	int pid[16];
	size_t count;
};

void picture_look(struct picture_masters *before);
int picture_wait(sd_bus *bus, const struct picture_masters *before) must_check;

/* scope-unit.c */
int unit_main(sd_bus *bus, int argc, char **argv) must_check;

#endif /* VFIO_RUN_SCOPE_REQUEST_H */
