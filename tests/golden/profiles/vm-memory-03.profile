[vm]
memory = 4g

[gpu]
device = 0000:01:00.0
