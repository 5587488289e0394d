/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contained.h - would what is started here end before the host does? */
#ifndef VFIO_RUN_HOST_CONTAINED_H
#define VFIO_RUN_HOST_CONTAINED_H

enum host_contained {
	HOST_NOT_CONTAINED,
	HOST_OTHER_PIDS,  /* another pid namespace than the first */
	HOST_OTHER_RUN,	  /* /run is not the one of process 1 */
	HOST_PIDS_HIDDEN, /* /proc is not there, or another namespace's */
	HOST_RUN_HIDDEN,  /* the root of process 1 may not be looked at */
	HOST_CONTAINED_MAX,
};

enum host_contained host_contained(void);

#endif /* VFIO_RUN_HOST_CONTAINED_H */
