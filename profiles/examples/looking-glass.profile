#!/usr/bin/env -S sudo vfio-run
#
# Windows on a second graphics card, whose picture is seen in a window of the host: Looking Glass.
#
# In the guest it takes Looking Glass's host program and the driver of its shared memory (IVSHMEM), and the card
# a monitor or a plug that pretends to be one: see looking-glass.io. On the host it takes the client.
#
# Before the first run:
#   vfio-run list gpu              shows the cards: put an address below, at "device"
#   vfio-run check looking-glass   says what this machine still lacks
#   vfio-run -n looking-glass      shows what would be done, and does nothing
#
# Every key is described in vfio-run.profile(5). Tried with emulated cards, and without Looking Glass itself.

[vm]
name = looking-glass    # the client's socket, below, has it in its path
memory = 16G
cpus = 8
threads = 2
firmware = uefi

# All Hyper-V enlightenments that QEMU and KVM have, and no HPET: Windows is quicker with them.
hyperv = yes

# Windows keeps local time in the hardware clock.
rtc = localtime
shutdown-timeout = 120s

[gpu]
# The card's address, from `vfio-run list gpu`. All its functions go with it: sound, USB-C.
device = PUT-ADDRESS-HERE

[disk]
# In a folder of this VM's own: a guest can make its image name a file that lies beside it.
# qemu-img create -f qcow2 /vms/looking-glass/disk.qcow2 100G
path = /vms/looking-glass/disk.qcow2

[net]
mode = user
model = e1000e

# The most that the guest's screen will have: the size of /dev/shm/looking-glass follows from it.
[looking-glass]
resolution = 2560x1440

# Keyboard, pointer, clipboard and sound go between client and guest by SPICE, and the picture does not.
[display]
type = spice
video = none
clipboard = yes

[audio]
backend = spice

# The client is started with the guest and ended with it. It can be started by hand as well, with these arguments,
# as the user who the VM belongs to. Where it was built from source it is /usr/local/bin/looking-glass-client.
[program]
run = /usr/bin/looking-glass-client
argument = spice:host=/run/vfio-run/vm/looking-glass/display
argument = spice:port=0
