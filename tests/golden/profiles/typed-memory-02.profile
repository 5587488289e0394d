[vm]
memory = 16384M RAM

[gpu]
device = 0000:01:00.0
