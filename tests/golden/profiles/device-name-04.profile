[vm]
memory = 4G

[gpu]
device = 1:00.0
