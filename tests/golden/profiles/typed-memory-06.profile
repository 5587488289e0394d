[vm]
memory = 16,5G

[gpu]
device = 0000:01:00.0
