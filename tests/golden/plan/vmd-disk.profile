# tree: laptop-vmd
[vm]
memory = 1G
firmware = bios
[display]
type = none
[pci]
device = 10000:e1:00.0
