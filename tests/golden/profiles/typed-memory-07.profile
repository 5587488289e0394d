[vm]
memory = 16 G B

[gpu]
device = 0000:01:00.0
