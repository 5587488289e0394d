[vm]
memory = 4G
firmware = ovmf

[gpu]
device = 0000:01:00.0
