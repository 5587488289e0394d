# The least that a VM with a graphics card needs. `vfio-run list gpu` shows the addresses.

[vm]
memory = 8G

[gpu]
device = 0000:01:00.0
