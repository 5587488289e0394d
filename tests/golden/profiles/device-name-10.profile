[vm]
memory = 4G

[gpu]
device = 00:01:00.0
