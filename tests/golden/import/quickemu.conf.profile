#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   macos-monterey/disk.qcow2: the path is relative to quickemu's folder: write
#     it from / on
#   line 2: img=macos-monterey/RecoveryImage.img is not carried over
#   line 6: macos_release=monterey is not carried over
#   line 7: preallocation=$(rm -rf /) is not carried over

[net]
mode = user

[vm]
memory = 8G
cpus = 4

[disk]
path = macos-monterey/disk.qcow2
