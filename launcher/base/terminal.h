/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal.h - a terminal that nobody reads holds up nobody */
#ifndef VFIO_RUN_TERMINAL_H
#define VFIO_RUN_TERMINAL_H

unsigned int terminal_columns(int fd);
void terminal_reopen(int fd);

#endif /* VFIO_RUN_TERMINAL_H */
