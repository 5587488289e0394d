# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# matrix-2 - the crash matrix, one half of its points
shard=2/2
. "$LAB_DIR/matrix/cases.sh"
