# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034 # variables of cases.sh
# matrix-cpus - the crash matrix of a run that moves the host's interrupts, which takes several CPUs
shard=${LAB_ALL:+1/1}
shard=${shard:-1/2}
only='^interrupts'
. "$LAB_DIR/matrix/cases.sh"
