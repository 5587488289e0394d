// SPDX-License-Identifier: GPL-2.0-or-later
/* test-modules.c - modules of a made-up kernel: there or not, and the vfio driver that fits best */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/host/kernel/modules.h"

static char root[64];
static char directory[128];

/* depmod stands where only root's PATH leads. */
#define WITH_SBIN "PATH=$PATH:/usr/sbin:/sbin; "

static bool can_make_modules(void)
{
	return !system(WITH_SBIN "command -v depmod >/dev/null && command -v gcc >/dev/null");
}

/* An ELF object with a .modinfo section is a module, as far as depmod and libkmod are concerned. */
static void module(const char *name, const char *alias)
{
	char command[1024];

	(void)snprintf(
		command, sizeof(command),
		"printf '%%s\\n' '__attribute__((section(\".modinfo\"),used)) static const char a[]"
		" = \"alias=%s\";' | gcc -x c -c -o %s/kernel/%s.ko -",
		alias, directory, name);
	assert_int_equal(system(command), 0);
}

/* Its last bytes mark what stands before them as a signature; Source:
 * include/linux/module_signature.h */
static void add_signature(const char *name)
{
	char command[512];

	(void)snprintf(command, sizeof(command),
		       "printf 'sign\\0\\0\\1\\0\\0\\0\\0\\0\\0\\0\\0\\004~Module signature "
		       "appended~\\n' >>%s/kernel/%s.ko",
		       directory, name);
	assert_int_equal(system(command), 0);
}

static int setup(void **state)
{
	char command[512];

	(void)state;
	if (!can_make_modules())
		return 0;
	(void)snprintf(root, sizeof(root), "/tmp/modules-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	(void)snprintf(directory, sizeof(directory), "%s/lib/modules/1.2.3", root);
	(void)snprintf(command, sizeof(command),
		       "mkdir -p %s/kernel && cd %s && "
		       ": >modules.order && echo kernel/drivers/vfio/vfio.ko >modules.builtin",
		       directory, directory);
	if (system(command))
		return -1;
	module("vfio_pci", "vfio_pci:v*d*sv*sd*bc*sc*i*");
	module("mlx5_vfio_pci", "vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*");
	module("other_vfio_pci", "vfio_pci:v000015B4d*sv*sd*bc*sc*i*");
	/* libkmod finds this one first, as it starts with a wildcard; it fits its device best. */
	module("star_vfio_pci", "vfio_pci:v*d00001020sv0000AAAAsd0000BBBBbc02sc*i*");
	module("loose_vfio_pci", "vfio_pci:v000015B3d00001020sv*sd*bc*sc*i*");
	module("bochs", "pci:v00001234d00001111sv*sd*bc*sc*i*");
	module("signed_one", "pci:v00001234d00002222sv*sd*bc*sc*i*");
	add_signature("signed_one");
	(void)snprintf(command, sizeof(command), WITH_SBIN "depmod -b %s 1.2.3 2>/dev/null", root);
	return system(command);
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	return *root ? system(command) : 0;
}

static void a_missing_directory_is_an_error(void **state)
{
	struct host_modules *m;

	(void)state;
	assert_int_equal(host_modules_open("/nonexistent/1.2.3", &m), -ENOENT);
	host_modules_close(NULL);
}

static void states(void **state)
{
	enum host_module what;
	struct host_modules *m;

	(void)state;
	if (!can_make_modules())
		skip();
	assert_int_equal(host_modules_open(directory, &m), 0);
	assert_int_equal(host_module_state(m, "bochs", &what), 0);
	assert_int_equal(what, HOST_MODULE_AVAILABLE);
	assert_int_equal(host_module_state(m, "bochs-drm", &what), 0);
	assert_int_equal(what, HOST_MODULE_MISSING); /* a driver's name is not a module's */
	assert_int_equal(host_module_state(m, "mlx5-vfio-pci", &what), 0);
	assert_int_equal(what, HOST_MODULE_AVAILABLE);
	assert_int_equal(host_module_state(m, "vfio", &what), 0);
	assert_int_equal(what, HOST_MODULE_BUILTIN);
	host_modules_close(m);
}

static void a_signature_is_seen(void **state)
{
	struct host_modules *m;

	(void)state;
	if (!can_make_modules())
		skip();
	assert_int_equal(host_modules_open(directory, &m), 0);
	assert_int_equal(host_module_signed(m, "bochs"), 0);
	assert_int_equal(host_module_signed(m, "signed-one"), 1);
	assert_int_equal(host_module_signed(m, "vfio"), 1); /* it is in the kernel */
	assert_int_equal(host_module_signed(m, "nothing"), -ENOENT);
	host_modules_close(m);
}

static void the_closest_variant_wins(void **state)
{
	static const struct {
		const char *modalias, *driver;
	} rows[] = {
		{ "pci:v000015B3d0000101Esv00000000sd00000000bc02sc00i00", "mlx5-vfio-pci" },
		{ "pci:v000015B4d00001017sv00000000sd00000000bc02sc00i00", "other-vfio-pci" },
		{ "pci:v000015B3d00001020sv0000AAAAsd0000BBBBbc02sc00i00", "star-vfio-pci" },
		{ "pci:v000010DEd00001F08sv00001462sd00003752bc03sc00i00", "vfio-pci" },
	};
	struct host_modules *m;

	(void)state;
	if (!can_make_modules())
		skip();
	assert_int_equal(host_modules_open(directory, &m), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char driver[64];

		assert_int_equal(host_module_variant(m, rows[i].modalias, driver, sizeof(driver)),
				 0);
		assert_string_equal(driver, rows[i].driver);
	}
	host_modules_close(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_directory_is_an_error),
		cmocka_unit_test(states),
		cmocka_unit_test(a_signature_is_seen),
		cmocka_unit_test(the_closest_variant_wins),
	};

	return cmocka_run_group_tests_name("modules", tests, setup, teardown);
}
