/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tree.h - builds a machine of tests/sysfs below $TMPDIR, and removes it; for cmocka tests */
#ifndef VFIO_RUN_TESTS_TREE_H
#define VFIO_RUN_TESTS_TREE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* @root: receives the directory */
static inline void tree_make(const char *name, char root[64])
{
	const char *tmp = getenv("TMPDIR");
	char command[256];

	if (!tmp || strlen(tmp) > 40)
		tmp = "/tmp";
	(void)snprintf(root, 64, "%s/tree-XXXXXX", tmp);
	assert_non_null(mkdtemp(root));
	(void)snprintf(command, sizeof(command), "tests/sysfs/make-tree tests/sysfs/%s.txt %s",
		       name, root);
	assert_int_equal(system(command), 0);
}

static inline void tree_remove(const char *root)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	assert_int_equal(system(command), 0);
}

#endif /* VFIO_RUN_TESTS_TREE_H */
