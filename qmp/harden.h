/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * harden.h - what vfio-qmp gives up before it reads a byte of QEMU
 */
#ifndef VFIO_QMP_HARDEN_H
#define VFIO_QMP_HARDEN_H

#include "launcher/base/cleanup.h"

int qmp_harden_process(const char **what) must_check;
int qmp_harden_calls(const char **what) must_check;

#endif /* VFIO_QMP_HARDEN_H */
