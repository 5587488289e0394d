[vm]
memory = 4G
firmware = uefi-secure
machine = pc
[gpu]
device = 01:00.0
