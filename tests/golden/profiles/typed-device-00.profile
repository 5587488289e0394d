[vm]
memory = 4G

[gpu]
device = 1:0.0
