/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-causes.c - lines of QEMU's and the kernel's, as they are written, and what they mean */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/commands/status/causes.h"

/* From reports, word for word but for addresses. */
static void known(void **state)
{
	static const struct {
		const char *line, *means;
	} cases[] = {
		{ "qemu-system-x86_64: -device vfio-pci,host=01:00.0: vfio 0000:01:00.0: group 1 is not viable",
		  "still has a driver" },
		{ "qemu: VFIO_MAP_DMA failed: Cannot allocate memory", "could not be locked" },
		{ "qemu: VFIO_MAP_DMA failed: Invalid argument", "the IOMMU cannot reach" },
		{ "qemu: vfio_dma_map(0x55, 0x380000000000, 0x1000, 0x7f) = -22 (Invalid argument)",
		  "the IOMMU cannot reach" },
		{ "Failed to mmap 0000:01:00.0 BAR 1. Performance may be slow", "call by call" },
		{ "qemu-system-x86_64: vfio-pci: Cannot read device rom at 0000:01:00.0", "option ROM cannot be read" },
		{ "qemu: Failed to get \"write\" lock", "has the disk's image open" },
		{ "vfio-pci 0000:01:00.0: Invalid PCI ROM header signature: expecting 0xaa55, got 0xffff",
		  "cannot be read" },
		{ "vfio-pci 0000:01:00.0: not ready 65535ms after bus reset; giving up",
		  "did not come back" },
		{ "AMD-Vi: Event logged [IO_PAGE_FAULT device=01:00.0 domain=0x001f address=0xfffffffdf8000000 flags=0x0008]",
		  "not its guest's" },
		{ "DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0xdeadb000 [fault reason 0x06]",
		  "not its guest's" },
		{ "NVRM: Attempting to remove device 0000:01:00.0 with non-zero usage count!",
		  "waits for programs" },
		{ "vfio-pci 0000:03:00.0: BAR 0: can't reserve [mem 0xd0000000-0xdfffffff 64bit pref]",
		  "boot framebuffer" },
		{ "vfio-pci 0000:01:00.0: Unable to change power state from D3cold to D0, device inaccessible",
		  "does not wake up" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct cause *c = cause_of(cases[i].line);

		if (!c || !strstr(c->means, cases[i].means))
			fail_msg("%s: %s", cases[i].line, c ? c->means : "not known");
	}
	assert_null(cause_of("vfio-pci 0000:01:00.0: enabling device (0000 -> 0003)"));
	assert_null(cause_of("group 1 is fine"));
	assert_null(cause_of(""));
}

/* A row that another one before it takes the lines of can never be seen. */
static void reachable(void **state)
{
	(void)state;
	assert_true(causes_count() >= 40);
	for (size_t i = 0; i < causes_count(); i++) {
		const struct cause *c = causes_row(i);

		assert_true(c->line && *c->line && c->means && *c->means && c->remedy &&
			    *c->remedy && c->source && *c->source);
		assert_ptr_equal(cause_of(c->line), c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(known), cmocka_unit_test(reachable) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
