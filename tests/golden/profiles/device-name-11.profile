[vm]
memory = 4G

[gpu]
device = GeForce RTX 3060
