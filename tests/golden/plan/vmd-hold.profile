# tree: laptop-vmd
[vm]
memory = 1G
firmware = bios
[display]
type = none
[pci]
device = 00:0e.0
group = hold
