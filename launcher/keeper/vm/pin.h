/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pin.h - each thread of the VM on the host CPUs that the plan has for it */
#ifndef VFIO_RUN_PIN_H
#define VFIO_RUN_PIN_H

#include "launcher/keeper/vm/vm.h"

#define PIN_IOTHREADS_MAX 256 /* one a disk; as many as vfio-qmp passes on at most */

enum pin_result {
	PIN_WAITING,
	PIN_DONE,
	PIN_FAILED,
};

bool pin_is_due(const struct vm *vm);
void pin_ask(struct vm *vm);
enum pin_result pin_take(struct vm *vm, const struct qmp_record *r);

#endif /* VFIO_RUN_PIN_H */
