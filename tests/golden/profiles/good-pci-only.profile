[vm]
memory = 512M
firmware = bios

[pci]
device = 0000:00:05.0

[display]
type = none
