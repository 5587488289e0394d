/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json-text.h - JSON as text, the same with every version of the library
 *
 * json-c 0.18 began to print an empty array on one line where older ones took two: what
 * scripts read and what QEMU is given must not change with the distribution.
 */
#ifndef VFIO_RUN_PLAN_JSON_TEXT_H
#define VFIO_RUN_PLAN_JSON_TEXT_H

struct json_object;

enum json_layout {
	JSON_ONE_LINE, /* no white space at all */
	JSON_INDENTED, /* a member a line, two columns a level; [] and {} when empty */
};

char *json_text(struct json_object *value, enum json_layout layout);

#endif /* VFIO_RUN_PLAN_JSON_TEXT_H */
