[vm]
memory = 16g

[gpu]
device = 0000:01:00.0
