/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oom.h - which processes the OOM killer spares */
#ifndef VFIO_RUN_OOM_H
#define VFIO_RUN_OOM_H

void oom_protect(void);
void oom_unprotect(void);

#endif /* VFIO_RUN_OOM_H */
