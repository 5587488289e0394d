/* SPDX-License-Identifier: GPL-2.0-or-later */
/* places.h - on which CPUs of the host the threads of a VM run */
#ifndef VFIO_RUN_PLAN_PLACES_H
#define VFIO_RUN_PLAN_PLACES_H

struct plan;
struct profile;

void plan_places(struct plan *plan, const struct profile *profile);

#endif /* VFIO_RUN_PLAN_PLACES_H */
