[vm]
memory = 4G

[gpu]
device = 01.00.0
