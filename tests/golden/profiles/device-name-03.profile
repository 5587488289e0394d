[vm]
memory = 4G

[gpu]
device = 01:0.0
