/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine.h - the processor, the memory and the kernel's command line */
#ifndef VFIO_RUN_HOST_MACHINE_H
#define VFIO_RUN_HOST_MACHINE_H

#include "launcher/host/host.h"

enum host_cpu { HOST_CPU_OTHER, HOST_CPU_INTEL, HOST_CPU_AMD };

struct host_machine {
	enum host_cpu cpu;
	bool virtualization; /* the processor offers it: VT-x or SVM */
	bool topoext;	     /* AMD's leaf of CPUID by which a guest learns which threads are a core */
	const char *foreign; /* "ARM", "POWER" ...: not an x86 at all; NULL: it is one, or not known; static */
	const char *foreign_line; /* how a line of /proc/cpuinfo begins that only such a one has; static */
};

int host_machine(struct host *h, struct host_machine *out) must_check;

/* The huge pages of one size. */
struct host_hugepages {
	uint32_t page_kib;
	uint64_t unused; /* there already, and neither in use nor reserved by a mapping */
};

int host_memory_available(struct host *h, uint64_t *bytes) must_check;
int host_hugepages(struct host *h, uint64_t page_bytes, int node,
		   struct host_hugepages *out) must_check;
bool host_parameter_is_on(struct host *h, const char *module, const char *parameter);

#endif /* VFIO_RUN_HOST_MACHINE_H */
