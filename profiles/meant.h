/* SPDX-License-Identifier: GPL-2.0-or-later */
/* meant.h - the notation of a profile for a device that is written in another way */
#ifndef VFIO_RUN_MEANT_H
#define VFIO_RUN_MEANT_H

#include <stdbool.h>

#define MEANT_MAX 24 /* bytes of an address or of two ids, with the NUL */

bool meant_address(const char *text, char out[MEANT_MAX]);
bool meant_ids(const char *text, char out[MEANT_MAX]);

#endif /* VFIO_RUN_MEANT_H */
