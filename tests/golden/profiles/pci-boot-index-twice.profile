[vm]
memory = 4G

[display]
type = none

[disk]
path = /a.raw
boot-index = 1

[pci]
device = 02:00.0
boot-index = 1
