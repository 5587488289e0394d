#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-vfio-qmp.sh - the tests of a session once more, with vfio-qmp as it was built: behind
# its filter of system calls and its limit of memory, which a sanitizer does not bear
B=${VFIO_RUN_BUILD:-build}
VFIO_QMP=$B/libexec/vfio-run/vfio-qmp CMOCKA_MESSAGE_OUTPUT=TAP exec "$B/check/test-qmp-session"
