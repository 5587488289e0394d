# The least that a VM with a graphics card needs.

[vm]
memory = 8G

[gpu]
# `vfio-run list gpu` shows the addresses.
device = PUT-ADDRESS-HERE
