// SPDX-License-Identifier: GPL-2.0-or-later
/* naughty_above.c - keeps naughty's remove waiting for as long as it is loaded */
#include <linux/module.h>

void naughty_use(int more);

static int __init above_init(void)
{
	naughty_use(1);
	return 0;
}
module_init(above_init);

static void __exit above_exit(void)
{
	naughty_use(-1);
}
module_exit(above_exit);

MODULE_DESCRIPTION("A module above a driver that waits for it");
MODULE_LICENSE("GPL");
