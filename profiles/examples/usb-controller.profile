# A USB controller of the host for the guest, with all that is plugged into it: keyboard, mouse,
# headset, stick. The simplest way to them, and they can be plugged and unplugged as they please.
#
# `vfio-run list` shows the controllers, with what is plugged in. Keep one for the host.

[vm]
memory = 8G
cpus = 4

[gpu]
device = PUT-ADDRESS-HERE

[pci]
device = PUT-THE-ADDRESS-OF-THE-CONTROLLER-HERE

[disk]
path = /vms/usb-controller/disk.qcow2

[net]
mode = user

[display]
type = none
