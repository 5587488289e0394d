# tree: x570-four-functions
[vm]
memory = 1G
firmware = bios
[display]
type = none
[pci]
device = 0a:00.2
group = hold
