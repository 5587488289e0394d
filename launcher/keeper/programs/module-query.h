/* SPDX-License-Identifier: GPL-2.0-or-later */
/* module-query.h - the part of the module program that only answers */
#ifndef VFIO_RUN_MODULE_QUERY_H
#define VFIO_RUN_MODULE_QUERY_H

int module_query(const char *directory);

#endif /* VFIO_RUN_MODULE_QUERY_H */
