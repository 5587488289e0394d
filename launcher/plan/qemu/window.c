/* SPDX-License-Identifier: GPL-2.0-or-later */
/* window.c - how much address space a guest needs for the large BARs of its devices */
#include "launcher/plan/qemu/window.h"
#include "launcher/host/host.h"
#include "launcher/plan/plan.h"
#include "profiles/profile.h"

#define WINDOW_OF_OVMF (UINT64_C(32) << 30) /* by default */
#define LOW_MEMORY_END (UINT64_C(4) << 30)
#define LARGEST (UINT64_C(1) << 62)

/* While the guest has it. */
static uint64_t bytes_of(const struct plan_device *d, size_t bar)
{
	uint64_t mib = bar < CHANGE_BARS ? d->bars.mib[bar] : 0; /* the ROM is not resizable */

	return mib ? mib << 20 : d->host->bar_bytes[bar];
}

static uint64_t power_of_two_from(uint64_t bytes)
{
	uint64_t power = 1;

	while (power < bytes && power < LARGEST)
		power <<= 1;
	return power;
}

/**
 * plan_window_needed() - bytes that hold the BARs of all devices that the guest gets
 * @plan:	its devices are there
 *
 * A BAR stands at a multiple of its size, and each device is behind a port of its own, whose
 * range is as aligned as the largest BAR in it.
 */
uint64_t plan_window_needed(const struct plan *plan)
{
	uint64_t all = 0;

	for (size_t i = 0; i < plan->device_count; i++) {
		uint64_t device = 0;

		if (!plan->device[i].assigned)
			continue;
		for (size_t bar = 0; bar < HOST_BARS - 1; bar++) /* the last is the ROM */
			device += bytes_of(&plan->device[i], bar);
		all += device ? power_of_two_from(device) : 0;
	}
	return all ? power_of_two_from(all) : 0;
}

/** plan_window() - bytes that the firmware is told to make it; 0: it is left to the firmware */
uint64_t plan_window(const struct plan *plan, const struct profile *profile)
{
	uint64_t needed = plan_window_needed(plan);

	if (profile->mmio64_bytes)
		return profile->mmio64_bytes;
	return needed > WINDOW_OF_OVMF ? needed : 0;
}

/**
 * plan_window_end() - the first address behind the window
 * @memory:	bytes of the guest's; at most all of it is above 4 GiB
 *
 * It starts at a multiple of its size, rounded down to a power of two.
 */
uint64_t plan_window_end(uint64_t window, uint64_t memory)
{
	uint64_t align = 1;

	while (align <= window / 2)
		align *= 2;
	return (LOW_MEMORY_END + memory + align - 1) / align * align + window;
}
