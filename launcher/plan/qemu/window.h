/* SPDX-License-Identifier: GPL-2.0-or-later */
/* window.h - how much address space a guest needs for the large BARs of its devices */
#ifndef VFIO_RUN_PLAN_WINDOW_H
#define VFIO_RUN_PLAN_WINDOW_H

#include <stdint.h>

struct plan;
struct profile;

uint64_t plan_window_needed(const struct plan *plan);
uint64_t plan_window(const struct plan *plan, const struct profile *profile);
uint64_t plan_window_end(uint64_t window, uint64_t memory);

#endif /* VFIO_RUN_PLAN_WINDOW_H */
