[vm]
memory = 16GB

[gpu]
device = 0000:01:00.0
