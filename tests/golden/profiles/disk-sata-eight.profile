[vm]
memory = 4G

[display]
type = none

[disk]
path = /1.raw
bus = sata
[cdrom]
path = /1.iso
[disk]
path = /2.raw
bus = sata
[cdrom]
path = /2.iso
[disk]
path = /3.raw
bus = sata
[cdrom]
path = /3.iso
[disk]
path = /4.raw
bus = sata
[cdrom]
path = /4.iso
