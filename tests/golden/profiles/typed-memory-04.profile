[vm]
memory = 16G RAM

[gpu]
device = 0000:01:00.0
