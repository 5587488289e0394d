[vm]
memory = 4G
bios = ovmf

[gpu]
device = 0000:01:00.0
