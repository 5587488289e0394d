/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tpm-state.h - the state of a VM's TPM, in a directory of its user's */
#ifndef VFIO_RUN_HOST_TPM_STATE_H
#define VFIO_RUN_HOST_TPM_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/user/user.h"

#define HOST_TPM_STATE "tpm2-00.permall" /* swtpm's name for it */

bool host_tpm_has_state(const struct host_user *user, const char *path);
int host_tpm_make(const struct host_user *user, const char *setup, const char *directory,
		  char *said, size_t size) must_check;

#endif /* VFIO_RUN_HOST_TPM_STATE_H */
