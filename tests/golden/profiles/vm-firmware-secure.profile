[vm]
memory = 4G
firmware = uefi-secure

[gpu]
device = 0000:01:00.0
