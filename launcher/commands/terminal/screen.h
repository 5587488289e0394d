/* SPDX-License-Identifier: GPL-2.0-or-later */
/* screen.h - how what is asked for goes to stdout: signs, colour, JSON */
#ifndef VFIO_RUN_SCREEN_H
#define VFIO_RUN_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

struct cli;
struct json_object;

bool screen_is_utf8(void);
size_t screen_width(void);
bool screen_wants_colour(const struct cli *cli);
void screen_print_json(struct json_object *o);

#endif /* VFIO_RUN_SCREEN_H */
