[vm]
memory = "16G

[gpu]
device = 0000:01:00.0
