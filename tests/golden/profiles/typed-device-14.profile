[vm]
memory = 4G

[gpu]
device = RTX 3070
