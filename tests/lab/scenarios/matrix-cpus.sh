# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# matrix-cpus - the crash matrix of a run that moves the host's interrupts, which takes several CPUs
shard=1/1
only='^interrupts'
. "$LAB_DIR/matrix/cases.sh"
