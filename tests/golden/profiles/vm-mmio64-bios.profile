[vm]
memory = 4G
firmware = bios
mmio64 = 64G

[gpu]
device = 0000:01:00.0
