/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inhibit.h - the host neither sleeps nor shuts down by itself while a VM runs */
#ifndef VFIO_RUN_INHIBIT_H
#define VFIO_RUN_INHIBIT_H

#include <stdbool.h>

struct keeper;

void inhibit_start(const struct keeper *k, bool hears_button);

#endif /* VFIO_RUN_INHIBIT_H */
