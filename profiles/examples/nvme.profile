# A system that is installed on an NVMe disk of its own, started from it: the disk's controller
# goes to the guest, whole, and so does a card.
#
# `vfio-run list` shows the controllers, and what of them is mounted: such a one is refused.

[vm]
memory = 16G
cpus = 8
threads = 2
rtc = localtime
hyperv = yes

[gpu]
device = PUT-ADDRESS-HERE

# The firmware looks for a system on it, as there is no [disk].
[pci]
device = PUT-THE-ADDRESS-OF-THE-NVME-HERE

[net]
mode = user

[display]
type = none
