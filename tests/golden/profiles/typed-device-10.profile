[vm]
memory = 4G

[gpu]
device = 0x10de:0x2486
