/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control-client.h - asking a running VM over its control socket */
#ifndef VFIO_RUN_COMMANDS_CONTROL_H
#define VFIO_RUN_COMMANDS_CONTROL_H

#include "launcher/base/cleanup.h"
#include "qmp/control.h"

int control_ask(const char *name, enum control_what what, enum control_result *out) must_check;
int control_trouble(const char *name, int error);

#endif /* VFIO_RUN_COMMANDS_CONTROL_H */
