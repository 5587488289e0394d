/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpus.h - sets of the host's CPUs, and where the threads of a VM are to run
 *
 * libc only, no allocation, nothing printed: vfio-run's checks and the keeper share it.
 */
#ifndef VFIO_RUN_CPUS_H
#define VFIO_RUN_CPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/base/cleanup.h"

#define CPUS_MAX 8192    /* numbers from 0; NR_CPUS of the largest kernels */
#define CPUS_VM_MAX 1024 /* virtual processors of a VM */

/* A set of CPUs, or of NUMA nodes: a bit each, as sched_setaffinity(2) takes it. */
struct cpus {
	uint8_t bit[CPUS_MAX / 8];
};
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the kernel's words are read as bytes");

static inline bool cpus_has(const struct cpus *set, unsigned int number)
{
	return number < CPUS_MAX && set->bit[number / 8] >> number % 8 & 1;
}

static inline void cpus_add(struct cpus *set, unsigned int number)
{
	if (number < CPUS_MAX)
		set->bit[number / 8] |= (uint8_t)(1u << number % 8);
}

bool cpus_is_empty(const struct cpus *set);
unsigned int cpus_first(const struct cpus *set);
unsigned int cpus_count(const struct cpus *set);
bool cpus_are_within(const struct cpus *set, const struct cpus *all);
int cpus_parse(const char *text, struct cpus *out) must_check;
void cpus_format(const struct cpus *set, char *buf, size_t size);

/* Where the threads of a VM run; an empty set: wherever the host puts them. */
struct cpu_places {
	uint32_t vcpu_count;        /* 0: the virtual processors are not placed one by one */
	uint16_t vcpu[CPUS_VM_MAX]; /* of each its host CPU */
	struct cpus vcpus;          /* instead: every one of them on any of these */
	struct cpus emulator, iothread;
	uint32_t realtime; /* 1: the virtual processors get SCHED_FIFO, the lowest priority of it */
};

bool cpu_places_any(const struct cpu_places *places);

#endif /* VFIO_RUN_CPUS_H */
