[vm]
memory = 4G

[gpu]
device = nvidia
