[vm]
memory = 16384

[gpu]
device = 0000:01:00.0
