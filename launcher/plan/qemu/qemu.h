/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu.h - QEMU's arguments and environment for a plan
 *
 * Inside launcher/plan only.
 */
#ifndef VFIO_RUN_PLAN_QEMU_H
#define VFIO_RUN_PLAN_QEMU_H

#include "launcher/plan/argv.h"
#include "launcher/plan/plan.h"

struct profile;

/* The guest's controller for USB devices of the host's, and for what [input] shows. */
#define QEMU_USB "usb"
#define QEMU_USB_BUS QEMU_USB ".0"

/* What the emitters work on. */
struct qemu {
	struct argv argv;
	struct argv plug; /* arguments of device_add, from the first device to the last */
	struct argv usb; /* likewise, one for each [usb] */
	struct argv inputs; /* of object-add: plan->input_plug */
	const struct profile *profile;
	struct plan *plan;
	const struct plan_host_facts *facts;
	unsigned int ports; /* root ports so far */
};

int plan_qemu(struct plan *plan, const struct profile *profile,
	      const struct plan_host_facts *facts) must_check;

/* The emitters in files of their own; each goes through its part of the profile. */
unsigned int qemu_port(struct qemu *q);
unsigned int qemu_port_with(struct qemu *q, bool eject);
bool qemu_has_igd(const struct qemu *q);
bool qemu_has_backend(const struct qemu *q);
bool qemu_is_uefi(const struct qemu *q);
bool qemu_is_pc(const struct qemu *q);
void qemu_machine(struct qemu *q);
void qemu_cpu(struct qemu *q);
void qemu_tables(struct qemu *q);
void qemu_sleep(struct qemu *q);
void qemu_agent(struct qemu *q);
void qemu_settings(struct qemu *q);
bool qemu_is_cold(const struct plan *plan, const struct profile *profile);
void qemu_devices(struct qemu *q);
void qemu_disks(struct qemu *q);
void qemu_cdroms(struct qemu *q);
void qemu_nets(struct qemu *q);
void qemu_beside(struct qemu *q);
void qemu_usb(struct qemu *q);
void qemu_input(struct qemu *q);
void qemu_display(struct qemu *q);
void qemu_shown(struct qemu *q);
void qemu_shm(struct qemu *q);
void qemu_audio(struct qemu *q);

#endif /* VFIO_RUN_PLAN_QEMU_H */
