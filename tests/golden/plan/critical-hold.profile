# tree: laptop-vmd
[vm]
memory = 1G
firmware = bios
[display]
type = none
[pci]
device = 00:1f.3
group = hold
