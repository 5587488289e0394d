[vm]
memory = 4G
name = ab

[gpu]
device = 0000:01:00.0
