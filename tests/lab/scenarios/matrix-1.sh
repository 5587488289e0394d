# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# matrix-1 - the crash matrix, one half of its points
shard=1/2
. "$LAB_DIR/matrix/cases.sh"
