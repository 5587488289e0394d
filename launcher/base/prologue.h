/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prologue.h - a process put in order before its first word is read */
#ifndef VFIO_RUN_PROLOGUE_H
#define VFIO_RUN_PROLOGUE_H

#include "launcher/base/cleanup.h"

int prologue(int argc, char **argv, const char *const *environment) must_check;

#endif /* VFIO_RUN_PROLOGUE_H */
