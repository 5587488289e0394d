/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * start.h - vfio-qmp from its arguments to its exit code
 */
#ifndef VFIO_QMP_START_H
#define VFIO_QMP_START_H

int qmp_start(int argc, char **argv);

#endif /* VFIO_QMP_START_H */
