# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034 # variables of cases.sh
# matrix-vfs - the crash matrix of a run that makes virtual functions
shard=${LAB_ALL:+1/1}
shard=${shard:-1/2}
only='^virtual functions'
. "$LAB_DIR/matrix/cases.sh"
