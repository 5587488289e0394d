/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows.h - commands for QEMU that vfio-run has written before the VM was started
 *
 * The one header between vfio-run and vfio-qmp about them. A sealed memfd holds one row behind the
 * other, each ended by a NUL: a letter that says when it is done, and the members of a QMP command
 * without its id and its braces. The keeper hands the memfd over, and says by number which rows are
 * to be sent; it reads none of it.
 */
#ifndef VFIO_QMP_ROWS_H
#define VFIO_QMP_ROWS_H

#define QMP_ROW_RETURN 'a' /* done when QEMU has answered */
#define QMP_ROW_RESET 'r'  /* and has reported that the machine was reset */
#define QMP_ROW_FD 'f'     /* the next of the descriptors that came with the request goes along */
#define QMP_ROW_DELETED 'd' /* and has reported that a device is gone */

#define QMP_ROWS_FDS_MAX 12 /* with one request */

#define QMP_ROW_MAX 30000 /* bytes of a row with its NUL; a path of 4096 in JSON is 24576 at most */

#endif /* VFIO_QMP_ROWS_H */
