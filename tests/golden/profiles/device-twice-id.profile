[vm]
memory = 4G

[pci]
device = 8086:15b8

[pci]
device = 8086:15B8

[display]
type = none
