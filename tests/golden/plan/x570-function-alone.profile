# tree: x570-four-functions
[vm]
memory = 1G
[pci]
device = 0a:00.0
[display]
type = none
