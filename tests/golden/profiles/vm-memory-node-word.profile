[vm]
memory = 4G
memory-node = auto

[gpu]
device = 0000:01:00.0
