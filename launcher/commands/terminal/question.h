/* SPDX-License-Identifier: GPL-2.0-or-later */
/* question.h - a yes or a no from the terminal */
#ifndef VFIO_RUN_QUESTION_H
#define VFIO_RUN_QUESTION_H

#include <stdbool.h>

struct cli;

bool question_yes(const struct cli *cli, const char *text);

#endif /* VFIO_RUN_QUESTION_H */
