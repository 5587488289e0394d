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
#define SCOPE_CARDS_MAX 256 /* of devices' names with blanks between */
#define USEC_PER_S UINT64_C(1000000)

/* scope.c: a call of systemd's manager that starts or stops a unit, and the wait for its job. */
int scope_call(sd_bus *bus, const char *method, sd_bus_message **out) must_check;
int scope_do(sd_bus *bus, sd_bus_message *call, unsigned int seconds) must_check;

/* scope-slice.c */
void slice_unit(const char *name, char buf[SCOPE_UNIT_MAX]);
int slice_main(sd_bus *bus, int argc, char **argv) must_check;

/* scope-inhibit.c */
int inhibit_main(sd_bus *bus, int argc, char **argv) must_check;

/* scope-masters.c; @root: the directory that holds sys/ */
struct picture_masters {
	int pid[16];
	size_t count;
};

enum picture { PICTURE_NO, PICTURE_ELSEWHERE, PICTURE_YES, PICTURE_UNKNOWN };

void masters_find(int root, struct picture_masters *out);
void masters_cards(int root, char *buf, size_t size);
enum picture masters_look(int root, const struct picture_masters *before, const char *wanted);

/* scope-picture.c */
void picture_look(struct picture_masters *before);
void picture_cards(char *buf, size_t size);
int picture_wait(sd_bus *bus, const struct picture_masters *before, const char *wanted) must_check;

/* scope-unit.c */
int unit_main(sd_bus *bus, int argc, char **argv) must_check;

#endif /* VFIO_RUN_SCOPE_REQUEST_H */
