#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   the VM is called as the profile's file: it was a?2J?b?c

[vm]
memory = 1G
cpus = 1
firmware = bios

[disk]
path = /vms/a?2J.qcow2
format = raw

[display]
type = none
