[vm]
memory = 4X

[gpu]
device = 0000:01:00.0
