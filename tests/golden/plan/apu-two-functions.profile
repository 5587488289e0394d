# tree: apu-shared
[vm]
memory = 4G
firmware = bios
[pci]
device = 05:00.0
[pci]
device = 05:00.1
[display]
type = none
