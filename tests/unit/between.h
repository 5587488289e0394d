/* SPDX-License-Identifier: GPL-2.0-or-later */
/* between.h - an assertion that cmocka 1 and cmocka 2 have under different names */
#ifndef VFIO_RUN_UNIT_BETWEEN_H
#define VFIO_RUN_UNIT_BETWEEN_H

#include <stdint.h>

#define assert_between(value, low, high)                                                 \
	do {                                                                             \
		const intmax_t between_value = (intmax_t)(value);                        \
                                                                                         \
		if (between_value < (intmax_t)(low) || between_value > (intmax_t)(high)) \
			fail_msg("%s is %jd", #value, between_value);                    \
	} while (0)

#endif /* VFIO_RUN_UNIT_BETWEEN_H */
