[vm]
memory = 4G
affinity = 4-7

[gpu]
device = 0000:01:00.0
