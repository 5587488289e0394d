# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# matrix-vfs - the crash matrix of a run that makes virtual functions
shard=1/1
only='^virtual functions'
. "$LAB_DIR/matrix/cases.sh"
