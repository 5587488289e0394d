/* SPDX-License-Identifier: GPL-2.0-or-later */
/* places.c - on which CPUs of the host the threads of a VM run */
#include "launcher/plan/places.h"
#include "launcher/plan/plan.h"
#include "profiles/profile.h"

static void take(struct cpus *to, const struct profile_cpu_list *from)
{
	for (size_t i = 0; i < from->count; i++)
		cpus_add(to, from->cpu[i]);
}

/** plan_places() - fill the plan's places; the disks' threads are by default where the emulator is
 */
void plan_places(struct plan *plan, const struct profile *profile)
{
	struct cpu_places *places = &plan->places;

	*places = (struct cpu_places){ .vcpu_count = 0 };
	for (size_t i = 0; i < profile->pin.count && i < CPUS_VM_MAX; i++)
		places->vcpu[places->vcpu_count++] = (uint16_t)profile->pin.cpu[i];
	plan->fast = profile->governor == PROFILE_GOVERNOR_PERFORMANCE;
	plan->moves_irqs = profile->irq_affinity == PROFILE_IRQS_AWAY;
	plan->isolates = profile->isolate_cpus;
	places->realtime = profile->realtime;
	take(&places->vcpus, &profile->affinity);
	take(&places->emulator, &profile->emulator_pin);
	take(&places->iothread,
	     profile->iothread_pin.count ? &profile->iothread_pin : &profile->emulator_pin);
}
