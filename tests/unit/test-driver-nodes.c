// SPDX-License-Identifier: GPL-2.0-or-later
/* test-driver-nodes.c - which cards are behind /dev/kfd, and which node is a card's of NVIDIA's */
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
#include "launcher/base/driver-nodes.h"

static char root_path[64];

static void put(const char *path, const char *text)
{
	char full[256];
	FILE *f;

	(void)snprintf(full, sizeof(full), "mkdir -p %s/$(dirname %s)", root_path, path);
	assert_int_equal(system(full), 0);
	(void)snprintf(full, sizeof(full), "%s/%s", root_path, path);
	f = fopen(full, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int make(void **state)
{
	(void)state;
	(void)snprintf(root_path, sizeof(root_path), "/tmp/driver-nodes-XXXXXX");
	return mkdtemp(root_path) ? 0 : -1;
}

static int drop(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", root_path);
	return system(command);
}

#define NODES "sys/class/kfd/kfd/topology/nodes/"

static void cards_behind_kfd(void **state)
{
	const struct pci_address first = { 0, 3, 0, 0 }, second = { 1, 0x0a, 0, 1 }, none = { 0, 0x0a, 0, 1 };
	cleanup_close int root = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	unsigned int cards, major, minor;

	(void)state;
	assert_false(driver_nodes_kfd(root, &first, &cards));
	assert_int_equal(cards, 0);
	assert_false(driver_nodes_kfd_number(root, &major, &minor));
	put("sys/class/kfd/kfd/dev", "239:0\n");
	put(NODES "0/properties", "cpu_cores_count 16\nsimd_count 0\nlocation_id 0\ndomain 0\n");
	put(NODES "1/properties", "cpu_cores_count 0\nsimd_count 128\nlocation_id 768\ndomain 0\nnum_gws 64\n");
	assert_true(driver_nodes_kfd(root, &first, &cards));
	assert_int_equal(cards, 1); /* a processor is none */
	put(NODES "2/properties", "simd_count 8\nlocation_id 2561\ndomain 1\n");
	assert_true(driver_nodes_kfd(root, &second, &cards));
	assert_int_equal(cards, 2);
	assert_false(driver_nodes_kfd(root, &none, &cards)); /* of another domain */
	assert_true(driver_nodes_kfd_number(root, &major, &minor));
	assert_int_equal(major, 239);
	assert_int_equal(minor, 0);
}

static void nodes_of_nvidia(void **state)
{
	cleanup_close int root = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	unsigned int minor;

	(void)state;
	assert_false(driver_nodes_nvidia(root, "0000:01:00.0", &minor));
	put("proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t NVIDIA x\nDevice Minor: \t 3\n");
	assert_true(driver_nodes_nvidia(root, "0000:01:00.0", &minor));
	assert_int_equal(minor, 3);
	put("proc/driver/nvidia/gpus/0000:02:00.0/information", "Model: \t NVIDIA x\n");
	assert_false(driver_nodes_nvidia(root, "0000:02:00.0", &minor));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(cards_behind_kfd, make, drop),
		cmocka_unit_test_setup_teardown(nodes_of_nvidia, make, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
