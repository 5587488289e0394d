/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cleanup.h - scope guards: what a function owns is visible where it declares it
 *
 * A guarded variable is initialised where it is declared, and handed over with
 * take_fd() or take_ptr(); returning it directly would return something freed.
 */
#ifndef VFIO_RUN_CLEANUP_H
#define VFIO_RUN_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_closep(const int *fd)
{
	if (*fd >= 0) {
		int saved = errno;

		(void)close(*fd); /* never retried: the number is gone even on EINTR */
		errno = saved;
	}
}

static inline void cleanup_freep(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static inline void cleanup_fclosep(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

/* Closes what may be open, and marks it closed. */
static inline void close_fd(int *fd)
{
	cleanup_closep(fd);
	*fd = -1;
}

#define cleanup_close __attribute__((cleanup(cleanup_closep)))
#define cleanup_free __attribute__((cleanup(cleanup_freep)))
#define cleanup_closedir __attribute__((cleanup(cleanup_closedirp)))
#define cleanup_fclose __attribute__((cleanup(cleanup_fclosep)))

/* Hands the descriptor over to the caller: the guard then closes nothing. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define take_ptr(p)                                                                                \
	(__extension__({                                                                           \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	}))

#define must_check __attribute__((warn_unused_result))
#define printf_like(f, a) __attribute__((format(printf, f, a)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif /* VFIO_RUN_CLEANUP_H */
