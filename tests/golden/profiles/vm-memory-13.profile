[vm]
memory = 0x10G

[gpu]
device = 0000:01:00.0
