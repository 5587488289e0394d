#!/usr/bin/env -S sudo vfio-run
#
# Windows 11 on a second graphics card: Secure Boot, the clock, and what Windows wants of KVM.
#
# Before the first run:
#   vfio-run list gpu      shows the cards: put an address below, at "device"
#   vfio-run check win11   says what this machine still lacks
#   vfio-run -n win11      shows what would be done, and does nothing
#
# Its setup asks for a TPM: on Debian it is in the packages swtpm and swtpm-tools.
# Every key is described in vfio-run.profile(5).

[vm]
memory = 16G
cpus = 8
threads = 2

# UEFI with Secure Boot, its keys enrolled; on Debian in the package ovmf.
firmware = uefi-secure

# All Hyper-V enlightenments that QEMU and KVM have, and no HPET: Windows is quicker with them.
hyperv = yes

# For guest drivers that refuse to run in a virtual machine; most do not any more.
#hide-hypervisor = yes

# Windows keeps local time in the hardware clock.
rtc = localtime

# A Windows that came with this PC finds its maker again. Never its serial numbers.
#smbios = host

shutdown-timeout = 120s

# Kept in ~/.local/state/vfio-run/win11/tpm: what Windows binds to it (BitLocker) needs it again.
[tpm]
version = 2.0

[gpu]
# The card's address, from `vfio-run list gpu`. All its functions go with it: sound, USB-C.
device = PUT-ADDRESS-HERE

[disk]
# In a folder of this VM's own: a guest can make its image name a file that lies beside it.
# qemu-img create -f qcow2 /vms/win11/disk.qcow2 100G
path = /vms/win11/disk.qcow2

[net]
mode = user

# Windows has a driver for this one; for the default, virtio, it must be installed.
model = e1000e

[display]
type = none
