[vm]
memory = 4G
gpu = 01:00.0

[gpu]
device = 0000:01:00.0
