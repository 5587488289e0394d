#!/usr/bin/env -S sudo vfio-run
#
# A Windows or Linux guest on a second graphics card, while the host keeps the first.
#
# Before the first run:
#   vfio-run list gpu      shows the cards: put an address below, at "device"
#   vfio-run check win10   says what this machine still lacks
#   vfio-run -n win10      shows what would be done, and does nothing
#
# The VM has the name of this file; executable (chmod +x), the file is a command that starts it.
# Every key is described in vfio-run.profile(5).

[vm]
memory = 16G

# 8 virtual processors, shown to the guest as 4 cores with 2 threads each. Leave the host
# at least as many as it needs for its own work.
cpus = 8
threads = 2

# The host's processor as it is. Everything else starts from here, such as host,kvm=off.
cpu = host

firmware = uefi

# For Windows: what it wants of KVM, and local time in the clock.
#hyperv = yes
#rtc = localtime

# The guest has this long to power down when asked to; then QEMU is told to quit.
shutdown-timeout = 60s

[gpu]
# The card's address, from `vfio-run list gpu`. All its functions go with it: sound, USB-C.
device = PUT-ADDRESS-HERE

# Remove the "#" and put the card's own ids: the run is then refused when another card is at
# that address, as can happen after hardware was added.
#id = 10de:2486

# For the few cards whose own ROM is unusable: a file with another one.
#rom = /vms/win10/vbios.rom
# The size of its largest BAR while the VM runs, where the host's firmware allows others.
#rebar = max

[disk]
# In a folder of this VM's own: a guest can make its image name a file that lies beside it.
# qemu-img create -f qcow2 /vms/win10/disk.qcow2 100G
path = /vms/win10/disk.qcow2

# A whole disk or a logical volume instead:
#[disk]
#path = /dev/vg/win10

[net]
# Through the host, as any program of the user; nobody reaches the guest from outside...
mode = user

# ...but for what is forwarded: `ssh -p 2222 localhost` leads to the guest's port 22.
forward = tcp:2222:22

[display]
# The picture comes out of the card.
type = none

# A USB controller of the host, with all that is plugged into it: the simplest way to a keyboard
# and a mouse for the guest. `vfio-run list` shows it, and what is plugged in.
#[pci]
#device = PUT-ADDRESS-HERE

# Whatever has no key of its own; one argument per line, as QEMU gets it.
#[qemu]
#argument = -device
#argument = virtio-balloon-pci
