/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shm-file.h - a file in /dev/shm that QEMU and programs of its user's share, and kvmfr devices */
#ifndef VFIO_RUN_HOST_SHM_FILE_H
#define VFIO_RUN_HOST_SHM_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "launcher/host/user/user.h"

#define HOST_SHM_DIR "/dev/shm/"

enum host_shm_problem {
	HOST_SHM_GOOD,
	HOST_SHM_NO_FILE, /* a directory, a link, or a file that has another name as well */
	HOST_SHM_FOREIGN, /* another user's */
	HOST_SHM_TAKEN,	  /* a QEMU has it */
	HOST_SHM_NO_ROOM,
	HOST_SHM_ERROR,
};

struct host_shm {
	enum host_shm_problem problem;
	int error;	/* -errno, of HOST_SHM_ERROR */
	uint32_t owner; /* of HOST_SHM_FOREIGN */
};

int host_shm_look(const struct host_user *user, const char *name, uint64_t bytes,
		  struct host_shm *out) must_check;
int host_shm_open(const struct host_user *user, const char *name, uint64_t bytes,
		  struct host_shm *out, int *fd_out) must_check;

enum host_kvmfr_problem {
	HOST_KVMFR_GOOD,
	HOST_KVMFR_MISSING,
	HOST_KVMFR_FILE,   /* a regular file: QEMU makes one where the device is not there */
	HOST_KVMFR_OTHER,  /* no kvmfr device */
	HOST_KVMFR_ERROR,
};

struct host_kvmfr {
	enum host_kvmfr_problem problem;
	int error; /* -errno, of HOST_KVMFR_ERROR */
	uint32_t major, minor;
	uint64_t bytes;
};

int host_kvmfr(const struct host_user *user, const char *path, struct host_kvmfr *out) must_check;

#endif /* VFIO_RUN_HOST_SHM_FILE_H */
