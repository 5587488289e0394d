[vm]
memory = 4G
firmware = UEFI

[gpu]
device = 0000:01:00.0
