# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# lab-boots - the lab is what lab/topologies.sh says: card, host drivers, groups
. "$LAB_DIR/lib.sh"

is "$(driver_of $LAB_GPU)" bochs-drm "the card is on its host driver"
is "$(driver_of $LAB_AUDIO)" snd_hda_intel "its audio function is too"
is "$(group_of $LAB_GPU)" "$(group_of $LAB_AUDIO)" "both are in one group"
is "$(id -u vmuser)" 1500 "the VM's user exists"
like "$(cat /proc/1/comm)" "reap|systemd" "process 1 collects orphans"
is "$(prlimit --nofile --raw --noheadings --output SOFT,HARD)" "1024 524288" "its limits are those of a login"
ok "cgroup2 is mounted" test -e /sys/fs/cgroup/cgroup.procs
done_testing
