[vm]
memory = 512M
[pci]
device = 00:1f.3
[pci]
device = 00:1f.6
[display]
type = none
