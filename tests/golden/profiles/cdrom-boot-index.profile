[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[cdrom]
path = /a.iso
boot-index = 3

[disk]
path = /a.raw
boot-index = 3
