# A machine without a screen that computes on two cards.
#
# `vfio-run list gpu` shows the cards. As a service it lies in /etc/vfio-run, with `user = NAME`:
#   sudo systemctl start vfio-run@compute

[vm]
memory = 64G
cpus = 16
threads = 2

# Pages of 1 GB: fewer entries for the IOMMU, which a card that reads much memory feels.
#hugepages = 1G

[gpu]
device = PUT-ADDRESS-HERE

# Cards that no screen hangs on need no option ROM.
rom = off

[gpu]
device = PUT-ANOTHER-ADDRESS-HERE
rom = off

[disk]
path = /vms/compute/disk.qcow2

[net]
mode = user
forward = tcp:2222:22

[display]
type = none
