/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lines.h - formats of a line a setting */
#ifndef VFIO_RUN_IMPORT_LINES_H
#define VFIO_RUN_IMPORT_LINES_H

#include "launcher/import/import.h"

struct line {
	unsigned int number; /* 0 before the first */
	char *key, *value;
};

bool lines_next(char **rest, char sign, struct line *l);
bool lines_is_one_of(const char *word, const char *const *words);

#endif /* VFIO_RUN_IMPORT_LINES_H */
