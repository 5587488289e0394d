[vm]
memory = 4G

[gpu]
device = 10de 2486
