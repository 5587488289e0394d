/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * syscall-filter.h - the system calls that vfio-qmp may still make
 */
#ifndef VFIO_QMP_FILTER_H
#define VFIO_QMP_FILTER_H

#include <stddef.h>

#include <linux/filter.h>

#include "launcher/base/cleanup.h"

/* A program that ran under a sanitizer makes calls of its own: it goes without the filter
 * and without the limit of the address space. Tests install the filter by hand. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
	__has_feature(memory_sanitizer)
#define QMP_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define QMP_SANITIZED 1
#endif
#ifndef QMP_SANITIZED
#define QMP_SANITIZED 0
#endif

#define QMP_FILTER_MAX 128 /* instructions */

size_t qmp_filter_build(struct sock_filter *program, size_t max) must_check;
int qmp_filter_install(void) must_check;

#endif /* VFIO_QMP_FILTER_H */
