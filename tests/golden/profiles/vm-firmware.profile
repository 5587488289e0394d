[vm]
memory = 4G
firmware = efi

[gpu]
device = 0000:01:00.0
