[vm]
memory = 4 G

[gpu]
device = 0000:01:00.0
