/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oom.h - who is not to be killed when memory runs out */
#ifndef VFIO_RUN_OOM_H
#define VFIO_RUN_OOM_H

void oom_protect(void);
void oom_unprotect(void);

#endif /* VFIO_RUN_OOM_H */
