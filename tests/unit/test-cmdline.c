// SPDX-License-Identifier: GPL-2.0-or-later
/* test-cmdline.c - the kernel's command line and modprobe.d are read as the kernel and kmod read them */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/kernel/cmdline.h"

static char root[64];
static struct host *host;

/* "PATH=TEXT" below the root. */
static void put(const char *file)
{
	char path[256];
	const char *text = strchr(file, '=') + 1;
	cleanup_fclose FILE *f = NULL;

	(void)snprintf(path, sizeof(path), "%s/%.*s", root, (int)(text - 1 - file), file);
	for (char *c = path + strlen(root) + 1; *c; c++)
		if (*c == '/') {
			*c = '\0';
			(void)mkdir(path, 0755);
			*c = '/';
		}
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
}

static int begin(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof(root), "/tmp/cmdline-XXXXXX");
	assert_non_null(mkdtemp(root));
	assert_int_equal(host_open(root, &host), 0);
	return 0;
}

static int end(void **state)
{
	char command[96];

	(void)state;
	host_close(host);
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static const struct {
	const char *cmdline;
	enum host_cpu cpu;
	bool asked;
	const char *off;
} iommu[] = {
	{ "quiet", HOST_CPU_INTEL, false, "" },
	{ "intel_iommu=on", HOST_CPU_INTEL, true, "" },
	{ "intel_iommu=on,sm_on iommu=pt", HOST_CPU_INTEL, true, "" },
	{ "intel_iommu=sm_on,on", HOST_CPU_INTEL, true, "" },
	{ "intel_iommu=sm_on", HOST_CPU_INTEL, false, "" },
	{ "intel-iommu=on", HOST_CPU_INTEL, true, "" },
	{ "\"intel_iommu=on\" quiet", HOST_CPU_INTEL, true, "" },
	{ "intel_iommu=\"on\" quiet", HOST_CPU_INTEL, true, "" },
	{ "intel_iommu=igfx_off", HOST_CPU_INTEL, false, "" },
	{ "intel_iommu=on,igfx_off", HOST_CPU_INTEL, true, "" },
	{ "intel_iommu=off", HOST_CPU_INTEL, false, "intel_iommu=off" },
	{ "intel_iommu=on intel_iommu=off", HOST_CPU_INTEL, false, "intel_iommu=off" },
	{ "intel_iommu=off intel_iommu=on", HOST_CPU_INTEL, true, "" },
	{ "intel_iommu=off,on", HOST_CPU_INTEL, true, "" },
	{ "intel_iommu=on,off", HOST_CPU_INTEL, false, "`off` of intel_iommu=on,off" },
	{ "intel_iommu=off intel_iommu=igfx_off", HOST_CPU_INTEL, false, "intel_iommu=off" },
	{ "quiet iommu=off intel_iommu=on", HOST_CPU_INTEL, true, "iommu=off" },
	{ "iommu=off iommu=pt", HOST_CPU_INTEL, false, "iommu=off" }, /* nothing undoes it */
	{ "iommu=pt,off", HOST_CPU_AMD, false, "`off` of iommu=pt,off" },
	{ "iommu=noforce", HOST_CPU_AMD, false, "" },
	{ "acpi=off intel_iommu=on", HOST_CPU_INTEL, true, "acpi=off" },
	{ "amd_iommu=off", HOST_CPU_AMD, false, "amd_iommu=off" },
	{ "amd_iommu=fullflush,off", HOST_CPU_AMD, false, "`off` of amd_iommu=fullflush,off" },
	{ "amd_iommu=off", HOST_CPU_INTEL, false, "" }, /* has no effect on Intel's driver */
	{ "intel_iommu=off", HOST_CPU_AMD, false, "" },
	{ "amd_iommu=off", HOST_CPU_OTHER, false, "amd_iommu=off" },
	{ "xiommu=off iommux=off", HOST_CPU_INTEL, false, "" },
	{ "-- iommu=off", HOST_CPU_INTEL, false, "" }, /* for the first process */
	{ "dyndbg=\"file x.c +p; iommu=off\" quiet", HOST_CPU_INTEL, false, "" },
};

static void words_of_the_iommu(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(iommu); i++) {
		struct host_iommu_words w;
		char file[256];

		(void)snprintf(file, sizeof(file), "proc/cmdline=%s\n", iommu[i].cmdline);
		put(file);
		host_iommu_words(host, iommu[i].cpu, &w);
		if (w.asked != iommu[i].asked || strcmp(w.off, iommu[i].off) != 0)
			fail_msg("%s: asked %d, off \"%s\"", iommu[i].cmdline, w.asked, w.off);
	}
}

static void the_file_of_a_word_is_named(void **state)
{
	struct host_iommu_words w;

	(void)state;
	put("proc/cmdline=quiet iommu=off\n");
	host_iommu_words(host, HOST_CPU_INTEL, &w);
	assert_string_equal(w.place, "the kernel's command line");
	put("boot/loader/entries/a.conf=title A\n");
	put("boot/loader/entries/b.conf=title B\noptions root=/dev/sda1 iommu=off quiet\n");
	host_iommu_words(host, HOST_CPU_INTEL, &w);
	assert_string_equal(w.place, "the kernel's command line (/boot/loader/entries/b.conf, line 2)");
	put("etc/default/grub=# iommu=off\nGRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX=\"xiommu=off\"\n"
	    "GRUB_CMDLINE_LINUX_DEFAULT=\"iommu=off\"\n");
	host_iommu_words(host, HOST_CPU_INTEL, &w);
	assert_string_equal(w.place, "the kernel's command line (/etc/default/grub, line 4)");
}

static int last(void *context, const char *value, const char *place)
{
	(void)snprintf(context, 256, "%s in %s", value, place);
	return 0;
}

static const char *option(const char *module, const char *parameter, char buf[256])
{
	*buf = '\0';
	assert_int_equal(host_module_options(host, module, parameter, last, buf), 0);
	return buf;
}

static void options_of_modules(void **state)
{
	char buf[256];

	(void)state;
	assert_string_equal(option("vfio-pci", "ids", buf), "");
	put("usr/lib/modprobe.d/vfio.conf=options vfio_pci ids=1:1\n");
	assert_string_equal(option("vfio-pci", "ids", buf), "1:1 in /usr/lib/modprobe.d/vfio.conf, line 1");
	put("usr/lib/modprobe.d/a.txt=options vfio_pci ids=5:5\n"); /* no .conf */
	put("etc/modprobe.d/vfio.conf=# options vfio-pci ids=2:2\n"); /* hides the other one */
	assert_string_equal(option("vfio-pci", "ids", buf), "");
	put("etc/modprobe.d/vfio.conf=blacklist nouveau\noptions vfio-pci disable_vga=1 \\\n  ids=3:3 xids=4:4\n");
	assert_string_equal(option("vfio-pci", "ids", buf), "3:3 in /etc/modprobe.d/vfio.conf, line 2");
	assert_string_equal(option("vfio_pci", "disable-vga", buf), "1 in /etc/modprobe.d/vfio.conf, line 2");
	put("run/modprobe.d/z.conf=options vfio-pci ids=6:6\n"); /* by its name, later */
	assert_string_equal(option("vfio-pci", "ids", buf), "6:6 in /run/modprobe.d/z.conf, line 1");
	put("proc/cmdline=vfio_pci.ids=7:7 vfio-pci-ids=8:8 quiet\n");
	assert_string_equal(option("vfio-pci", "ids", buf), "7:7 in the kernel's command line");
	assert_string_equal(option("vfio", "ids", buf), "");
}

static void every_place_is_named(void **state)
{
	char buf[256];

	(void)state;
	put("proc/cmdline=vfio_iommu_type1.allow_unsafe_interrupts=1\n");
	assert_string_equal(host_module_places(host, "vfio_iommu_type1", "allow_unsafe_interrupts", buf,
					       sizeof(buf)), "the kernel's command line");
	put("etc/modprobe.d/x.conf=options vfio_iommu_type1 allow_unsafe_interrupts=1\n");
	assert_string_equal(host_module_places(host, "vfio_iommu_type1", "allow_unsafe_interrupts", buf,
					       sizeof(buf)),
			    "/etc/modprobe.d/x.conf, line 1 and the kernel's command line");
	assert_string_equal(host_module_places(host, "iommufd", "allow_unsafe_interrupts", buf, sizeof(buf)), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(words_of_the_iommu, begin, end),
		cmocka_unit_test_setup_teardown(the_file_of_a_word_is_named, begin, end),
		cmocka_unit_test_setup_teardown(options_of_modules, begin, end),
		cmocka_unit_test_setup_teardown(every_place_is_named, begin, end),
	};

	return cmocka_run_group_tests_name("cmdline", tests, NULL, NULL);
}
