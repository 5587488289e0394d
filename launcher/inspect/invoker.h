/* SPDX-License-Identifier: GPL-2.0-or-later */
/* invoker.h - the user behind sudo, doas or pkexec, or why that is not known */
#ifndef VFIO_RUN_INVOKER_H
#define VFIO_RUN_INVOKER_H

#include <stdbool.h>

#include "launcher/host/user/user.h"

int invoker_find(struct host_user *out, bool *found) must_check;

#endif /* VFIO_RUN_INVOKER_H */
