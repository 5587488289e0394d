#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   line 1: macOS wants a boot loader on a disk of its own, and `apple-smc`: see
#     the example macos.profile
#   line 2: img=macos-monterey/RecoveryImage.img is not carried over
#   line 6: macos_release=monterey is not carried over

[vm]
memory = 8G
cpus = 4

[net]
mode = user

[disk]
path = /FOLDER/macos-monterey/disk.qcow2
