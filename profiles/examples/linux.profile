#!/usr/bin/env -S sudo vfio-run
#
# A Linux workstation on a second graphics card.
#
# `vfio-run list gpu` shows the cards, `vfio-run check linux` what this machine still lacks.

[vm]
memory = 16G
cpus = 8
threads = 2

# The guest's memory in huge pages, which are taken before the card is, and given back after.
#hugepages = yes

# A socket to qemu-guest-agent in the guest: /run/vfio-run/vm/linux/agent
#guest-agent = yes

# The guest may suspend to memory; `vfio-run resume linux` wakes it.
#guest-sleep = yes

[gpu]
device = PUT-ADDRESS-HERE

[disk]
path = /vms/linux/disk.qcow2

# A second disk, as a whole: a logical volume, or /dev/disk/by-id/...
#[disk]
#path = /dev/vg/home

[net]
mode = user

# `ssh -p 2222 localhost` leads to the guest.
forward = tcp:2222:22

# A USB device of the host's, when it is plugged in: by its ids or its port (`vfio-run list usb`).
#[usb]
#device = 046d:c52b

# Keyboard and mouse for host and guest in turns: both Ctrl keys together switch.
#[input]
#evdev = /dev/input/by-id/usb-NAME-event-kbd

#[input]
#evdev = /dev/input/by-id/usb-NAME-event-mouse

[display]
type = none
